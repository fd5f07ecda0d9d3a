import type { WriterMode } from "@waybill/writers";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes } from "./support/fault-case.ts";
import type { Plan } from "./support/plan.ts";

const count = 1000;
const log = { do: "log", count, perTurn: count } as const;

interface End {
  readonly name: string;
  readonly plan: Partial<Plan> & Pick<Plan, "steps">;
  readonly signal?: NodeJS.Signals;
  readonly ends: { readonly code: number | null; readonly signal: string | null };
}

const ends: readonly End[] = [
  {
    name: "natural end",
    plan: { steps: [log, { do: "end", how: "natural" }] },
    ends: { code: 0, signal: null },
  },
  {
    name: "process.exit",
    plan: { steps: [log, { do: "end", how: "exit" }] },
    ends: { code: 0, signal: null },
  },
  {
    name: "process.exit of an opened stream",
    plan: { steps: [{ do: "log", count: 1 }, { do: "sleep", ms: 150 }, log, { do: "end", how: "exit" }] },
    ends: { code: 0, signal: null },
  },
  { name: "throw", plan: { steps: [log, { do: "end", how: "throw" }] }, ends: { code: 1, signal: null } },
  {
    name: "rejection",
    plan: { steps: [log, { do: "end", how: "reject" }] },
    ends: { code: 1, signal: null },
  },
  ...(["SIGTERM", "SIGINT"] as const).map((signal) => ({
    name: signal,
    plan: { steps: [log, { do: "say", word: "logged" } as const, { do: "end", how: "hang" } as const] },
    signal,
    ends: { code: null, signal },
  })),
  {
    name: "process.exit in a worker thread of the application",
    plan: { inWorker: true, steps: [log, { do: "end", how: "exit" }] },
    ends: { code: 0, signal: null },
  },
  {
    name: "natural end of a worker thread of the application",
    plan: { inWorker: true, steps: [log, { do: "end", how: "natural" }] },
    ends: { code: 0, signal: null },
  },
];

async function endAs(fault: FaultCase, mode: WriterMode, { plan, signal }: End) {
  const made = fault.plan({ ...plan, containers: 3, stream: { mode } });
  const child = fault.start(made);
  if (signal !== undefined) {
    await child.hear("logged");
    child.kill(signal);
  }
  const start = performance.now();
  const ended = await child.ended(10_000);
  const acks = readAcknowledgements(made.acks);
  const found = await readFound(made.root);
  const { accepted, lost, duplicates } = balance(acks, found);
  fault.tell({ accepted, lost: lost.length, tookMs: Math.round(performance.now() - start) });
  const { damage, inversions, holes } = found;
  return { ended, isAll: accepted >= 3 * count, lost: lost.length, duplicates, damage, inversions, holes };
}

describe.concurrent.each(modes)("F04 the end of the process, %s", (mode) => {
  for (const end of ends) {
    faultCase(`F04 ${mode}: ${end.name} loses nothing`, [], async (fault) => {
      expect(await endAs(fault, mode, end)).toEqual({
        ended: end.ends,
        isAll: true,
        lost: 0,
        duplicates: 0,
        damage: [],
        inversions: 0,
        holes: 0,
      });
    });
  }
});
