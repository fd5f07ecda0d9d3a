import { execFileSync } from "node:child_process";
import { closeSync, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { WriterMode } from "@waybill/writers";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, until } from "./support/fault-case.ts";
import type { Step } from "./support/plan.ts";

const containers = 8;
const log = { do: "log", count: 100 } as const;

/** Starts a child with all files open, the first of which hangs from now on. */
async function startHanging(fault: FaultCase, mode: WriterMode, steps: readonly Step[]) {
  const pipe = join(fault.folder, "pipe");
  const file = join(fault.folder, "tree/containers/c0/load.log");
  const open: readonly Step[] = [
    { do: "log", count: 1 },
    { do: "flush" },
    { do: "say", word: "open" },
    { do: "await", word: "it hangs" },
    { do: "say", word: "begin" },
  ];
  const plan = fault.plan({
    ...{ containers, stream: { mode }, hang: { file, pipe }, steps: [...open, ...steps] },
  });
  const child = fault.start(plan);
  await child.hear("open");
  execFileSync("mkfifo", [pipe]);
  child.tell("it hangs");
  const { atMs: beganMs } = await child.hear("begin");
  const release = () => {
    // For both, so that this does not wait for the child.
    const end = openSync(pipe, "r+");
    unlinkSync(pipe);
    closeSync(end);
  };
  const check = async () => {
    const { accepted, lost, duplicates } = balance(
      readAcknowledgements(plan.acks),
      await readFound(plan.root),
    );
    const others = lost.filter(({ container }) => container !== "c0").length;
    return { accepted, lost: lost.length, others, duplicates };
  };
  return { child, beganMs, release, check };
}

const closing: readonly Step[] = [
  log,
  { do: "say", word: "logged" },
  { do: "close" },
  { do: "say", word: "closed" },
];

describe.concurrent("F08 a file that hangs", () => {
  faultCase(
    "F08 hung: an ERROR waits some milliseconds for it, further ones no longer",
    [],
    async (fault) => {
      const { child, beganMs } = await startHanging(fault, "batched", [
        { do: "log", count: 1, errorEvery: 1, into: [0] },
        { do: "say", word: "first" },
        { ...log, errorEvery: 1 },
        { do: "say", word: "all" },
        { do: "end", how: "kill" },
      ]);
      const first = await child.hear("first");
      const all = await child.hear("all");
      const waitedMs = { first: first.atMs - beganMs, all: all.atMs - first.atMs };
      fault.tell({ firstMs: waitedMs.first, allMs: waitedMs.all });
      // 20 ms for one, 50 ms for all; more is for a loaded machine. All of them would take 6 s.
      expect(waitedMs.first).toBeLessThanOrEqual(100);
      expect(waitedMs.all).toBeLessThanOrEqual(500);
    },
  );

  faultCase("F08 hung: a flush settles when the file does, and nothing is lost", [], async (fault) => {
    const { child, release, check } = await startHanging(fault, "batched", [
      ...([log, { do: "say", word: "logged" }, { do: "flush" }, { do: "say", word: "flushed" }] as const),
      ...([{ do: "close" }, { do: "end", how: "natural" }] as const),
    ]);
    const { atMs } = await child.hear("logged");
    await new Promise((resolve) => setTimeout(resolve, 300));
    release();
    const { flushes, atMs: flushedMs } = await child.hear("flushed");
    expect(await child.ended()).toEqual({ code: 0, signal: null });
    expect({ rejected: flushes.rejected, ...(await check()) }).toMatchObject({
      rejected: 0,
      lost: 0,
      duplicates: 0,
    });
    expect(flushedMs - atMs).toBeGreaterThanOrEqual(300);
  });

  for (const mode of ["batched", "durable"] as const) {
    faultCase(`F08 hung: the others go on, and it does when the disk does, ${mode}`, [], async (fault) => {
      const { child, release, check } = await startHanging(fault, mode, [
        { do: "log", forMs: 1500, perTurn: 5, pauseMs: 5, errorEvery: 50 },
        { do: "say", word: "logged" },
        { do: "await", word: "it goes on" },
        { do: "log", count: 50 },
        ...([{ do: "flush" }, { do: "say", word: "flushed" }] as const),
        ...([{ do: "close" }, { do: "end", how: "natural" }] as const),
      ]);
      await child.hear("logged");
      // Without the disk: all entries of seven containers, and none of the one that hangs.
      const tookMs = await until(async () => (await check()).others === 0, 10_000);
      const whileHanging = await check();
      release();
      child.tell("it goes on");
      const { flushes, status } = await child.hear("flushed");
      expect(await child.ended()).toEqual({ code: 0, signal: null });
      const after = await check();
      fault.tell({ othersMs: Math.round(tookMs), ...after, dropped: status.dropped });
      expect(whileHanging.lost).toBeGreaterThan(100);
      expect(after).toMatchObject({ lost: 0, duplicates: 0 });
      expect({ rejected: flushes.rejected, dropped: status.dropped }).toEqual({ rejected: 0, dropped: 0 });
    });
  }

  faultCase(
    "F08 hung: the end of the process waits for a disk that comes back in time",
    [],
    async (fault) => {
      const { child, release, check } = await startHanging(fault, "batched", [
        log,
        { do: "say", word: "logged" },
        { do: "end", how: "exit" },
      ]);
      await child.hear("logged");
      await new Promise((resolve) => setTimeout(resolve, 800));
      release();
      await child.ended();
      expect(await check()).toMatchObject({ lost: 0, duplicates: 0 });
    },
  );

  if (!isLong) return;
  for (const mode of ["batched", "durable"] as const) {
    for (const [name, step] of [
      ["", log],
      [" with more than fits between the threads", { do: "log", count: 60, perTurn: 60, padBytes: 60_000 }],
    ] as const) {
      faultCase(
        `F08 hung: the end of the process gives it up after 2 s${name}, ${mode}`,
        [],
        async (fault) => {
          const steps = [step, { do: "say", word: "logged" }, { do: "end", how: "exit" }] as const;
          const { child, check } = await startHanging(fault, mode, steps);
          await child.hear("logged");
          const tookMs = await until(async () => (await check()).others === 0, 30_000);
          const { accepted, lost, duplicates } = await check();
          fault.tell({ accepted, lostOfHung: lost, tookMs: Math.round(tookMs) });
          expect(tookMs).toBeLessThanOrEqual(2 * 2000);
          expect(duplicates).toBe(0);
        },
      );
    }

    faultCase(
      `F08 hung: close gives it up after 5 s, and the others lose nothing, ${mode}`,
      [],
      async (fault) => {
        const { child, check } = await startHanging(fault, mode, [...closing, { do: "end", how: "kill" }]);
        const { atMs } = await child.hear("logged");
        const closed = await child.hear("closed");
        await child.ended();
        const { accepted, lost, others, duplicates } = await check();
        const { status, flushes } = closed;
        const tookMs = closed.atMs - atMs;
        fault.tell({ accepted, lostOfHung: lost - others, dropped: status.dropped, tookMs });
        expect(tookMs).toBeLessThanOrEqual(2 * 5000);
        expect({ others, duplicates, rejected: flushes.rejected }).toEqual({
          others: 0,
          duplicates: 0,
          rejected: 1,
        });
        expect({ dropped: status.dropped, queued: status.queued }).toEqual({ dropped: lost, queued: 0 });
      },
    );

    faultCase(
      `F08 hung: what close gave up is in the file once, or told as dropped, ${mode}`,
      [],
      async (fault) => {
        const { child, release, check } = await startHanging(fault, mode, [
          ...closing,
          { do: "await", word: "it is released" },
          { do: "sleep", ms: 300 },
          { do: "end", how: "natural" },
        ]);
        const { status } = await child.hear("closed");
        release();
        child.tell("it is released");
        expect(await child.ended()).toEqual({ code: 0, signal: null });
        const { accepted, lost, duplicates } = await check();
        fault.tell({ accepted, lost, dropped: status.dropped });
        expect(status.accepted - status.written - status.dropped).toBe(0);
        expect(status.dropped).toBe(log.count);
        expect({ isTold: lost <= status.dropped, duplicates }).toEqual({ isTold: true, duplicates: 0 });
      },
    );
  }
});
