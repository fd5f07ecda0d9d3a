import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, modes } from "./support/fault-case.ts";
import type { Plan } from "./support/plan.ts";

const rotating = { segmentBytesMax: 16_384, compress: true, compressDelayMs: 0 } as const;
const write = [
  { do: "log", count: 1 },
  { do: "flush" },
  { do: "say", word: "open" },
  { do: "await", word: "all are open" },
  { do: "log", count: isLong ? 5000 : 1000, perTurn: 10 },
  { do: "close" },
  { do: "end", how: "natural" },
] as const;

async function result(fault: FaultCase, plans: readonly Plan[]) {
  const acks = readAcknowledgements(...plans.map((plan) => plan.acks));
  const found = await readFound(fault.plan({ steps: [] }).root);
  const { accepted, lost, duplicates } = balance(acks, found);
  const parts = [...found.streams.keys()].filter((stream) => stream.includes("@")).length;
  fault.tell({ accepted, lost: lost.length, duplicates, parts, gaps: found.gapReasons.join(" ") || "none" });
  return { lost: lost.length, duplicates, parts, damage: found.damage, inversions: found.inversions };
}

const close = [{ do: "close" }, { do: "end", how: "natural" }] as const;

describe.concurrent.each(modes)("F10 several processes on one directory, %s", (mode) => {
  for (const processes of [2, 4]) {
    faultCase(
      `F10 ${mode}: ${processes} processes with rotation and gzip lose and double nothing`,
      [],
      async (fault) => {
        const plans = Array.from({ length: processes }, (_, run) =>
          fault.plan({ run, containers: 2, stream: { ...rotating, mode }, steps: write }),
        );
        const children = plans.map((plan) => fault.start(plan));
        await Promise.all(children.map((child) => child.hear("open")));
        for (const child of children) child.tell("all are open");
        const ended = await Promise.all(children.map((child) => child.ended()));
        expect(ended.map(({ code }) => code)).toEqual(plans.map(() => 0));
        const seen = await result(fault, plans);
        expect(seen).toMatchObject({
          lost: 0,
          duplicates: 0,
          damage: [],
          inversions: 0,
          parts: 2 * (processes - 1),
        });
      },
    );
  }
});

const directories = 20;

describe.concurrent.each(modes)("F10 processes that begin at the same moment, %s", (mode) => {
  /** Both have everything loaded, and take all directories with their first entries. */
  async function race(fault: FaultCase, runs: readonly number[]) {
    const plans = runs.map((run) =>
      fault.plan({
        ...{ run, containers: directories, stream: { mode } },
        steps: [
          { do: "say", word: "ready" },
          { do: "await", word: "go" },
          { do: "log", count: 30, perTurn: 10 },
          { do: "flush" },
          { do: "say", word: "written" },
          { do: "await", word: "all have" },
          ...close,
        ],
      }),
    );
    const children = plans.map((plan) => fault.start(plan));
    await Promise.all(children.map((child) => child.hear("ready")));
    for (const child of children) child.tell("go");
    await Promise.all(children.map((child) => child.hear("written")));
    for (const child of children) child.tell("all have");
    const ended = await Promise.all(children.map((child) => child.ended()));
    expect(ended).toEqual(plans.map(() => ({ code: 0, signal: null })));
    return plans;
  }
  const clean = { lost: 0, duplicates: 0, damage: [], inversions: 0, parts: directories };

  faultCase(`F10 ${mode}: share ${directories} new directories out`, [], async (fault) => {
    for (let round = 0; round < (isLong ? 20 : 1); round += 1) {
      const plans = await race(fault, [0, 1]);
      expect(await result(fault, plans)).toEqual(clean);
      rmSync(join(fault.folder, "tree"), { recursive: true });
    }
  });

  faultCase(`F10 ${mode}: share ${directories} directories of a killed owner out`, [], async (fault) => {
    for (let round = 0; round < (isLong ? 20 : 1); round += 1) {
      const killed = fault.plan({
        ...{ run: 2, containers: directories, stream: { mode: "sync" } },
        steps: [
          { do: "log", count: 1 },
          { do: "end", how: "kill" },
        ],
      });
      await fault.start(killed).ended();
      expect(await result(fault, [killed, ...(await race(fault, [0, 1]))])).toEqual(clean);
      rmSync(join(fault.folder, "tree"), { recursive: true });
    }
  });
});

describe.concurrent("F10 ownership", () => {
  /** Leaves the lock of a process that was killed, changed, and then has another one write. */
  async function writeBehindLock(fault: FaultCase, change: (owner: Record<string, unknown>) => object) {
    const first = fault.plan({
      run: 0,
      stream: { mode: "sync" },
      steps: [
        { do: "log", count: 10 },
        { do: "end", how: "kill" },
      ],
    });
    await fault.start(first).ended();
    const lock = join(first.root, "containers/c0/.waybill.lock");
    const owner = JSON.parse(readFileSync(lock, "utf8"));
    writeFileSync(lock, JSON.stringify(change(owner)));
    const second = fault.plan({
      run: 1,
      stream: { mode: "sync" },
      steps: [{ do: "log", count: 10 }, ...close],
    });
    await fault.start(second).ended();
    return result(fault, [first, second]);
  }
  const clean = { lost: 0, duplicates: 0, damage: [], inversions: 0 };

  faultCase("F10 sync: takes the files of a killed process over", [], async (fault) => {
    expect(await writeBehindLock(fault, (owner) => owner)).toEqual({ ...clean, parts: 0 });
  });

  faultCase("F10 sync: is not deceived by a process that has the pid of a dead owner", [], async (fault) => {
    expect(await writeBehindLock(fault, (owner) => ({ ...owner, pid: process.pid }))).toEqual({
      ...clean,
      parts: 0,
    });
  });

  faultCase("F10 sync: takes a lock over that nobody can read", [], async (fault) => {
    expect(await writeBehindLock(fault, () => [])).toEqual({ ...clean, parts: 0 });
  });

  faultCase("F10 sync: writes beside an owner that runs", [], async (fault) => {
    const first = fault.plan({
      run: 0,
      stream: { mode: "sync" },
      steps: [
        { do: "log", count: 10 },
        { do: "say", word: "owns" },
        { do: "await", word: "go" },
        { do: "log", count: 10 },
        ...close,
      ],
    });
    const owner = fault.start(first);
    await owner.hear("owns");
    const second = fault.plan({
      run: 1,
      stream: { mode: "sync" },
      steps: [{ do: "log", count: 10 }, ...close],
    });
    await fault.start(second).ended();
    owner.tell("go");
    await owner.ended();
    expect(await result(fault, [first, second])).toEqual({ ...clean, parts: 1 });
  });
});
