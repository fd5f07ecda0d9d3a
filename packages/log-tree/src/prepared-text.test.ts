import { describe, expect, it } from "vitest";
import { textOf } from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { appendPrepared, PreparedText } from "./prepared-text.ts";

describe("prepared text", () => {
  it("is copied as it is, whatever its length and its bytes", () => {
    const everyByte = Buffer.from(Array.from({ length: 0x7f }, (_, byte) => byte));
    const highest = Buffer.from("\u{10ffff}\u{10ffff}~~~~\uffff\u07ff~~~~~~");
    for (const source of [everyByte, highest]) {
      for (let from = 0; from < 8; from++) {
        for (let length = 0; length <= source.length - from; length++) {
          const bytes = source.subarray(from, from + length);
          const into = new ByteBuffer();
          appendPrepared(into, new PreparedText(bytes));
          expect(Buffer.from(into.view()).equals(bytes)).toBe(true);
        }
      }
    }
  });

  it("stands behind what is there, though the buffer grows for it", () => {
    const into = new ByteBuffer();
    const text = new PreparedText(Buffer.from("0123456789"));
    for (let count = 0; count < 100; count++) appendPrepared(into, text);
    expect(textOf(into)).toBe("0123456789".repeat(100));
  });
});
