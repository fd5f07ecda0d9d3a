import { describe, expect, it } from "vitest";
import { ByteBuffer } from "./byte-buffer.ts";

describe("byte buffer", () => {
  it("keeps what was appended while it grows", () => {
    const buffer = new ByteBuffer();
    const expected: number[] = [];
    for (let part = 0; part < 50; part++) {
      const bytes = Uint8Array.from({ length: part * 7 }, (_, index) => (part + index) & 0xff);
      buffer.append(bytes);
      expected.push(...bytes);
    }
    expect([...buffer.view()]).toEqual(expected);
  });

  it("appends its own bytes, though growing replaces them", () => {
    const buffer = new ByteBuffer();
    buffer.append(Buffer.alloc(200, 7));
    buffer.append(buffer.view());
    expect([buffer.length, new Set(buffer.view())]).toEqual([400, new Set([7])]);
  });

  it("at least doubles when it grows, and does not grow for what fits", () => {
    const buffer = new ByteBuffer(1000);
    buffer.length = 1000;
    const before = buffer.bytes;
    buffer.reserve(0);
    expect(buffer.bytes).toBe(before);
    buffer.reserve(1);
    expect(buffer.bytes.length).toBe(2000);
    buffer.reserve(5000);
    expect(buffer.bytes.length).toBe(6000);
  });

  it("forgets a tail when its length is set back", () => {
    const buffer = new ByteBuffer();
    buffer.append(Buffer.from("kept,lost"));
    buffer.length = 4;
    buffer.append(Buffer.from("!"));
    expect(Buffer.from(buffer.view()).toString()).toBe("kept!");
  });

  it("has a smallest capacity", () => {
    expect(new ByteBuffer(0).bytes.length).toBe(256);
  });
});
