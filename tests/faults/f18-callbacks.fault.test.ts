import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WriterMode } from "@waybill/writers";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes } from "./support/fault-case.ts";
import type { Plan } from "./support/plan.ts";

type Throwing = NonNullable<Plan["throwing"]>;

async function logWithThrowing(fault: FaultCase, mode: WriterMode, throwing: Throwing) {
  const plan = fault.plan({
    throwing,
    containers: 2,
    stream: { mode, segmentBytesMax: 8192 },
    steps: [
      { do: "log", count: 100, perTurn: 5, pauseMs: 1, errorEvery: 10 },
      { do: "say", word: "failing" },
      { do: "await", word: "mended" },
      { do: "log", count: 100, perTurn: 5, pauseMs: 5 },
      { do: "sleep", ms: 600 },
      { do: "close" },
      { do: "say", word: "closed" },
      { do: "end", how: "natural" },
    ],
  });
  // A file in the place of the directories: `onFailure` and `onRecovered` are called as well.
  const obstacle = join(plan.root, "containers");
  writeFileSync(obstacle, "");
  const child = fault.start(plan);
  await child.hear("failing");
  rmSync(obstacle);
  child.tell("mended");
  const { status, calls } = await child.hear("closed");
  const ended = await child.ended();
  const found = await readFound(plan.root);
  const { accepted, lost, duplicates } = balance(readAcknowledgements(plan.acks), found, status.dropped);
  fault.tell({ calls, accepted, lost: lost.length });
  const { damage, inversions } = found;
  return { ended, calls, accepted, lost: lost.length, duplicates, damage, inversions };
}

describe.concurrent.each(modes)("F18 throwing callbacks, %s", (mode) => {
  for (const what of ["callbacks", "arguments", "detector"] as const) {
    faultCase(`F18 ${mode}: ${what} that throw cost no entry`, [], async (fault) => {
      expect(await logWithThrowing(fault, mode, [what])).toEqual({
        ended: { code: 0, signal: null },
        calls: 400,
        accepted: 400,
        lost: 0,
        duplicates: 0,
        damage: [],
        inversions: 0,
      });
    });
  }
});
