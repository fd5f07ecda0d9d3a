import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createWriterPool } from "../src/writer-pool.ts";
import {
  entryOf,
  numbersOf,
  openSubject,
  readStream,
  segmentNames,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

const hourMs = 3_600_000;
const always = Number.POSITIVE_INFINITY;

describe("a full queue", () => {
  it.each([
    ["drop_lowest_level", [1]],
    ["drop_oldest", []],
  ] as const)("drops by its policy: %s", (overflow, kept) => {
    const { writer, files, clock } = openSubject({ overflow, queueBytesMax: 4096 });
    files.inject({ verb: "write", error: "ENOSPC", times: always });
    writer.write(entryOf(1, "ERROR"));
    writeRange(writer, 2, 60);
    files.clearFaults();
    clock.advance(2000);
    const numbers = numbersOf(readStream(files));
    expect(numbers.filter((n) => n === 1)).toEqual(kept);
    expect(numbers.at(-1)).toBe(60);
    expect(unaccounted(writer)).toBe(0);
    expect(writer.status().dropped).toBe(60 - numbers.length);
  });

  it("keeps the caller for blockMsMax at most, and loses nothing when there is room by then", () => {
    const { writer, files } = openSubject({ overflow: "block", blockMsMax: 30, queueBytesMax: 4096 });
    files.inject({ verb: "write", error: "ENOSPC", times: 4 });
    writer.write(entryOf(1, "ERROR"));
    writeRange(writer, 2, 60);
    expect(writer.status().dropped).toBe(0);
    files.inject({ verb: "write", error: "ENOSPC", times: always });
    const began = performance.now();
    writer.write(entryOf(61, "ERROR", { text: "x".repeat(8000) }));
    writer.write(entryOf(62));
    expect(performance.now() - began).toBeLessThan(1000);
    expect(unaccounted(writer)).toBe(0);
  });

  it("gives its share of the total back when it is written, so that others are not dropped for it", () => {
    const clock = createFakeClock();
    const files = createFaultyFileSystem({ clock });
    const pool = createWriterPool({ queuesBytesMax: 65_536 }, { fileSystem: files, clock });
    const [first, second] = ["a", "b"].map((name) => pool.open(`/logs/c1/${name}.log`));
    const fill = (writer: typeof first) => {
      files.inject({ verb: "write", error: "ENOSPC", times: always });
      writer?.write(entryOf(1, "ERROR"));
      for (let n = 2; n <= 50; n++) writer?.write(entryOf(n, "INFO", { text: "x".repeat(1000) }));
      files.clearFaults();
      clock.advance(2000);
    };
    fill(first);
    fill(second);
    expect([first?.status().dropped, second?.status().dropped]).toEqual([0, 0]);
  });

  it("drops when all together wait for more than the total", () => {
    const clock = createFakeClock();
    const files = createFaultyFileSystem({ clock });
    const pool = createWriterPool({ queuesBytesMax: 65_536 }, { fileSystem: files, clock });
    files.inject({ verb: "write", error: "ENOSPC", times: always });
    for (const name of ["a", "b", "c"]) {
      const writer = pool.open(`/logs/c1/${name}.log`);
      writer.write(entryOf(1, "ERROR"));
      for (let n = 2; n <= 40; n++) writer.write(entryOf(n, "INFO", { text: "x".repeat(1000) }));
    }
    const { accepted, queued, dropped } = pool.status();
    expect(dropped).toBeGreaterThan(20);
    expect(accepted - queued - dropped).toBe(0);
  });
});

describe("rotation by the clock", () => {
  it.each([
    ["hourly", hourMs],
    ["daily", 24 * hourMs],
  ] as const)(
    "begins a segment with the first entry of a period, also after a restart: %s",
    async (rotate, periodMs) => {
      const clock = createFakeClock();
      const files = createFaultyFileSystem({ clock });
      const first = openSubject({ rotate }, { files, clock });
      first.writer.write(entryOf(1, "ERROR"));
      clock.advance(periodMs);
      expect(segmentNames(files)).toHaveLength(1);
      first.writer.write(entryOf(2, "ERROR"));
      first.writer.write(entryOf(3, "ERROR"));
      expect(segmentNames(files)).toHaveLength(2);
      await first.pool.close();
      clock.advance(3 * periodMs);
      const second = openSubject({ rotate }, { files, clock });
      second.writer.write(entryOf(4, "ERROR"));
      expect(segmentNames(files)).toHaveLength(3);
      expect(readStream(files).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
      await second.pool.close();
    },
  );
});
