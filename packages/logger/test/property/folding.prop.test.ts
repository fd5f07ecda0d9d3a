import type { Writer } from "@waybill/protocols";
import { type LogContext, levels, severityOf } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter, type FakeClock, type MemoryWriter } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldMessages, foldRepeats } from "../../src/index.ts";
import { isBalanced } from "../support/counting-writer.ts";
import { sampleEntry } from "../support/sample-entry.ts";

const settings = { seed: 20_260_105, numRuns: 500 };

const step = fc.record({
  level: fc.constantFrom("DEBUG" as const, "ERROR" as const),
  message: fc.constantFrom("a", "b"),
  n: fc.constantFrom(1, 2),
  times: fc.integer({ min: 1, max: 6 }),
  advanceMs: fc.constantFrom(0, 0, 1, 400, 1500),
  flush: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What stands for one entry in the comparison of what was given with what was written. */
function keyOf(level: string, message: string, n: unknown): string {
  return `${level} ${message} ${String(n)}`;
}

function run(steps: readonly Step[], stage: (memory: MemoryWriter, clock: FakeClock) => Writer) {
  const clock = createFakeClock({ nowMs: 0 });
  const memory = createMemoryWriter();
  const writer = stage(memory, clock);
  const given: { readonly key: string; readonly timestampMs: number }[] = [];
  let isAlwaysBalanced = true;
  for (const { level, message, n, times, advanceMs, flush } of steps) {
    for (let time = 0; time < times; time++) {
      const timestampMs = clock.now();
      given.push({ key: keyOf(level, message, n), timestampMs });
      writer.write(sampleEntry({ level, message, timestampMs, context: { n } }));
      isAlwaysBalanced &&= isBalanced(writer) && writer.status().accepted === given.length;
    }
    if (flush) writer.flushSync();
    clock.advance(advanceMs);
  }
  void writer.close();
  return { clock, memory, writer, given, isAlwaysBalanced };
}

function countOf(
  context: LogContext | undefined,
): { count: number; from_time: string; to_time: string } | undefined {
  return context?.["repeated"] as ReturnType<typeof countOf>;
}

describe("folding entries that repeat the one before", () => {
  it("loses nothing: unfolded, what is written is what was given, with its times", () => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const subject = run(steps, (memory, clock) => foldRepeats(memory, { windowMs: 1000, clock }));
      const { given, memory, isAlwaysBalanced, writer, clock } = subject;
      expect(isAlwaysBalanced).toBe(true);
      let at = 0;
      for (const { level, message, timestampMs, context } of memory.entries) {
        const repeated = countOf(context);
        const count = repeated?.count ?? 1;
        const meant = given.slice(at, at + count);
        expect(meant.map((each) => each.key)).toEqual(
          Array.from({ length: count }, () => keyOf(level, message, context?.["n"])),
        );
        expect(meant.at(-1)?.timestampMs).toBe(timestampMs);
        expect(repeated?.from_time ?? new Date(timestampMs).toISOString()).toBe(
          new Date(meant[0]?.timestampMs ?? Number.NaN).toISOString(),
        );
        at += count;
      }
      expect([at, clock.pendingTimers]).toEqual([given.length, 0]);
      expect(writer.status()).toMatchObject({ written: given.length, queued: 0, dropped: 0 });
    });
    fc.assert(property, settings);
  });
});

describe("folding entries of one level and message", () => {
  const options = fc.record({
    keepFirst: fc.integer({ min: 1, max: 4 }),
    keepEvery: fc.constantFrom(undefined, 1, 2, 3),
    messagesMax: fc.constantFrom(1, 256),
    maxLevel: fc.constantFrom("WARNING" as const, "CRITICAL" as const),
  });

  it("counts each entry of each level and message that it does not write, and keeps the order of the others", () => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), options, (steps, chosen) => {
      const subject = run(steps, (memory, clock) =>
        foldMessages(memory, { windowMs: 1000, clock, ...chosen }),
      );
      const { given, memory, isAlwaysBalanced, writer, clock } = subject;
      expect(isAlwaysBalanced).toBe(true);
      for (const level of levels) {
        for (const message of ["a", "b"]) {
          const written = memory.entries.filter(
            (entry) => entry.level === level && entry.message === message,
          );
          const wanted = given.filter(({ key }) => key.startsWith(`${level} ${message} `));
          const counted = written.reduce((sum, { context }) => sum + (countOf(context)?.count ?? 1), 0);
          expect(counted).toBe(wanted.length);
          const isFolded = severityOf[level] <= severityOf[chosen.maxLevel];
          expect(isFolded || written.length === wanted.length).toBe(true);
        }
      }
      const kept = memory.entries.filter(({ context }) => countOf(context) === undefined);
      let at = 0;
      for (const { level, message, timestampMs, context } of kept) {
        const key = keyOf(level, message, context?.["n"]);
        at =
          given.findIndex((each, i) => i >= at && each.key === key && each.timestampMs === timestampMs) + 1;
        expect(at).toBeGreaterThan(0);
      }
      expect(clock.pendingTimers).toBe(0);
      expect(writer.status()).toMatchObject({ written: given.length, queued: 0, dropped: 0 });
    });
    fc.assert(property, settings);
  });
});
