import { afterEach, describe, expect, it } from "vitest";
import type { StreamOptions, WriterMode } from "../src/writer-options.ts";
import { closePlaced, type PlacedStream, type Placement, placements } from "./support/placements.ts";
import { codeOfRejection, gapsOf, range, unaccounted, writeRange } from "./support/stream-subject.ts";

afterEach(closePlaced);

const modes = ["sync", "batched", "durable"] as const;

/** Gives a stream other options. */
function change({ pool }: Pick<PlacedStream, "pool">, options: StreamOptions): void {
  pool.reconfigure({ streamOptionsOf: () => options });
}

/** Other modes than that of a placement; `sync` streams of a pool with workers are made of these. */
function otherModes({ mode }: Placement): readonly WriterMode[] {
  return modes.filter((other) => other !== mode);
}

describe.each(placements)("a stream whose options change, $name", (placement) => {
  const { mode } = placement;

  it("keeps its segments within the new limit, from the next entry on", async () => {
    const stream = placement.open();
    writeRange(stream.writer, 1, 20);
    await stream.writer.flush();
    change(stream, { mode, segmentBytesMax: 1024 });
    writeRange(stream.writer, 21, 40);
    await stream.writer.flush();
    expect([stream.numbers(), stream.seqs()]).toEqual([range(1, 40), range(1, 40)]);
    const sizes = stream
      .segmentNames()
      .slice(1)
      .map((name) => stream.files.outside.readFile(`${stream.directory}/${name}`).length);
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes.filter((size) => size > 1024)).toEqual([]);
  });

  it("writes what waits for a long interval when the new one is over", async () => {
    const stream = placement.open({ flushIntervalMs: 60_000 });
    writeRange(stream.writer, 1, 3);
    change(stream, { mode, flushIntervalMs: 10 });
    await stream.eventually(() => stream.writer.status().queued === 0);
    expect(stream.numbers()).toEqual(range(1, 3));
  });

  it("is opened with its new options, and refused with the old ones", async () => {
    const stream = placement.open({ batchEntriesMax: 5 });
    change(stream, { mode, batchEntriesMax: 7 });
    const again = stream.pool.open(stream.activePath, { mode, batchEntriesMax: 7 });
    writeRange(stream.writer, 1, 1);
    writeRange(again, 2, 2);
    await again.flush();
    expect(stream.numbers()).toEqual([1, 2]);
    expect(() => stream.pool.open(stream.activePath, { mode, batchEntriesMax: 5 })).toThrow(
      /is open with batchEntriesMax 7, not 5/,
    );
  });

  it("has its new bound of a queue kept by the next entry that waits", async () => {
    const stream = placement.open({ queueBytesMax: 1_048_576 });
    stream.obstruct();
    writeRange(stream.writer, 1, 1000);
    await codeOfRejection(stream.writer.flush());
    expect(stream.writer.status()).toMatchObject({ queued: 1000, dropped: 0 });
    change(stream, { mode, queueBytesMax: 4096 });
    expect(stream.writer.status()).toMatchObject({ queued: 1000, dropped: 0 });
    writeRange(stream.writer, 1001, 1100);
    await codeOfRejection(stream.writer.flush());
    stream.clear();
    await stream.writer.flush();
    const { dropped } = stream.writer.status();
    expect(dropped).toBeGreaterThan(900);
    expect(stream.numbers()).toHaveLength(1100 - dropped);
    expect(gapsOf(stream.entries()).reduce((sum, gap) => sum + Number(gap["dropped"]), 0)).toBe(dropped);
  });

  describe.each(otherModes(placement))("to %s", (to) => {
    it("goes on behind the same handles, in order, without a loss, and counts on", async () => {
      const stream = placement.open();
      const second = stream.pool.open(stream.activePath, { mode });
      writeRange(stream.writer, 1, 5);
      const flushed = codeOfRejection(second.flush());
      const before = stream.writer.status();
      change(stream, { mode: to });
      expect(stream.writer.status()).toMatchObject({ accepted: 5, dropped: 0 });
      expect(stream.writer.status().written).toBeGreaterThanOrEqual(before.written);
      writeRange(second, 6, 10);
      expect(await flushed).toBe("resolved");
      await stream.writer.flush();
      expect(stream.writer.status()).toMatchObject({ state: "open", accepted: 10, written: 10, queued: 0 });
      expect([stream.numbers(), stream.seqs()]).toEqual([range(1, 10), range(1, 10)]);
      expect(stream.pool.status()).toMatchObject({ streams: 1, accepted: 10, written: 10, dropped: 0 });
      await second.close();
      writeRange(stream.writer, 11, 12);
      await stream.writer.close();
      expect(stream.numbers()).toEqual(range(1, 12));
      expect(stream.pool.status()).toMatchObject({ streams: 0, accepted: 12, written: 12, descriptors: 0 });
    });

    it("and back, again and again, in the midst of its entries", async () => {
      const stream = placement.open({ segmentBytesMax: 4096 });
      const written: number[] = [];
      for (const round of range(0, 19)) {
        writeRange(stream.writer, round * 10 + 1, round * 10 + 10);
        change(stream, { mode: round % 2 === 0 ? to : mode, segmentBytesMax: 4096 });
        written.push(stream.writer.status().written);
        expect(unaccounted(stream.writer)).toBe(0);
        if (round % 5 === 4) await stream.writer.flush();
      }
      await stream.writer.flush();
      expect([stream.numbers(), stream.seqs()]).toEqual([range(1, 200), range(1, 200)]);
      expect(written).toEqual([...written].sort((a, b) => a - b));
      expect(stream.writer.status()).toMatchObject({ accepted: 200, written: 200, dropped: 0 });
    });

    it("loses nothing of what waits for a file that fails, and changes once it can be written", async () => {
      const stream = placement.open();
      stream.obstruct();
      writeRange(stream.writer, 1, 5);
      expect(await codeOfRejection(stream.writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
      change(stream, { mode: to });
      writeRange(stream.writer, 6, 8);
      expect(stream.writer.status()).toMatchObject({ state: "degraded", queued: 8, dropped: 0 });
      expect(await codeOfRejection(stream.writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
      stream.clear();
      await stream.eventually(() => stream.writer.status().written === 8);
      await stream.eventually(() => stream.writer.status().state === "open");
      await stream.writer.flush();
      writeRange(stream.writer, 9, 9);
      await stream.writer.flush();
      expect([stream.numbers(), stream.seqs()]).toEqual([range(1, 9), range(1, 9)]);
      expect(stream.writer.status()).toMatchObject({ accepted: 9, written: 9, dropped: 0 });
    });

    it("of a stream without entries begins it as ever", async () => {
      const stream = placement.open();
      change(stream, { mode: to });
      await stream.writer.flush();
      writeRange(stream.writer, 1, 2);
      await stream.writer.flush();
      expect([stream.numbers(), stream.seqs()]).toEqual([
        [1, 2],
        [1, 2],
      ]);
    });

    it("goes on with its numbers though its file was moved just before", async () => {
      const stream = placement.open();
      writeRange(stream.writer, 1, 5);
      await stream.writer.flush();
      stream.files.outside.rename(stream.activePath, `${stream.activePath}.aside`);
      change(stream, { mode: to });
      writeRange(stream.writer, 6, 7);
      await stream.writer.flush();
      expect([stream.numbers(), stream.seqs()]).toEqual([
        [6, 7],
        [6, 7],
      ]);
      stream.files.outside.rename(stream.activePath, `${stream.activePath}.aside`);
      change(stream, { mode });
      writeRange(stream.writer, 8, 9);
      await stream.writer.flush();
      expect([stream.numbers(), stream.seqs()]).toEqual([
        [8, 9],
        [8, 9],
      ]);
    });

    it("is sealed by the pool in the midst of it", async () => {
      const stream = placement.open();
      writeRange(stream.writer, 1, 5);
      const sealed = stream.pool.seal(stream.activePath);
      change(stream, { mode: to });
      writeRange(stream.writer, 6, 7);
      await sealed;
      await stream.writer.flush();
      writeRange(stream.writer, 8, 8);
      await stream.writer.flush();
      expect(stream.segmentNames().length).toBeGreaterThanOrEqual(2);
      expect([stream.numbers(), stream.seqs()]).toEqual([range(1, 8), range(1, 8)]);
    });
  });

  it("has each entry in the file before write returns once it is sync", async () => {
    const stream = placement.open();
    writeRange(stream.writer, 1, 3);
    change(stream, { mode: "sync" });
    await stream.eventually(() => stream.writer.status().state === "open");
    writeRange(stream.writer, 4, 4);
    expect(stream.numbers()).toEqual(range(1, 4));
  });

  it("is left alone by changes that cannot be, and so are all others", async () => {
    const stream = placement.open({ segmentBytesMax: 2048 });
    const other = stream.pool.open(`${stream.directory}/other.log`, { mode });
    const streamOptionsOf = (path: string): StreamOptions =>
      path === stream.activePath ? { mode, segmentBytesMax: 1024 } : { mode, flushIntervalMs: 0 };
    expect(() => stream.pool.reconfigure({ streamOptionsOf })).toThrow(/flushIntervalMs/);
    const told = new Error("of the application");
    const fail = () => {
      throw told;
    };
    expect(() => stream.pool.reconfigure({ streamOptionsOf: fail, descriptorsMax: 1 })).toThrow(told);
    expect(() => stream.pool.reconfigure({ streamOptionsOf: () => ({ mode }), queuesBytesMax: 1 })).toThrow(
      /queuesBytesMax/,
    );
    expect(stream.pool.open(stream.activePath, { mode, segmentBytesMax: 2048 })).toBeDefined();
    expect(stream.pool.open(`${stream.directory}/other.log`, { mode })).toBeDefined();
    writeRange(other, 1, 1);
    await other.flush();
  });
});

describe.each(placements.filter(({ name }) => name.includes("worker")))(
  "a flush, $name",
  ({ open, mode }) => {
    it("that waits for a stream before is not rejected for a change", async () => {
      const stream = open();
      writeRange(stream.writer, 1, 5);
      const closed = stream.writer.close();
      const again = stream.pool.open(stream.activePath, { mode: "sync" });
      const flushed = codeOfRejection(again.flush());
      change(stream, { mode });
      expect(await flushed).toBe("resolved");
      writeRange(again, 6, 7);
      await again.flush();
      await closed;
      expect([stream.numbers(), stream.seqs()]).toEqual([range(1, 7), range(1, 7)]);
    });
  },
);
