import { constants } from "node:fs";
import { createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { inspectTail } from "./tail.ts";

const line = (seq: number, text = ""): string =>
  `{"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO","message":"${text}","container_id":"c","component_name":"a","event_scope":"internal_bus","seq":${seq}}\n`;

function inspect(content: string | Uint8Array) {
  const files = createFaultyFileSystem();
  files.outside.writeFile("/a.log", content);
  const fd = files.open("/a.log", constants.O_RDONLY, 0);
  return inspectTail(files, fd, Buffer.byteLength(content));
}

const two = line(1) + line(2);
const sound = { soundBytes: two.length, lastSeq: 2, isForeign: false };
const long = line(1) + line(2, "x".repeat(200_000));

describe("inspectTail", () => {
  it.each([
    ["whole lines", two, sound],
    ["a torn line", `${two}{"timest`, sound],
    ["a tail of zero bytes", `${two}${"\0".repeat(5000)}`, sound],
    ["garbage with a newline at its end", `${two}garbage\n\n`, sound],
    ["a line longer than a block", long, { soundBytes: long.length, lastSeq: 2, isForeign: false }],
    ["a torn line longer than a block", `${two}${line(3, "x".repeat(200_000)).slice(0, -1)}`, sound],
    ["a single torn line", '{"timest', { soundBytes: 0, lastSeq: 0, isForeign: false }],
    ["zero bytes alone", "\0\0\0", { soundBytes: 0, lastSeq: 0, isForeign: false }],
    ["nothing", "", { soundBytes: 0, lastSeq: 0, isForeign: false }],
    [
      "lines of somebody else",
      "127.0.0.1 GET /\n".repeat(9000),
      { soundBytes: 0, lastSeq: 0, isForeign: true },
    ],
  ])("finds the end of the last whole entry in a file that ends in %s", (_what, content, tail) => {
    expect(inspect(content)).toEqual(tail);
  });

  it("takes a file whose last 8 MiB are zero for damaged as a whole, so that nothing is cut", () => {
    const content = Buffer.concat([Buffer.from(two), Buffer.alloc(8_388_608)]);
    expect(inspect(content)).toEqual({ soundBytes: 0, lastSeq: 0, isForeign: true });
  });
});
