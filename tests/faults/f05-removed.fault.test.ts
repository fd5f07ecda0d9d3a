import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { WriterMode } from "@waybill/writers";
import { describe, expect } from "vitest";
import { balance, miscountOf, noMiscount, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes, until } from "./support/fault-case.ts";

const noticedMsMax = 100;
const containers = 5;

/** The child may build again what is being removed, which ends the removal. */
function isRemoved(target: string): boolean {
  try {
    rmSync(target, { recursive: true, force: true });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTEMPTY") return false;
    throw error;
  }
}

/** Has somebody remove something under load; counts what was logged after that and is not there. */
async function removeUnderLoad(fault: FaultCase, mode: WriterMode, target: string, how: "rm" | "mv") {
  const plan = fault.plan({
    containers,
    stream: { mode },
    steps: [
      { do: "log", forMs: 300, perTurn: 2, pauseMs: 5 },
      { do: "say", word: "running" },
      { do: "log", forMs: 600, perTurn: 2, pauseMs: 5 },
      { do: "close" },
      { do: "say", word: "closed" },
      { do: "end", how: "natural" },
    ],
  });
  const child = fault.start(plan);
  await child.hear("running");
  const file = join(plan.root, "containers/c0/load.log");
  const removed = join(plan.root, target);
  // On a busy machine the thread that writes may take longer to start than the child has logged.
  await until(() => existsSync(file), 5000);
  // An inode number is used again at once.
  const identity = (): string => `${statSync(file).ino} ${statSync(file).birthtimeMs}`;
  const before = identity();
  const atMs = Date.now();
  if (how === "mv") renameSync(removed, join(fault.folder, "moved"));
  else await until(() => isRemoved(removed), 1000);
  const noticedMs = await until(() => existsSync(file) && identity() !== before, 5000);
  const { status } = await child.hear("closed");
  const ended = await child.ended();
  const acks = readAcknowledgements(plan.acks);
  const moved = how === "mv" ? { "containers/c0/load": join(fault.folder, "moved/load.log") } : {};
  const found = await readFound(plan.root, moved);
  const { lost, duplicates } = balance(acks, found);
  const lostAfter = lost.filter((entry) => entry.atMs > atMs);
  const elsewhere = lost.filter(({ container }) => container !== "c0");
  const restarted = [...found.streams.values()].filter(
    ([first]) => first?.seq === 1 && first.key !== `0:${first.container}:0`,
  ).length;
  // What was written and then removed with its file.
  const removedEntries = lost.length - lostAfter.length;
  fault.tell({
    accepted: acks.accepted.length,
    removedWithFile: removedEntries,
    lostAfter: lostAfter.length,
    noticedMs: Math.round(noticedMs),
    gaps: found.gapReasons.join(" ") || "none",
    told: found.told,
  });
  const { damage, inversions } = found;
  const miscount = miscountOf(status, acks, found, removedEntries);
  return {
    ended,
    noticedMs,
    lost: lost.length,
    lostAfter: lostAfter.length,
    elsewhere: elsewhere.length,
    duplicates,
    damage,
    inversions,
    miscount,
    restarted,
  };
}

const clean = {
  ended: { code: 0, signal: null },
  lostAfter: 0,
  duplicates: 0,
  damage: [],
  inversions: 0,
  miscount: noMiscount,
};

describe.concurrent.each(modes)("F05 removed under load, %s", (mode) => {
  faultCase(
    `F05 ${mode}: builds a removed log directory again and goes on with its numbers`,
    [],
    async (fault) => {
      const seen = await removeUnderLoad(fault, mode, "containers", "rm");
      expect(seen).toMatchObject({ ...clean, restarted: 0 });
      expect(seen.noticedMs).toBeLessThanOrEqual(noticedMsMax);
    },
  );

  faultCase(`F05 ${mode}: builds a directory again that was moved away`, [], async (fault) => {
    const seen = await removeUnderLoad(fault, mode, "containers/c0", "mv");
    expect(seen).toMatchObject({ ...clean, lost: 0 });
    expect(seen.noticedMs).toBeLessThanOrEqual(noticedMsMax);
  });

  faultCase(`F05 ${mode}: makes an unlinked file again, and the others do not notice`, [], async (fault) => {
    const seen = await removeUnderLoad(fault, mode, "containers/c0/load.log", "rm");
    expect(seen).toMatchObject({ ...clean, elsewhere: 0, restarted: 0 });
    expect(seen.noticedMs).toBeLessThanOrEqual(noticedMsMax);
  });
});
