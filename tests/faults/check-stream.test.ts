import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { balance, readAcknowledgements, readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase } from "./support/fault-case.ts";

/** A sound tree of 20 entries, whose lines somebody then changes: the checker must see it. */
async function checkAfter(fault: FaultCase, change: (lines: string[]) => string[]) {
  const plan = fault.plan({
    stream: { mode: "sync" },
    steps: [{ do: "log", count: 20 }, { do: "close" }, { do: "end", how: "natural" }],
  });
  await fault.start(plan).ended();
  const file = join(plan.root, "containers/c0/load.log");
  writeFileSync(file, change(readFileSync(file, "utf8").split("\n")).join("\n"));
  const found = await readFound(plan.root);
  const { accepted, lost, duplicates, unaccounted } = balance(readAcknowledgements(plan.acks), found);
  const { damage, inversions, holes } = found;
  return { accepted, lost: lost.length, duplicates, unaccounted, damage, inversions, holes };
}

const sound = { accepted: 20, lost: 0, duplicates: 0, unaccounted: 0, damage: [], inversions: 0, holes: 0 };

describe.concurrent("the checker of the fault programs", () => {
  faultCase("finds nothing in a sound tree", [], async (fault) => {
    expect(await checkAfter(fault, (lines) => lines)).toEqual(sound);
  });

  faultCase("finds a missing entry", [], async (fault) => {
    const seen = await checkAfter(fault, (lines) => lines.toSpliced(7, 1));
    expect(seen).toEqual({ ...sound, lost: 1, unaccounted: 1, holes: 1 });
  });

  faultCase("finds an entry that stands twice", [], async (fault) => {
    const seen = await checkAfter(fault, (lines) => lines.toSpliced(7, 0, lines[6] ?? ""));
    expect(seen).toEqual({ ...sound, duplicates: 1, inversions: 1 });
  });

  faultCase("finds entries in the wrong order", [], async (fault) => {
    const seen = await checkAfter(fault, (lines) => lines.toSpliced(7, 2, lines[8] ?? "", lines[7] ?? ""));
    expect(seen).toMatchObject({ lost: 0, inversions: 1 });
  });

  faultCase("finds a torn line in the middle", [], async (fault) => {
    const seen = await checkAfter(fault, (lines) => lines.with(7, lines[7]?.slice(0, 30) ?? ""));
    expect(seen).toEqual({
      ...sound,
      lost: 1,
      unaccounted: 1,
      holes: 1,
      damage: ["load.log: invalid_lines ×1"],
    });
  });

  faultCase("finds a torn tail", [], async (fault) => {
    const seen = await checkAfter(fault, (lines) => [...lines.slice(0, -1), "{"]);
    expect(seen).toEqual({ ...sound, damage: ["load.log: torn_tail ×1"] });
  });
});
