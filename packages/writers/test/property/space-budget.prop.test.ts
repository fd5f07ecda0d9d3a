import type { Level, Writer } from "@waybill/protocols";
import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSpaceBudget } from "../../src/space/space-budget.ts";
import type { WriterMode } from "../../src/writer-options.ts";
import { createWriterPool } from "../../src/writer-pool.ts";
import {
  codeOfRejection,
  directory,
  entryOf,
  gapsOf,
  numbersOf,
  readStream,
  unaccounted,
} from "../support/stream-subject.ts";

type Step =
  | { readonly do: "write"; readonly stream: number; readonly level: Level; readonly size: number }
  | { readonly do: "add" | "set"; readonly bytes: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "flush"; readonly stream: number }
  | { readonly do: "fail"; readonly verb: "write" | "open" | "link"; readonly times: number }
  | { readonly do: "short"; readonly bytes: number }
  | { readonly do: "recover" };

const stream = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      stream,
      level: fc.constantFrom<Level>("DEBUG", "INFO", "ERROR"),
      size: fc.integer({ min: 0, max: 900 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("add" as const, "set" as const),
      bytes: fc.integer({ min: -500, max: 3000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 60 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("flush" as const), stream }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      verb: fc.constantFrom("write" as const, "open" as const, "link" as const),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("short" as const), bytes: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("recover" as const) }) },
);

/** Several streams over memory that may write so much together. */
class Subject {
  readonly clock = createFakeClock();
  readonly files = createFaultyFileSystem({ clock: this.clock });
  readonly space = createSpaceBudget();
  pressures = 0;
  readonly pool = createWriterPool(
    { descriptorsMax: 3, space: this.space, onPressure: () => void this.pressures++ },
    { fileSystem: this.files, clock: this.clock },
  );
  readonly writers: readonly Writer[];
  readonly written: number[][] = [[], [], [], []];
  /** What the files may rise to. */
  ceiling = 0;
  #n = 0;

  constructor(mode: WriterMode) {
    const options = { mode, segmentBytesMax: 2048, queueBytesMax: 8192 };
    this.writers = this.written.map((_, index) => this.pool.open(`${directory}/s${index}.log`, options));
    this.space.set(0);
  }

  write(index: number, level: Level, size: number): void {
    const n = ++this.#n;
    this.written[index]?.push(n);
    this.writers[index]?.write(entryOf(n, level, { text: "x".repeat(size) }));
  }

  add(bytes: number): void {
    this.space.add(bytes);
    this.ceiling += bytes;
  }

  set(bytes: number): void {
    this.space.set(bytes);
    this.ceiling = this.space.takenBytes + bytes;
  }

  /** Bytes of all files; each counts once, whatever its names. */
  get onDisk(): number {
    if (this.files.lstat(directory) === undefined) return 0;
    const sizes = new Map<bigint, number>();
    for (const { name } of this.files.readdir(directory)) {
      const stats = this.files.lstat(`${directory}/${name}`);
      if (stats !== undefined) sizes.set(stats.inode, stats.size);
    }
    return [...sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  async perform(now: Step): Promise<void> {
    if (now.do === "write") this.write(now.stream, now.level, now.size);
    else if (now.do === "add") this.add(now.bytes);
    else if (now.do === "set") this.set(now.bytes);
    else if (now.do === "advance") this.clock.advance(now.ms);
    else if (now.do === "flush")
      await codeOfRejection(this.writers[now.stream]?.flush() ?? Promise.resolve());
    else if (now.do === "fail") this.files.inject({ verb: now.verb, error: "EIO", times: now.times });
    else if (now.do === "short") this.files.inject({ verb: "write", shortWriteBytes: now.bytes });
    else this.files.clearFaults();
  }
}

async function play(mode: WriterMode, steps: readonly Step[]): Promise<void> {
  const subject = new Subject(mode);
  const { space, writers, files, clock, pool } = subject;
  let grants = 1;
  for (const now of steps) {
    const before = subject.onDisk;
    await subject.perform(now);
    grants += Number(now.do === "add" || now.do === "set");
    expect(subject.onDisk).toBeLessThanOrEqual(Math.max(before, subject.ceiling));
    // Every byte on disk was taken, and none is taken that is not there.
    expect([space.takenBytes, space.remainingBytes]).toEqual([
      subject.onDisk,
      Math.max(0, subject.ceiling - subject.onDisk),
    ]);
    expect(writers.map(unaccounted)).toEqual([0, 0, 0, 0]);
    expect(subject.pressures).toBeLessThanOrEqual(grants);
  }
  files.clearFaults();
  // What failed otherwise is tried again within a second.
  clock.advance(1000);
  const ofStream = writers.map((writer) => writer.status());
  subject.set(1_000_000);
  clock.advance(Math.max(20, ...ofStream.map(({ lastFailure }) => retryMsOf(lastFailure?.code))));
  await pool.flush();
  expect(pool.status()).toMatchObject({ queued: 0, degraded: 0 });
  expect(space.takenBytes).toBe(subject.onDisk);
  for (const [index, writer] of writers.entries()) {
    const entries = readStream(files, directory, `s${index}`);
    const { accepted, written, dropped } = writer.status();
    const found = numbersOf(entries);
    const told = gapsOf(entries).reduce((sum, gap) => sum + Number(gap["dropped"]), 0);
    expect([accepted, found.length, told]).toEqual([subject.written[index]?.length, written, dropped]);
    expect(found).toEqual(subject.written[index]?.filter((n) => found.includes(n)));
  }
}

/** Of the file system a failure is tried again after a second at most, want of space within 20 ms. */
function retryMsOf(code: string | undefined): number {
  return code === undefined || code === "WAYBILL_SPACE_EXHAUSTED" ? 20 : 1000;
}

describe("any order of writes of several streams, room and faults", () => {
  it.each(["sync", "batched"] as const)(
    "holds never more than was granted, loses nothing unaccounted, and catches up: %s",
    { timeout: 60_000 },
    async (mode) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => play(mode, steps)),
        { seed: 20_260_401, numRuns: 200 },
      );
    },
  );
});
