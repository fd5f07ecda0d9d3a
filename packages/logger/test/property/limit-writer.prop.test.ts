import { type Level, levels } from "@waybill/protocols";
import { createFakeClock } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createContainerQuota, limitWriter } from "../../src/index.ts";
import { createCountingWriter, isBalanced } from "../support/counting-writer.ts";
import { sampleEntry } from "../support/sample-entry.ts";

const settings = { seed: 20_260_104, numRuns: 300 };

const step = fc.record({
  stream: fc.constantFrom(0, 1),
  level: fc.constantFrom(...levels),
  times: fc.integer({ min: 0, max: 30 }),
  bytes: fc.constantFrom(0, 80, 400, 5000),
  advanceMs: fc.constantFrom(0, 0, 1, 30, 200, 2000),
  flush: fc.boolean(),
  fail: fc.integer({ min: 0, max: 20 }).map((n) => n === 0),
});

const limits = fc.record({
  linesPerSecond: fc.constantFrom(undefined, 1, 10, 100),
  bytesPerSecond: fc.constantFrom(undefined, 1024, 20_000),
  burstSeconds: fc.constantFrom(0.1, 1, 5),
});

/** Two streams of one container, driven by steps; then closed. */
function run(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[], quotaLimits: object) {
  const clock = createFakeClock({ nowMs: 0 });
  const quota = createContainerQuota(quotaLimits, { clock });
  const streams = [0, 1].map(() => {
    const memory = createCountingWriter(({ context }) => Number(context?.["bytes"] ?? 300));
    return {
      memory,
      writer: limitWriter(memory, quota),
      given: [] as { n: number; level: Level }[],
      refused: 0,
    };
  });
  let n = 0;
  let isAlwaysBalanced = true;
  for (const { stream, level, times, bytes, advanceMs, flush, fail } of steps) {
    const subject = streams[stream];
    if (subject === undefined) continue;
    if (fail) subject.memory.failNext();
    for (let time = 0; time < times; time++) {
      n++;
      subject.given.push({ n, level });
      const entry = sampleEntry({ level, timestampMs: clock.now(), context: { n, bytes } });
      if (!subject.writer.write(entry)) subject.refused++;
      isAlwaysBalanced &&= isBalanced(subject.writer);
    }
    if (flush) subject.writer.flushSync();
    clock.advance(advanceMs);
    isAlwaysBalanced &&= isBalanced(subject.writer);
  }
  return { clock, quota, streams, isAlwaysBalanced };
}

function countLevels(entries: readonly { readonly level: Level }[]): Partial<Record<Level, number>> {
  const counts: Partial<Record<Level, number>> = {};
  for (const { level } of entries) counts[level] = (counts[level] ?? 0) + 1;
  return counts;
}

describe("streams under one quota", () => {
  it("write each entry in its order, or tell it in a gap record of its level at its place", () => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), limits, (steps, quotaLimits) => {
      const withoutFailures = steps.map((each) => ({ ...each, fail: false }));
      const { streams, isAlwaysBalanced } = run(withoutFailures, quotaLimits);
      expect(isAlwaysBalanced).toBe(true);
      for (const { memory, writer, given } of streams) {
        void writer.close();
        let at = 0;
        const found: unknown[] = [];
        const wanted: unknown[] = [];
        for (const { context } of memory.entries) {
          const gap = context?.["gap"] as { dropped: number; by_level: object } | undefined;
          const meant = given.slice(at, at + (gap?.dropped ?? 1));
          at += meant.length;
          found.push(gap?.by_level ?? context?.["n"]);
          wanted.push(gap === undefined ? meant[0]?.n : countLevels(meant));
        }
        expect(found).toEqual(wanted);
        expect(at).toBe(given.length);
        expect(writer.status()).toMatchObject({ accepted: given.length, queued: 0 });
      }
    });
    fc.assert(property, settings);
  });

  it("never write more than a burst and the rate since", () => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), limits, (steps, quotaLimits) => {
      // A flush has a gap record written out of turn, which is paid back later.
      const withoutFlushes = steps.map((each) => ({ ...each, flush: false, fail: false }));
      const { clock, streams } = run(withoutFlushes, quotaLimits);
      const { linesPerSecond, burstSeconds } = quotaLimits;
      const lines = streams.reduce((sum, { memory }) => sum + memory.entries.length, 0);
      const burst = (linesPerSecond ?? 0) * burstSeconds;
      const allowed = Math.max(1, burst * 0.9) + Math.max(1, burst * 0.1);
      const gapRecords = streams.length;
      const sinceThen = ((linesPerSecond ?? 0) * clock.monotonicUs()) / 1e6;
      expect(linesPerSecond === undefined || lines <= allowed + sinceThen + gapRecords).toBe(true);
    });
    fc.assert(property, settings);
  });

  it("account for each entry at every moment, also when the writer behind drops some", () => {
    const property = fc.property(fc.array(step, { maxLength: 40 }), limits, (steps, quotaLimits) => {
      const { streams, isAlwaysBalanced, quota } = run(steps, quotaLimits);
      expect(isAlwaysBalanced).toBe(true);
      for (const { writer, given, refused } of streams) {
        expect(writer.status()).toMatchObject({ accepted: given.length, dropped: refused });
      }
      const { admitted, dropped } = quota.status();
      expect(admitted + dropped).toBe(streams.reduce((sum, { given }) => sum + given.length, 0));
    });
    fc.assert(property, settings);
  });
});
