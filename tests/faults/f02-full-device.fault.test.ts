import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, miscountOf, noMiscount, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes, until } from "./support/fault-case.ts";
import type { Plan, Step } from "./support/plan.ts";
import type { LoggingChild } from "./support/start-child.ts";

const firstEntryMsMax = 1500;

/** Runs on a device of 16 MiB, which is unmounted whatever happens. */
async function onSmallDevice(
  fault: FaultCase,
  run: (device: string, filler: string) => Promise<void>,
): Promise<void> {
  const device = join(fault.folder, "device");
  mkdirSync(device);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m,mode=0777", "tmpfs", device]);
  try {
    await run(device, join(device, "filler"));
  } finally {
    execFileSync("umount", ["-l", device]);
  }
}

/** Takes all the space that is left. */
function fill(filler: string): void {
  for (let bytes = 1_048_576; bytes >= 1; bytes = bytes >> 1) {
    for (;;) {
      try {
        appendFileSync(filler, Buffer.alloc(bytes, 1));
      } catch {
        // The part that did fit counts; what did not is tried again in smaller pieces.
        break;
      }
    }
  }
}

/** Milliseconds until a file is another one, or has another length. */
function change(file: string): Promise<number> {
  const state = (): string => (existsSync(file) ? `${statSync(file).ino} ${statSync(file).size}` : "none");
  const before = state();
  return until(() => state() !== before, 10_000);
}

async function endOf(fault: FaultCase, child: LoggingChild, plan: Plan) {
  const said = await child.hear("closed");
  const ended = await child.ended();
  const acks = readAcknowledgements(plan.acks);
  const found = await readFound(plan.root);
  const { accepted, lost, unaccounted, duplicates } = balance(acks, found, said.status.dropped);
  const { dropped } = said.status;
  const refused = acks.refused;
  fault.tell({ accepted, refused, lost: lost.length, dropped, told: found.told, unaccounted });
  return {
    ended,
    unaccounted,
    duplicates,
    damage: found.damage,
    inversions: found.inversions,
    miscount: miscountOf(said.status, acks, found),
    told: found.told,
    dropped,
    missing: found.holes + found.gaps,
    lost,
    lastMs: Math.max(...[...found.streams.values()].map((entries) => entries.at(-1)?.timestampMs ?? 0)),
  };
}

const ending: readonly Step[] = [
  { do: "flush" },
  { do: "close" },
  { do: "say", word: "closed" },
  { do: "end", how: "natural" },
];
const clean = {
  ended: { code: 0, signal: null },
  unaccounted: 0,
  duplicates: 0,
  damage: [],
  inversions: 0,
  miscount: noMiscount,
};

describe.concurrent.each(modes)("F02 a full device, %s", (mode) => {
  faultCase(
    `F02 ${mode}: lives on a full device, goes on in order when space is free, tells what it dropped`,
    ["root"],
    async (fault) => {
      await onSmallDevice(fault, async (device, filler) => {
        appendFileSync(filler, Buffer.alloc(8 * 1_048_576, 1));
        const plan = fault.plan({
          root: join(device, "tree"),
          stream: { mode, segmentBytesMax: 1_048_576 },
          steps: [
            // 24 MB for 8 MB of space and a queue of 4 MiB.
            { do: "log", count: 12_000, perTurn: 50, padBytes: 1800, errorEvery: 100 },
            { do: "say", word: "full" },
            { do: "log", forMs: 400, perTurn: 2, pauseMs: 5 },
            { do: "say", word: "logged" },
            { do: "await", word: "go on" },
            { do: "log", count: 200, perTurn: 5, pauseMs: 5 },
            ...ending,
          ],
        });
        const child = fault.start(plan);
        const full = await child.hear("full");
        await child.hear("logged");
        rmSync(filler);
        const readableMs = change(join(plan.root, "containers/c0/load.log"));
        child.tell("go on");
        fault.tell({ readableMs: Math.round(await readableMs), droppedWhileFull: full.status.dropped });
        const end = await endOf(fault, child, plan);
        expect(end).toMatchObject(clean);
        expect(full.status.dropped).toBeGreaterThan(0);
        expect(await readableMs).toBeLessThanOrEqual(firstEntryMsMax);
        expect({ told: end.told, missing: end.missing }).toEqual({ told: end.dropped, missing: end.dropped });
      });
    },
  );

  faultCase(
    `F02 ${mode}: starts on a full device and loses nothing that its queue holds`,
    ["root"],
    async (fault) => {
      await onSmallDevice(fault, async (device, filler) => {
        fill(filler);
        const plan = fault.plan({
          root: join(device, "tree"),
          stream: { mode },
          steps: [
            { do: "log", count: 200, perTurn: 10, pauseMs: 5 },
            { do: "say", word: "logged" },
            { do: "log", forMs: 1200, pauseMs: 10 },
            ...ending,
          ],
        });
        // The root itself must be there: that of a coordinator is made once, and refused loudly where it cannot.
        rmSync(filler);
        mkdirSync(plan.root);
        fill(filler);
        const child = fault.start(plan);
        await child.hear("logged");
        truncateSync(filler, 0);
        const readableMs = await change(join(plan.root, "containers/c0/load.log"));
        fault.tell({ readableMs: Math.round(readableMs) });
        const end = await endOf(fault, child, plan);
        expect(end).toMatchObject({ ...clean, lost: [], dropped: 0 });
        expect(readableMs).toBeLessThanOrEqual(firstEntryMsMax);
      });
    },
  );
});
