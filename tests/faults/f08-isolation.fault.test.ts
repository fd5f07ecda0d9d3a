import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, straceOn } from "./support/fault-case.ts";
import type { Step } from "./support/plan.ts";

const others = 46;
const forMs = 3000;
const phases = 5;

interface Measured {
  readonly rounds: number;
  readonly gapMs: number;
  readonly statP99Ms: number;
}

/** Alternates, in one process under one strace, between healthy files alone and the same with slow ones. */
async function compare(fault: FaultCase, slowFiles: number, delayMs: number) {
  const slow = Array.from({ length: slowFiles }, (_, at) => at);
  const healthy = Array.from({ length: others + slowFiles }, (_, at) => slowFiles + at);
  const common = healthy.slice(0, others);
  const measure = (name: string, into: readonly number[]): Step => ({
    do: "measure",
    name,
    into,
    forMs,
    pauseMs: 4,
  });
  const steps: Step[] = [
    { do: "log", count: 1 },
    { do: "sleep", ms: 2 * delayMs },
  ];
  for (let phase = 0; phase < phases; phase += 1) {
    steps.push(measure("baseline", healthy), measure("slow", [...slow, ...common]));
  }
  // What the slow files still wait for would take minutes.
  steps.push({ do: "end", how: "kill" });
  const plan = fault.plan({ containers: others + 2 * slowFiles, stream: { mode: "batched" }, steps });
  const files = slow.map((at) => join(plan.root, `containers/c${at}/load.log`));
  const child = fault.start(plan, {
    through: straceOn(files, "write", `delay_enter=${delayMs * 1000}:when=1+1`),
  });
  const [baseline, faulty]: [Measured[], Measured[]] = [[], []];
  for (let phase = 0; phase < phases; phase += 1) {
    for (const [name, list] of [
      ["baseline", baseline],
      ["slow", faulty],
    ] as const) {
      const { measured } = await child.hear(name);
      if (measured !== undefined) list.push(measured);
    }
  }
  await child.ended();
  // The best of several phases: a neighbour on the machine slows some of them, a slow disk would slow all.
  const most = (list: readonly Measured[]): number => Math.max(...list.map(({ rounds }) => rounds));
  const least = (list: readonly Measured[], what: "gapMs" | "statP99Ms"): number =>
    Math.min(...list.map((one) => one[what]));
  const seen = {
    roundsRatio: most(faulty) / most(baseline),
    gapOverBaselineMs: least(faulty, "gapMs") - least(baseline, "gapMs"),
    statP99Ms: least(faulty, "statP99Ms"),
  };
  const figures = Object.entries(seen).map(([name, value]) => [name, Math.round(value * 1000) / 1000]);
  fault.tell({
    ...Object.fromEntries(figures),
    baselineRounds: most(baseline),
    baselineStatMs: least(baseline, "statP99Ms"),
  });
  return seen;
}

describe("F08 slow and hung files", () => {
  // Rates are those of the machine at this moment: the long set measures them, not every run of the tests.
  if (isLong) {
    faultCase(
      "F08 batched: one file of 100 ms a write slows neither the others nor the event loop",
      ["strace"],
      async (fault) => {
        const seen = await compare(fault, 1, 100);
        expect(seen.roundsRatio).toBeGreaterThanOrEqual(0.97);
        expect(seen.gapOverBaselineMs).toBeLessThanOrEqual(20);
      },
    );

    faultCase(
      "F08b batched: four files of 1 s a write do not slow the application's own file calls",
      ["strace"],
      async (fault) => {
        const seen = await compare(fault, 4, 1000);
        expect(seen.statP99Ms).toBeLessThanOrEqual(50);
        expect(seen.gapOverBaselineMs).toBeLessThanOrEqual(20);
        expect(seen.roundsRatio).toBeGreaterThanOrEqual(0.97);
      },
    );
  }

  for (const [name, delayMs] of [
    ["100 ms", 100],
    ["1 s", 1000],
  ] as const) {
    faultCase(
      `F08 batched: one file of ${name} a write keeps no entry of the others off the disk`,
      ["strace"],
      async (fault) => {
        const plan = fault.plan({
          containers: 10,
          stream: { mode: "batched" },
          steps: [
            { do: "log", forMs: 600, pauseMs: 4 },
            // The first write of the slow file may keep the others once; were each of its batches to do so (the flush
            // interval is 50 ms), that would take twelve times as long. The rest is for a loaded machine.
            { do: "sleep", ms: 1000 + 2 * delayMs },
            { do: "end", how: "kill" },
          ],
        });
        const slow = join(plan.root, "containers/c0/load.log");
        const effect = `delay_enter=${delayMs * 1000}:when=1+1`;
        await fault.start(plan, { through: straceOn([slow], "write", effect) }).ended();
        const { accepted, lost } = balance(readAcknowledgements(plan.acks), await readFound(plan.root));
        const ofOthers = lost.filter(({ container }) => container !== "c0").length;
        fault.tell({ accepted, lostOfSlow: lost.length - ofOthers, lostOfOthers: ofOthers });
        expect(accepted).toBeGreaterThan(300);
        expect(ofOthers).toBe(0);
      },
    );
  }
});
