import { copyFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, modes } from "./support/fault-case.ts";

/** What an outsider does; the old entries are in `kept` afterwards. */
type Rotation = (active: string, kept: string) => void;

const rotations: Readonly<Record<string, Rotation>> = {
  mv: renameSync,
  "mv and create": (active, kept) => {
    renameSync(active, kept);
    writeFileSync(active, "", { mode: 0o640 });
  },
};

async function rotateUnderLoad(
  fault: FaultCase,
  mode: "sync" | "batched" | "durable",
  rotate: Rotation,
  word = "",
) {
  const plan = fault.plan({
    stream: { mode },
    steps: [
      { do: "log", forMs: 300, perTurn: 2, pauseMs: 5 },
      { do: "flush" },
      { do: "say", word: "running" },
      ...(word === "" ? [] : [{ do: "await", word } as const, { do: "reopen" } as const]),
      { do: "log", forMs: 600, perTurn: 2, pauseMs: 5 },
      { do: "close" },
      { do: "say", word: "closed" },
      { do: "end", how: "natural" },
    ],
  });
  const child = fault.start(plan);
  await child.hear("running");
  const kept = join(fault.folder, "kept.log");
  rotate(join(plan.root, "containers/c0/load.log"), kept);
  if (word !== "") child.tell(word);
  const { status } = await child.hear("closed");
  const ended = await child.ended();
  const found = await readFound(plan.root, { "containers/c0/load": kept });
  const { accepted, lost, duplicates } = balance(readAcknowledgements(plan.acks), found, status.dropped);
  fault.tell({ accepted, lost: lost.length, told: found.told, gaps: found.gapReasons.length });
  const { damage, inversions, gapReasons } = found;
  return { ended, lost: lost.length, duplicates, damage, inversions, gapReasons };
}

const clean = { ended: { code: 0, signal: null }, duplicates: 0, damage: [], inversions: 0 };

describe.concurrent.each(modes)("F17 rotation by others, %s", (mode) => {
  for (const [name, rotate] of Object.entries(rotations)) {
    faultCase(`F17 ${mode}: ${name} loses nothing`, [], async (fault) => {
      expect(await rotateUnderLoad(fault, mode, rotate)).toMatchObject({ ...clean, lost: 0 });
    });
  }

  faultCase(`F17 ${mode}: mv and reopen() loses nothing`, [], async (fault) => {
    expect(await rotateUnderLoad(fault, mode, renameSync, "reopen")).toMatchObject({ ...clean, lost: 0 });
  });

  faultCase(`F17 ${mode}: copytruncate is told by a gap record`, [], async (fault) => {
    const seen = await rotateUnderLoad(fault, mode, (active, kept) => {
      copyFileSync(active, kept);
      truncateSync(active, 0);
    });
    expect(seen).toMatchObject({ ended: clean.ended, damage: [], gapReasons: ["truncated"] });
  });
});
