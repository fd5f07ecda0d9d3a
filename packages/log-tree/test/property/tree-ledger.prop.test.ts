import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listSegments } from "../../src/inventory.ts";
import { openTreeLedger, type TreeLedger } from "../../src/tree-ledger.ts";
import { useTemporaryDirectories } from "../support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();
const runs = { seed: 20_261_123, numRuns: 60 };

/** Places of a small tree: active, sealed, archived and temporary files, our own state, and what is none of the format. */
const files = [
  "master.log",
  "containers/a/x.log",
  "containers/a/x.20261122T103001123Z-000001.log",
  "containers/a/x.20261122T103001123Z-000001.log.gz",
  "containers/a/x.20261122T103001123Z-000001.log.gz.part",
  "containers/b/y.log",
  "archived/containers/2026-11-22/a/x.20261122T103001122Z-000001.log.gz",
  "flows/main_fast_event_flows.log",
  "system/coordinator.log",
  ".waybill/holds/one.json",
  "containers/a/notes.txt",
];

type Change =
  | { readonly do: "write" | "append"; readonly file: string; readonly bytes: number }
  | { readonly do: "remove"; readonly file: string }
  | { readonly do: "move"; readonly file: string; readonly to: string };

const file = fc.constantFrom(...files);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    do: fc.constantFrom("write" as const, "append" as const),
    file,
    bytes: fc.integer({ min: 0, max: 5000 }),
  }),
  fc.record({ do: fc.constant("remove" as const), file }),
  fc.record({ do: fc.constant("move" as const), file, to: file }),
);

/** @returns the paths that were touched. */
function perform(root: string, step: Change): string[] {
  const target = path.join(root, step.file);
  mkdirSync(path.dirname(target), { recursive: true });
  if (step.do === "remove") rmSync(target, { force: true });
  else if (step.do === "write") writeFileSync(target, "x".repeat(step.bytes));
  else if (step.do === "append") appendFileSync(target, "x".repeat(step.bytes));
  else if (step.do === "move") {
    appendFileSync(target, "");
    const to = path.join(root, step.to);
    mkdirSync(path.dirname(to), { recursive: true });
    renameSync(target, to);
    return [target, to];
  }
  return [target];
}

/** What the tree holds, asked of the file system alone. */
function truthOf(root: string): { readonly bytes: number; readonly containers: Record<string, number> } {
  const found = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "notes.txt")
    .map((entry) => path.join(entry.parentPath, entry.name));
  const sizeOf = (paths: readonly string[]) => paths.reduce((sum, each) => sum + statSync(each).size, 0);
  const ofContainer = (id: string) => found.filter((each) => each.includes(`/${id}/`));
  return { bytes: sizeOf(found), containers: { a: sizeOf(ofContainer("a")), b: sizeOf(ofContainer("b")) } };
}

function seenBy(ledger: TreeLedger) {
  return {
    bytes: ledger.totals.bytes,
    containers: { a: ledger.containerBytes("a"), b: ledger.containerBytes("b") },
  };
}

async function makeTree(): Promise<string> {
  const root = temporaryDirectory();
  mkdirSync(path.join(root, ".waybill/holds"), { recursive: true });
  writeFileSync(path.join(root, "master.log"), "12345");
  return root;
}

describe("a ledger of a tree", () => {
  it("knows what lies there as long as it is told of every change", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (steps) => {
        const root = await makeTree();
        const ledger = await openTreeLedger(root);
        for (const step of steps) {
          for (const touched of perform(root, step)) ledger.note(touched);
        }
        expect(seenBy(ledger)).toEqual(truthOf(root));
        expect(ledger.segments()).toEqual((await listSegments(root)).segments);
        expect(await ledger.rescan()).toEqual({ added: 0, removed: 0, changed: 0, bytes: 0, problems: [] });
      }),
      runs,
    );
  });

  it("finds by a rescan what nobody told, and says by how much it was wrong", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (steps) => {
        const root = await makeTree();
        const ledger = await openTreeLedger(root);
        const before = ledger.totals.bytes;
        for (const step of steps) perform(root, step);
        const drift = await ledger.rescan();
        const truth = truthOf(root);
        expect(seenBy(ledger)).toEqual(truth);
        expect(drift.bytes).toBe(truth.bytes - before);
        expect(ledger.segments()).toEqual((await listSegments(root)).segments);
      }),
      runs,
    );
  });

  it("is right about what it is told of while it walks the tree", async () => {
    const pair = fc.tuple(fc.array(change, { maxLength: 10 }), fc.array(change, { maxLength: 10 }));
    await fc.assert(
      fc.asyncProperty(pair, async ([before, during]) => {
        const root = await makeTree();
        const ledger = await openTreeLedger(root);
        for (const step of before) perform(root, step);
        const walk = ledger.rescan();
        for (const step of during) {
          await Promise.resolve();
          for (const touched of perform(root, step)) ledger.note(touched);
        }
        await walk;
        expect(seenBy(ledger)).toEqual(truthOf(root));
      }),
      runs,
    );
  });
});
