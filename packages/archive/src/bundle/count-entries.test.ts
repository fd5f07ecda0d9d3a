import { describe, expect, it } from "vitest";
import { createEntryCounter, type EntryCount } from "./count-entries.ts";

const header = {
  level: "INFO",
  message: "m",
  container_id: "c",
  component_name: "a",
  event_scope: "internal_bus",
};
const line = `${JSON.stringify({ timestamp: "2026-01-15T10:00:00.000Z", ...header, seq: 1 })}\n`;

function countOf(text: string, chunkBytes: number): EntryCount {
  const counter = createEntryCounter();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) counter.update(bytes.subarray(at, at + chunkBytes));
  return counter.count();
}

describe("createEntryCounter", () => {
  it.each([1, 10, line.length, 1000])(
    "tells entries from other lines and a torn end, in chunks of %i bytes",
    (size) => {
      expect(countOf(`${line}no entry\n${line}\n${line}torn`, size)).toEqual({
        entries: 3,
        invalidLines: 2,
        tornBytes: 4,
      });
    },
  );

  it("counts a line of more than 8 MiB once, as no entry, and goes on behind it", () => {
    const long = `${"x".repeat(9 * 1024 * 1024)}\n`;
    expect(countOf(line + long + line, 262_144)).toEqual({ entries: 2, invalidLines: 1, tornBytes: 0 });
  });
});
