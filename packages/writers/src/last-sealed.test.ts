import { gzipSync } from "node:zlib";
import { createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { findLeftovers, lastSealedNumber, readLastSealed } from "./last-sealed.ts";
import { parseStreamPath } from "./stream-path.ts";

const stream = parseStreamPath("/l/app.log");
const line = (seq: number): string =>
  `{"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","message":"m","container_id":"c","component_name":"a","event_scope":"internal_bus","seq":${seq}}\n`;
const name = (number: number, suffix = "", component = "app"): string =>
  `${component}.20260101T000000000Z-${String(number).padStart(6, "0")}.log${suffix}`;

function filesWith(contents: Record<string, string | Uint8Array>) {
  const files = createFaultyFileSystem();
  files.outside.makeDirectory("/l");
  for (const [file, content] of Object.entries(contents)) files.outside.writeFile(`/l/${file}`, content);
  return files;
}

describe("readLastSealed", () => {
  it.each([
    ["nothing", {}, { number: 0, lastSeq: 0 }],
    [
      "plain segments, by number and not by name",
      { [name(999_999)]: line(5), [name(1_000_000)]: line(9) },
      { number: 1_000_000, lastSeq: 9 },
    ],
    [
      "a compressed one",
      { [name(1)]: line(5), [name(2, ".gz")]: gzipSync(line(8) + line(9)) },
      { number: 2, lastSeq: 9 },
    ],
    [
      "a compressed one with a torn end",
      { [name(2, ".gz")]: gzipSync(`${line(9)}{"half`) },
      { number: 2, lastSeq: 9 },
    ],
    [
      "a cut compressed one",
      { [name(1)]: line(5), [name(2, ".gz")]: gzipSync(line(9)).subarray(0, 20) },
      { number: 2, lastSeq: 5 },
    ],
    ["both copies", { [name(2)]: line(9), [name(2, ".gz")]: "broken" }, { number: 2, lastSeq: 9 }],
    [
      "segments of other streams",
      { [name(7, "", "other")]: line(9), [name(8, ".gz.part")]: "x" },
      { number: 0, lastSeq: 0 },
    ],
  ])("reads the newest of: %s", (_what, contents, expected) => {
    const files = filesWith(contents);
    expect(readLastSealed(files, stream, true)).toEqual(expected);
    expect(lastSealedNumber(files, stream)).toBe(expected.number);
    expect(files.openDescriptors).toBe(0);
  });

  it("does not fall back on an older segment because the system failed, unless told to", () => {
    const files = filesWith({ [name(1)]: line(5), [name(2)]: line(9) });
    files.inject({ verb: "read", error: "EIO", path: name(2), times: 2 });
    expect(() => readLastSealed(files, stream, true)).toThrow("EIO");
    expect(readLastSealed(files, stream, false)).toEqual({ number: 2, lastSeq: 5 });
    expect(files.openDescriptors).toBe(0);
  });
});

describe("findLeftovers", () => {
  it("lists plain sealed segments, oldest first, and halves of compressed ones", () => {
    const files = filesWith({
      [name(3)]: "",
      [name(2)]: "",
      [name(1, ".gz")]: "",
      [name(2, ".gz.part")]: "",
      "app.log": "",
      [name(4, "", "other")]: "",
    });
    expect(findLeftovers(files, stream)).toEqual({
      plain: [`/l/${name(2)}`, `/l/${name(3)}`],
      parts: [`/l/${name(2, ".gz.part")}`],
    });
  });
});
