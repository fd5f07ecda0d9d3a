import { rmSync } from "node:fs";
import { join } from "node:path";
import type { StreamOptions } from "@waybill/writers";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, seededRandom } from "./support/fault-case.ts";
import type { Step } from "./support/plan.ts";

/** `flushIntervalMs` is 50; the limit for what a kill may take is 100 ms of entries. */
const windowMs = 100;
/** In a storm of errors they are handed over and not waited for: what the worker had not got to is gone. */
const errorWindowMs = 20;
/** `ERROR` of the severity numbers. */
const errorSeverity = 17;
const seed = Number(process.env["WAYBILL_FAULTS_SEED"] ?? (isLong ? Date.now() % 2 ** 31 : 20_261));

/** While the thread that writes starts, nothing is on disk yet; most runs are killed only once it has. */
const isWarm = (run: number): boolean => run % 3 > 0;
const warmUp: readonly Step[] = [{ do: "log", count: 1 }, { do: "flush" }];

interface Campaign {
  readonly stream: StreamOptions;
  readonly load: Extract<Step, { do: "log" }>;
  readonly runs: number;
}

/** Kills a child on the same tree again and again, each time at another moment, then ends one orderly. */
async function killRepeatedly(fault: FaultCase, { stream, load, runs }: Campaign) {
  const random = seededRandom(seed);
  const sum = {
    runs,
    accepted: 0,
    lost: 0,
    outside: 0,
    errors: 0,
    errorsLost: 0,
    errorsOutside: 0,
    duplicates: 0,
    inversions: 0,
    parts: 0,
  };
  const damage: string[] = [];
  const gapReasons = new Set<string>();
  let oldestLostMs = 0;
  const runsPerTree = 15;
  for (let done = 0; done < runs; done += runsPerTree) {
    const batch = Math.min(runsPerTree, runs - done);
    const notes: string[] = [];
    for (let run = 0; run <= batch; run += 1) {
      const isLast = run === batch;
      const steps: Step[] = isLast
        ? [{ do: "log", count: 5 }, { do: "close" }, { do: "end", how: "natural" }]
        : [...(isWarm(run) ? warmUp : []), { do: "say", word: "begin" }, load];
      const plan = fault.plan({ run, containers: 2, stream, steps });
      notes.push(plan.acks);
      const child = fault.start(plan);
      if (!isLast) {
        await child.hear("begin");
        await new Promise((resolve) => setTimeout(resolve, random() * 220));
        child.kill("SIGKILL");
      }
      await child.ended();
    }
    const acks = readAcknowledgements(...notes);
    const root = fault.plan({ steps: [] }).root;
    const found = await readFound(root);
    const { lost, accepted, duplicates } = balance(acks, found);
    const age = (entry: (typeof lost)[number]): number => (acks.lastMs.get(entry.run) ?? 0) - entry.atMs;
    sum.accepted += accepted;
    sum.lost += lost.length;
    sum.outside += lost.filter((entry) => isWarm(entry.run) && age(entry) > windowMs).length;
    sum.errors += acks.accepted.filter(({ severity }) => severity >= errorSeverity).length;
    const errors = lost.filter(({ severity }) => severity >= errorSeverity);
    sum.errorsLost += errors.length;
    sum.errorsOutside += errors.filter((entry) => age(entry) > errorWindowMs).length;
    sum.duplicates += duplicates;
    sum.inversions += found.inversions;
    sum.parts += [...found.streams.keys()].filter((stream) => stream.includes("@")).length;
    oldestLostMs = Math.max(oldestLostMs, ...lost.map(age));
    damage.push(...found.damage, ...leftovers(found.inventory.summary.filesByState.temporary));
    for (const reason of found.gapReasons) gapReasons.add(reason);
    for (const file of [join(root, "containers"), ...notes]) rmSync(file, { recursive: true });
  }
  const gaps = [...gapReasons].join(" ") || "none";
  fault.tell({ seed, ...sum, oldestLostMs: Math.round(oldestLostMs), damaged: damage.length, gaps });
  return { ...sum, damage };
}

function leftovers(temporary: number): string[] {
  return temporary > 0 ? [`${temporary} temporary files left`] : [];
}

const rotating = { segmentBytesMax: 65_536, compress: true, compressDelayMs: 0 } as const;
const busy: Campaign["load"] = { do: "log", perTurn: 20, padBytes: 300, errorEvery: 50 };
const whole = { duplicates: 0, inversions: 0, parts: 0, damage: [] };

describe.concurrent("F01 kill -9", () => {
  faultCase(
    "F01 sync: loses nothing that was acknowledged, over rotation, compression and restart",
    [],
    async (fault) => {
      const stream = { ...rotating, mode: "sync" } as const;
      const seen = await killRepeatedly(fault, { stream, load: busy, runs: isLong ? 1000 : 8 });
      expect(seen.accepted).toBeGreaterThan(100);
      expect(seen).toMatchObject({ ...whole, lost: 0 });
    },
  );

  faultCase("F01 batched: loses at most its window, of a storm of errors 20 ms", [], async (fault) => {
    const stream = { ...rotating, mode: "batched" } as const;
    const seen = await killRepeatedly(fault, { stream, load: busy, runs: isLong ? 1000 : 7 });
    expect(seen.accepted).toBeGreaterThan(100);
    expect(seen.errors).toBeGreaterThan(0);
    expect(seen).toMatchObject({ ...whole, outside: 0, errorsOutside: 0 });
  });

  faultCase("F01b batched, light load: loses at most its window and no ERROR", [], async (fault) => {
    const load = { do: "log", perTurn: 10, pauseMs: 5, errorEvery: 100 } as const;
    const seen = await killRepeatedly(fault, {
      stream: { mode: "batched" },
      load,
      runs: isLong ? 200 : 5,
    });
    expect(seen.accepted).toBeGreaterThan(100);
    expect(seen.errors).toBeGreaterThan(0);
    expect(seen).toMatchObject({ ...whole, outside: 0, errorsLost: 0 });
  });
});
