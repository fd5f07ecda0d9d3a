import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { parseStreamPath, sealedNameOf, sealedPath } from "./stream-path.ts";

describe("parseStreamPath", () => {
  it("takes a path apart and makes it absolute", () => {
    expect(parseStreamPath("logs/c1/app@7.log")).toEqual({
      active: path.resolve("logs/c1/app@7.log"),
      directory: path.resolve("logs/c1"),
      component: "app",
      writer: "7",
    });
  });

  it.each([
    "/l/app",
    "/l/app.txt",
    "/l/a b.log",
    "/l/.log",
    "/l/a.20260101T000000000Z-000001.log",
    "/l/a.20260101T000000000Z.torn",
    "/l\0/a.log",
  ])("refuses %j", (file) => {
    expect(() => parseStreamPath(file)).toThrow(TypeError);
  });
});

describe("sealed names", () => {
  const stream = parseStreamPath("/l/app.log");

  it("stand beside the active segment", () => {
    expect(sealedPath(stream, 0, 3)).toBe("/l/app.19700101T000000000Z-000003.log");
    expect(sealedPath(stream, 0, 3, ".gz")).toBe("/l/app.19700101T000000000Z-000003.log.gz");
  });

  it.each([
    ["app.19700101T000000000Z-000003.log", 3],
    ["app.19700101T000000000Z-000003.log.gz", 3],
    ["app.log", undefined],
    ["app2.19700101T000000000Z-000003.log", undefined],
    ["app@7.19700101T000000000Z-000003.log", undefined],
    ["notes.txt", undefined],
  ])("of the stream are told from others: %s", (name, number) => {
    expect(sealedNameOf(stream, name)?.seal?.number).toBe(number);
  });
});
