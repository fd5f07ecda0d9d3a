import type { Level } from "@waybill/protocols";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { StreamOptions } from "../../src/writer-options.ts";
import { closePlaced, type PlacedStream, type Placement, placements } from "../support/placements.ts";
import {
  activePath,
  codeOfRejection,
  entryOf,
  gapsOf,
  numbersOf,
  openSubject,
  readStream,
  type StreamSubject,
  unaccounted,
} from "../support/stream-subject.ts";

afterEach(closePlaced);

type FaultVerb = "write" | "sync" | "link" | "unlink" | "open" | "lstat" | "truncate";

type Step =
  | { readonly do: "log"; readonly count: number; readonly size: number; readonly level: Level }
  | { readonly do: "reconfigure"; readonly options: StreamOptions; readonly isFlushing: boolean }
  | { readonly do: "flush" | "rotate" | "recover" | "reopen" }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "fail"; readonly verb: FaultVerb; readonly times: number }
  | { readonly do: "short"; readonly bytes: number };

const options: fc.Arbitrary<StreamOptions> = fc.record({
  mode: fc.constantFrom("sync", "batched", "durable"),
  segmentBytesMax: fc.constantFrom(1024, 3000, 1_000_000),
  flushIntervalMs: fc.constantFrom(1, 50, 60_000),
  batchEntriesMax: fc.constantFrom(1, 7, 1000),
  queueBytesMax: fc.constantFrom(4096, 1_048_576),
  overflow: fc.constantFrom("drop_lowest_level", "drop_oldest"),
  writeThrough: fc.boolean(),
  rotate: fc.constantFrom("never", "hourly", "daily"),
});

const log: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("log" as const),
  count: fc.integer({ min: 1, max: 8 }),
  size: fc.integer({ min: 0, max: 500 }),
  level: fc.constantFrom<Level>("DEBUG", "INFO", "ERROR"),
});
const reconfigure: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("reconfigure" as const),
  options,
  isFlushing: fc.boolean(),
});
const calm: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: log },
  { weight: 5, arbitrary: reconfigure },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("flush", "rotate") }) },
);
const any: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: calm },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("recover", "reopen") }) },
  {
    weight: 3,
    // Some of them longer than a file may be idle.
    arbitrary: fc.record({
      do: fc.constant("advance" as const),
      ms: fc.oneof(fc.integer({ min: 0, max: 1200 }), fc.constant(61_000)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      verb: fc.constantFrom<FaultVerb>("write", "sync", "link", "unlink", "open", "lstat", "truncate"),
      times: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("short" as const), bytes: fc.integer({ min: 1, max: 300 }) }),
  },
);

/** What stands in the files of a stream, against what its status says. */
function expectConserved(
  { writer }: Pick<StreamSubject, "writer">,
  entries: ReturnType<typeof readStream>,
): void {
  const { accepted, written, queued, dropped } = writer.status();
  const found = numbersOf(entries).map(Number);
  const seqs = entries.map(({ seq }) => seq);
  const told = gapsOf(entries).reduce((sum, gap) => sum + Number(gap["dropped"]), 0);
  expect({ queued, written, told }).toEqual({ queued: 0, written: accepted - dropped, told: dropped });
  expect(found).toHaveLength(written);
  expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
}

/** Runs the steps that need no fault. @returns what a flush under way came to; undefined when none was. */
async function perform(
  step: Step,
  { pool, writer, path }: Pick<StreamSubject, "pool" | "writer"> & { readonly path: string },
  nextNumber: () => number,
): Promise<unknown> {
  if (step.do === "log") {
    for (let count = 0; count < step.count; count++) {
      writer.write(entryOf(nextNumber(), step.level, { text: "x".repeat(step.size) }));
    }
  } else if (step.do === "flush") return codeOfRejection(writer.flush());
  else if (step.do === "rotate") return codeOfRejection(pool.seal(path));
  else if (step.do === "reopen") pool.reopen();
  else if (step.do === "reconfigure") {
    const flushed = step.isFlushing ? codeOfRejection(writer.flush()) : undefined;
    pool.reconfigure({ streamOptionsOf: () => step.options });
    // Who opens it now has to ask for the new options.
    await pool
      .open(path, step.options)
      .close()
      .catch(() => undefined);
    return flushed;
  }
  return undefined;
}

/** On a file system that fails, and a clock that stands. */
async function playInMemory(begin: StreamOptions, steps: readonly Step[]): Promise<void> {
  const subject = openSubject(begin);
  const { files, clock, writer } = subject;
  let n = 0;
  let isCalm = true;
  let before = writer.status();
  for (const step of steps) {
    if (step.do === "advance") await clock.advanceAsync(step.ms);
    else if (step.do === "fail") files.inject({ verb: step.verb, error: "EIO", times: step.times });
    else if (step.do === "short") files.inject({ verb: "write", shortWriteBytes: step.bytes });
    else if (step.do === "recover") files.clearFaults();
    isCalm &&= step.do !== "fail" && step.do !== "short";
    const outcome = await perform(step, { ...subject, path: activePath }, () => ++n);
    expect(isCalm ? (outcome ?? "resolved") : "resolved").toBe("resolved");
    const now = writer.status();
    expect(unaccounted(writer)).toBe(0);
    const counters = ["accepted", "dropped", "bytesWritten"] as const;
    expect(counters.filter((name) => now[name] < before[name])).toEqual([]);
    before = now;
  }
  files.clearFaults();
  await clock.advanceAsync(5000);
  writer.write(entryOf(++n));
  // What could not be synced when a durable stream found it is told once.
  await codeOfRejection(writer.flush());
  await writer.flush();
  expect(writer.status().state).toBe("open");
  expectConserved(subject, readStream(files));
  await subject.pool.close();
  expect(files.openDescriptors).toBe(0);
}

const roomy = (options: StreamOptions): StreamOptions => ({ ...options, queueBytesMax: 1_048_576 });

async function playOnDisk(stream: PlacedStream, steps: readonly Step[]): Promise<void> {
  let n = 0;
  for (const each of steps) {
    // Of a small queue a worker that is busy may drop, as it has always done.
    const step = each.do === "reconfigure" ? { ...each, options: roomy(each.options) } : each;
    const outcome = await perform(step, { ...stream, path: stream.activePath }, () => ++n);
    expect(outcome ?? "resolved").toBe("resolved");
    expect(unaccounted(stream.writer)).toBe(0);
  }
  stream.writer.write(entryOf(++n));
  await stream.writer.flush();
  expectConserved(stream, stream.entries());
  expect(stream.writer.status().dropped).toBe(0);
  await stream.pool.close();
}

describe("any order of entries, changes of options, flushes, rotations and faults", () => {
  it("loses nothing unaccounted, keeps the order, and rejects no flush for a change", async () => {
    await fc.assert(fc.asyncProperty(options, fc.array(any, { minLength: 1, maxLength: 60 }), playInMemory), {
      seed: 20_260_201,
      numRuns: 400,
    });
  });

  const byWorker: readonly Placement[] = placements.filter(({ name }) => name.includes("worker"));

  it.each(byWorker)("the same without faults, $name", { timeout: 60_000 }, async ({ open }) => {
    await fc.assert(
      fc.asyncProperty(options, fc.array(calm, { minLength: 1, maxLength: 40 }), (begin, steps) =>
        playOnDisk(open(roomy(begin)), steps),
      ),
      { seed: 20_260_202, numRuns: 20 },
    );
  });
});
