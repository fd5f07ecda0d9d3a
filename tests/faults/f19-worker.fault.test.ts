import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong } from "./support/fault-case.ts";
import type { Step } from "./support/plan.ts";

async function carryOut(fault: FaultCase, mode: "batched" | "durable", steps: readonly Step[]) {
  const plan = fault.plan({
    containers: 5,
    stream: { mode },
    steps: [...steps, { do: "close" }, { do: "say", word: "closed" }, { do: "end", how: "natural" }],
  });
  const child = fault.start(plan);
  const { status, flushes } = await child.hear("closed");
  const ended = await child.ended();
  const acks = readAcknowledgements(plan.acks);
  const found = await readFound(plan.root);
  const { accepted, lost, duplicates, unaccounted, lostBehindFlush } = balance(acks, found, status.dropped);
  const parts = [...found.streams.keys()].filter((stream) => stream.includes("@")).length;
  const gaps = found.gapReasons.join(" ") || "none";
  fault.tell({
    accepted,
    lost: lost.length,
    dropped: status.dropped,
    told: found.told,
    duplicates,
    parts,
    gaps,
  });
  const { damage, inversions } = found;
  return {
    ended,
    lost: lost.length,
    duplicates,
    unaccounted,
    lostBehindFlush,
    damage,
    inversions,
    rejected: flushes.rejected,
  };
}

const clean = {
  ended: { code: 0, signal: null },
  lost: 0,
  duplicates: 0,
  unaccounted: 0,
  lostBehindFlush: 0,
  damage: [],
  inversions: 0,
  rejected: 0,
};
const load = { do: "log", count: 400, perTurn: 20 } as const;
const kill = { do: "killWorkers" } as const;

describe.concurrent.each(["batched", "durable"] as const)("F19 the thread that writes, %s", (mode) => {
  faultCase(`F19 ${mode}: its death under load loses and doubles nothing`, [], async (fault) => {
    const steps = [load, { do: "sleep", ms: 200 }, load, kill, load, { do: "flush" }, load] as const;
    expect(await carryOut(fault, mode, steps)).toEqual(clean);
  });

  faultCase(`F19 ${mode}: its death before the first entry is written loses nothing`, [], async (fault) => {
    expect(await carryOut(fault, mode, [load, kill, load])).toEqual(clean);
  });

  faultCase(`F19 ${mode}: an event loop that stands still loses nothing`, [], async (fault) => {
    const steps = [load, { do: "block", ms: isLong ? 10_000 : 1500 }, load, { do: "flush" }] as const;
    expect(await carryOut(fault, mode, steps)).toEqual(clean);
  });
});
