import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, modes } from "./support/fault-case.ts";
import type { Plan } from "./support/plan.ts";

async function runWithin(
  fault: FaultCase,
  more: Omit<Plan, "root" | "acks" | "run" | "steps">,
  count: number,
) {
  const plan = fault.plan({
    ...more,
    steps: [
      { do: "log", count, perTurn: 1 },
      { do: "flush" },
      { do: "say", word: "logged" },
      { do: "close" },
      { do: "end", how: "natural" },
    ],
  });
  const child = fault.start(plan);
  const said = await child.hear("logged");
  const ended = await child.ended();
  const found = await readFound(plan.root);
  const { accepted, lost, duplicates } = balance(readAcknowledgements(plan.acks), found);
  fault.tell({
    accepted,
    lost: lost.length,
    descriptors: said.status.descriptors,
    ofProcess: said.descriptors,
  });
  return {
    ended,
    accepted,
    lost: lost.length,
    duplicates,
    damage: found.damage,
    descriptors: said.descriptors,
  };
}

describe.each(modes)("F03 few descriptors, %s", (mode) => {
  faultCase(`F03 ${mode}: writes 200 containers with 64 open files at most`, ["prlimit"], async (fault) => {
    const seen = await runWithin(fault, { containers: 200, stream: { mode }, filesMax: 64 }, 20);
    expect(seen).toMatchObject({
      ended: { code: 0, signal: null },
      accepted: 4000,
      lost: 0,
      duplicates: 0,
      damage: [],
    });
  });
});

describe("F03 many containers", () => {
  faultCase(
    `F03 batched: writes ${isLong ? 5000 : 1000} containers with 128 descriptors`,
    [],
    async (fault) => {
      const containers = isLong ? 5000 : 1000;
      const more = { containers, stream: { mode: "batched" }, pool: { descriptorsMax: 128 } } as const;
      const seen = await runWithin(fault, more, 3);
      const { descriptors, ...rest } = seen;
      expect(rest).toEqual({
        ended: { code: 0, signal: null },
        accepted: containers * 3,
        lost: 0,
        duplicates: 0,
        damage: [],
      });
      // Beside the log files a Node process with two more threads holds some 40.
      expect(descriptors).toBeLessThanOrEqual(128 + 60);
    },
  );
});
