import { readStreamFloor } from "@waybill/log-tree";
import { createFakeClock, type FaultyFileSystem, forEachFaultPoint } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { applyRetention, planRetention, readDeletions, resolveRetentionPolicy } from "../src/index.ts";
import { memoryTree, root } from "./support/trees.ts";

const policy = resolveRetentionPolicy();
const clock = createFakeClock();

/** Three expired segments in two streams, one of them the newest of its stream, and three that stay. */
function prepare(files: ReturnType<typeof memoryTree>["files"]) {
  const tree = memoryTree(files, clock);
  const gone = [
    tree.add("containers/a", 1, 41),
    tree.add("containers/b", 7, 42, 41),
    tree.add("archived/containers/2025-11-20/a", 1, 42),
  ];
  const stays = [
    tree.add("containers/a", 2, 3),
    tree.add("containers/a", 0, 0),
    tree.add("containers/b", 0, 1),
  ];
  return { tree, gone, stays: stays.sort() };
}

describe("applyRetention, disturbed at every call to the file system", () => {
  // A disk without room is the one on which deletions come before their lines.
  it.each(["EIO", "ENOSPC"])(
    "leaves every segment whole or gone, touches no other, and ends what it began in the next run: %s",
    async (code) => {
      const names = prepare(memoryTree(undefined, clock).files);
      const unlogged = new Map<FaultyFileSystem, number>();
      const report = await forEachFaultPoint(
        async (files) => {
          const tree = memoryTree(files, clock);
          const outcome = await applyRetention(
            root,
            planRetention(await tree.readState(), policy),
            tree.ports,
          );
          // A run that ends says what it has done.
          expect(outcome.deleted + tree.list().length).toBe(6);
          unlogged.set(files, outcome.unlogged);
        },
        {
          create: (seed) => {
            const { files } = memoryTree(undefined, clock);
            prepare(files);
            return Object.assign(files, { seed });
          },
          code,
          runsMax: 1500,
          verify: async (files) => {
            const sizes = (list: readonly string[]) =>
              list.map((file) => files.outside.readFile(`${root}/${file}`).length);
            const before = memoryTree(files, clock);
            const left = before.list();
            expect(left.filter((file) => !names.gone.includes(file))).toEqual(names.stays);
            expect(sizes(left).every((size) => size > 100)).toBe(true);
            // Where the newest segment of a stream is gone, its numbers are kept, also when the power fails now.
            const floors = before.files
              .powerLossStates()
              .filter(({ fileSystem }) => fileSystem.lstat(`${root}/${names.gone[1]}`) === undefined)
              .map(({ fileSystem }) =>
                readStreamFloor(before.layout.floorFile(`${root}/containers/b/main.log`), fileSystem),
              );
            expect(floors).toEqual(floors.map(() => ({ seq: 62, segmentNumber: 7 })));

            const next = await applyRetention(
              root,
              planRetention(await before.readState(), policy),
              before.ports,
            );
            expect(next.failed).toBe(0);
            expect(before.list()).toEqual(names.stays);
            const { records } = readDeletions(root, { fileSystem: files });
            const open = new Set(records.filter(({ phase }) => phase === "intent").map(({ file }) => file));
            for (const { file, phase } of records) if (phase !== "intent") open.delete(file);
            expect([...open]).toEqual([]);
            // Each deletion once, but for those of which a run has told that it could not write their line.
            const done = records.filter(({ phase }) => phase === "done").map(({ file }) => file);
            expect(new Set(done).size).toBe(done.length);
            expect(done.filter((file) => !names.gone.includes(file))).toEqual([]);
            expect(done.length + (unlogged.get(files) ?? 0)).toBe(names.gone.length);
            expect(files.openDescriptors).toBe(0);
          },
        },
      );
      expect(report.operations).toBeGreaterThan(60);
      expect(report.runs).toBeGreaterThan(150);
      // All of them, none drawn.
      expect(report.runs).toBeLessThan(1500);
    },
    60_000,
  );
});
