import { afterEach, describe, expect, it, vi } from "vitest";
import { closePlaced, type PlacedStream, placements } from "./support/placements.ts";
import { entryOf, openSubject, range, writeRange } from "./support/stream-subject.ts";

afterEach(closePlaced);

function sizeOf({ files, activePath }: PlacedStream): number {
  return files.lstat(activePath)?.size ?? 0;
}

describe.each(placements)("the list of streams, $name", (placement) => {
  it("has every open stream as it is known, and none that is closed", async () => {
    const stream = placement.open({ segmentBytesMax: 2048 });
    const { pool, activePath } = stream;
    const nothing = { path: activePath, activeBytes: 0, sealed: 0, lastWriteMs: undefined };
    expect(pool.streams()).toEqual([{ ...nothing, status: stream.writer.status() }]);
    writeRange(stream.writer, 1, 30);
    await stream.writer.flush();
    await stream.eventually(() => pool.streams()[0]?.sealed === stream.segmentNames().length - 1);
    const [known] = pool.streams();
    expect(known).toMatchObject({
      ...{ path: activePath, activeBytes: sizeOf(stream), sealed: stream.segmentNames().length - 1 },
      status: { accepted: 30, written: 30 },
    });
    expect(known?.sealed).toBeGreaterThan(1);
    await pool.seal(activePath);
    expect(pool.streams()).toMatchObject([{ activeBytes: 0, sealed: stream.segmentNames().length }]);
    await stream.writer.close();
    expect(pool.streams()).toEqual([]);
  });

  it("has the time of the last write", async () => {
    const stream = placement.open();
    const times = [stream.now()];
    for (const n of range(1, 2)) {
      stream.writer.write(entryOf(n));
      await stream.writer.flush();
      const flushedMs = stream.now();
      times.push(stream.pool.streams()[0]?.lastWriteMs ?? 0, flushedMs);
      await stream.eventually(() => stream.now() > flushedMs + 10);
    }
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[3]).toBeGreaterThan(times[2] ?? 0);
  });
});

describe.each(placements)("onWritten, $name", (placement) => {
  it("is told of every write, with the time at which its oldest entry came in", async () => {
    const told: [number, number][] = [];
    const stream = placement.open(
      { flushIntervalMs: 20 },
      { onWritten: (oldestMs, writtenMs) => void told.push([oldestMs, writtenMs]) },
    );
    for (const n of range(1, 3)) {
      writeRange(stream.writer, 10 * n, 10 * n + 4);
      await stream.writer.flush();
      await stream.eventually(() => told.length >= n);
    }
    const each = placement.mode === "sync" ? 5 : 1;
    await stream.eventually(() => told.length >= 3 * each);
    expect(told).toHaveLength(3 * each);
    const times = told.flat();
    expect(times.every((ms, index) => Number.isInteger(ms) && ms >= (times[index - 1] ?? 0))).toBe(true);
  });

  it.each([
    ["from the beginning", false],
    ["in the midst of its work", true],
  ])("is told of nothing that is not written, and of all that waited once it is: %s", async (_, hasBegun) => {
    const told: [number, number][] = [];
    const stream = placement.open(
      {},
      { onWritten: (oldestMs, writtenMs) => void told.push([oldestMs, writtenMs]) },
    );
    writeRange(stream.writer, 1, hasBegun ? 1 : 0);
    await stream.writer.flush();
    await stream.eventually(() => told.length === Number(hasBegun));
    stream.files.outside.removeDirectory(stream.directory);
    stream.obstruct();
    stream.pool.reopen();
    const sinceMs = stream.now();
    writeRange(stream.writer, 2, 3, "ERROR");
    await stream.writer.flush().catch(() => undefined);
    await stream.eventually(() => stream.now() > sinceMs + 30);
    expect(told).toHaveLength(Number(hasBegun));
    stream.clear();
    await stream.eventually(() => told.length > Number(hasBegun));
    const [oldestMs = 0, writtenMs = 0] = told[Number(hasBegun)] ?? [];
    expect(oldestMs - sinceMs).toBeLessThan(25);
    expect(writtenMs - oldestMs).toBeGreaterThanOrEqual(25);
  });

  it("may log, and may throw", async () => {
    let logged = 0;
    const stream: PlacedStream = placement.open(
      {},
      {
        onWritten: () => {
          if (logged < 20) stream.writer.write(entryOf(1000 + logged++, "ERROR"));
          throw new Error("of the application");
        },
      },
    );
    writeRange(stream.writer, 1, 30);
    await stream.eventually(() => logged === 20);
    await stream.writer.flush();
    expect(stream.numbers().filter((n) => Number(n) < 1000)).toEqual(range(1, 30));
    expect(stream.numbers()).toHaveLength(50);
    expect(stream.seqs()).toEqual(range(1, 50));
  });
});

describe("onWritten", () => {
  it("is told of the oldest entry of a batch, on the clock of the pool", () => {
    const told: number[][] = [];
    const { writer, clock } = openSubject(
      { flushIntervalMs: 50 },
      { poolOptions: { onWritten: (...times) => void told.push(times) } },
    );
    const startMs = clock.now();
    writer.write(entryOf(1));
    clock.advance(30);
    writer.write(entryOf(2));
    clock.advance(100);
    writer.write(entryOf(3));
    writer.flushSync();
    clock.advance(1);
    expect(told).toEqual([
      [startMs, startMs + 50],
      [startMs + 130, startMs + 130],
    ]);
  });

  it("keeps the account of many writes in one turn within bounds, and loses none of their times", () => {
    const told: number[][] = [];
    const { writer, clock } = openSubject(
      { mode: "sync" },
      { poolOptions: { onWritten: (...times) => void told.push(times) } },
    );
    const startMs = clock.now();
    writeRange(writer, 1, 3000);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toHaveLength(1024);
    expect(new Set(told.flat())).toEqual(new Set([startMs]));
  });

  it("is told of all by the time the pool is closed", async () => {
    const told: number[][] = [];
    const { pool, writer } = openSubject(
      {},
      { poolOptions: { onWritten: (...times) => void told.push(times) } },
    );
    writeRange(writer, 1, 3);
    await pool.close();
    expect(told).toHaveLength(1);
  });

  it("costs one look at the clock for a batch, and none where nobody listens", async () => {
    const looks = async (onWritten?: () => void) => {
      const { pool, writer, clock } = openSubject({}, { poolOptions: onWritten ? { onWritten } : {} });
      writeRange(writer, 1, 1);
      await pool.flush();
      const now = vi.spyOn(clock, "now");
      writeRange(writer, 2, 20);
      return now.mock.calls.length;
    };
    expect([await looks(), await looks(() => undefined)]).toEqual([0, 1]);
  });
});
