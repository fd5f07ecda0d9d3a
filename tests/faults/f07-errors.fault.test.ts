import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes, straceOn } from "./support/fault-case.ts";
import type { Plan } from "./support/plan.ts";

const containers = 4;
const clean = {
  ended: { code: 0, signal: null },
  lost: 0,
  duplicates: 0,
  damage: [],
  inversions: 0,
  unaccounted: 0,
};

async function logUnder(
  fault: FaultCase,
  calls: "write" | "sync",
  effect: string,
  more: Partial<Plan> & Pick<Plan, "steps">,
) {
  const plan = fault.plan({ containers, ...more });
  const target = join(plan.root, "containers/c0/load.log");
  const child = fault.start(plan, { through: straceOn([target], calls, effect) });
  const { status, flushes } = await child.hear("closed");
  const ended = await child.ended();
  const acks = readAcknowledgements(plan.acks);
  const found = await readFound(plan.root);
  const { accepted, lost, duplicates, unaccounted, lostBehindFlush } = balance(acks, found, status.dropped);
  const { damage, inversions } = found;
  const gaps = found.gapReasons.join(" ") || "none";
  fault.tell({ accepted, lost: lost.length, dropped: status.dropped, unaccounted, gaps, ...flushes });
  return { ended, lost: lost.length, duplicates, damage, inversions, unaccounted, flushes, lostBehindFlush };
}

describe.concurrent.each(modes)("F07 failing writes, %s", (mode) => {
  for (const [error, when] of [
    ["EIO", "2+3"],
    ["EAGAIN", "1+2"],
    ["EINTR", "2+2"],
    ["ENOSPC", "3..8"],
  ] as const) {
    faultCase(
      `F07 ${mode}: ${error} on one file loses nothing, of it or of others`,
      ["strace"],
      async (fault) => {
        const seen = await logUnder(fault, "write", `error=${error}:when=${when}`, {
          stream: { mode },
          steps: [
            { do: "log", forMs: 500, perTurn: 3, pauseMs: 10, errorEvery: 20 },
            { do: "sleep", ms: 300 },
            { do: "close" },
            { do: "say", word: "closed" },
            { do: "end", how: "natural" },
          ],
        });
        expect(seen).toMatchObject(clean);
      },
    );
  }
});

describe.concurrent("F07b failing fsync", () => {
  const round = [{ do: "log", count: 30, perTurn: 10 }, { do: "flush" }] as const;
  const rounds = [round, round, round, round, round].flat();
  const ending = [{ do: "close" }, { do: "say", word: "closed" }, { do: "end", how: "natural" }] as const;

  faultCase("F07b durable: flush rejects each time while fsync fails", ["strace"], async (fault) => {
    const seen = await logUnder(fault, "sync", "error=EIO:when=1+1", {
      stream: { mode: "durable" },
      steps: [...rounds, ...ending],
    });
    expect(seen.flushes).toMatchObject({ resolved: 0, lastCode: "WAYBILL_SYNC_FAILED" });
    expect(seen.flushes.rejected).toBeGreaterThanOrEqual(5);
    expect({ ended: seen.ended, damage: seen.damage }).toEqual({ ended: clean.ended, damage: [] });
    expect(seen.lost).toBe(0);
  });

  faultCase(
    "F07b durable: flush resolves again in a new segment, with everything in it",
    ["strace"],
    async (fault) => {
      const seen = await logUnder(fault, "sync", "error=EIO:when=2..3", {
        stream: { mode: "durable" },
        steps: [...rounds, ...ending],
      });
      expect(seen).toMatchObject({ ...clean, lostBehindFlush: 0 });
      expect(seen.flushes.rejected).toBeGreaterThanOrEqual(1);
      expect(seen.flushes.resolved).toBeGreaterThanOrEqual(2);
    },
  );
});
