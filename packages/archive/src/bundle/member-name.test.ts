import { describe, expect, it } from "vitest";
import { foldedName, isHarmlessDirectory, memberPathOf } from "./member-name.ts";

describe("memberPathOf", () => {
  it.each([
    "manifest.json",
    ".waybill/tree.json",
    "master.log",
    "containers/c1/app.log",
    "containers/%41lpha/app@4711.20260115T110000000Z-000001.log.gz",
    "flows/main_fast_event_flows.log",
    "archived/master/2026-01-15/master.20260115T110000000Z-000001.log.gz",
  ])("takes %s, also behind a dot", (name) => {
    expect([memberPathOf(name), memberPathOf(`./${name}`)]).toEqual([name, name]);
  });

  it.each([
    "containers/a/app.20260115T110000000Z.torn",
    "containers/a/app.20260115T110000000Z.quarantine",
    "",
    ".",
    "..",
    "/master.log",
    "../master.log",
    "./../master.log",
    "././master.log",
    "containers/c1/",
  ])("refuses %j", (name) => {
    expect(memberPathOf(name)).toBe(undefined);
  });
});

describe("isHarmlessDirectory", () => {
  it("takes directories that lead down, and refuses all others", () => {
    expect(["./", "containers/", "./containers/c1", ".waybill/"].map(isHarmlessDirectory)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["/", "../", "a/../../b/", "C:/", "a\\b", ""].map(isHarmlessDirectory)).toEqual(
      Array(6).fill(false),
    );
  });
});

describe("foldedName", () => {
  it("is one for names that differ in case only", () => {
    expect(foldedName("containers/Alpha/App.log")).toBe(foldedName("containers/alpha/app.log"));
  });
});
