import { constants } from "node:fs";
import * as path from "node:path";
import { createTreeLayout, listSegments } from "@waybill/log-tree";
import { createFaultyFileSystem, type FaultyFileSystem, forEachFaultPoint } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { archiveSegment } from "../src/archive-segment.ts";
import { recoverArchive } from "../src/recover-archive.ts";
import { verifyArchive } from "../src/verify-archive.ts";
import {
  idsOf,
  placeTree,
  readIds,
  type SegmentPlan,
  sealedSegments,
  startMs,
} from "./support/sealed-tree.ts";

const root = "/logs";
const layout = createTreeLayout(root);
const sealedMs = startMs + 3_600_000;

/** A plain segment, one that the writer has compressed, and the active one behind them. */
const plans: readonly SegmentPlan[] = [
  { container: "c1", component: "app", firstSeq: 1, count: 5, seal: { sealedMs, number: 1 } },
  {
    container: "c1",
    component: "app",
    firstSeq: 6,
    count: 5,
    seal: { sealedMs, number: 2 },
    compressed: true,
  },
  { container: "c1", component: "app", firstSeq: 11, count: 2 },
];

function createTree(seed: number): FaultyFileSystem {
  const fileSystem = createFaultyFileSystem({ seed });
  makeDurable(fileSystem, placeTree(fileSystem.outside, root, plans));
  return fileSystem;
}

function makeDurable(fileSystem: FaultyFileSystem, files: readonly string[]): void {
  for (const file of files) {
    const fd = fileSystem.open(file, constants.O_RDONLY, 0);
    fileSystem.sync(fd);
    fileSystem.close(fd);
  }
  const directories = new Set([...layout.directories, ...files.map((file) => path.dirname(file))]);
  for (const directory of [root, ...directories]) fileSystem.syncDirectory(directory);
}

/**
 * What ends of earlier processes have left: the first segment in both places and the second not in the manifest, of
 * which the last line is torn; halves of an archived segment and of a manifest.
 */
async function prepareLeftovers(): Promise<(seed: number) => FaultyFileSystem> {
  const before = createTree(1);
  await archiveAll(before);
  const { segments } = await listSegments(root, { fileSystem: before });
  const [first = "", second = ""] = segments.filter(({ state }) => state === "archived").map((it) => it.path);
  const manifest = path.join(layout.manifests, "archive.ndjson");
  const [line = ""] = before.outside.readText(manifest).split("\n");
  const half = first.replace("app.", "app@0123456789ab.").concat(".part");
  return (seed) => {
    const fileSystem = createFaultyFileSystem({ seed });
    const [, , packed = ""] = placeTree(fileSystem.outside, root, plans);
    fileSystem.outside.unlink(packed);
    for (const file of [first, second]) fileSystem.outside.writeFile(file, before.outside.readFile(file));
    fileSystem.outside.writeFile(half, before.outside.readFile(first).subarray(0, 20));
    fileSystem.outside.writeFile(manifest, `${line}\n${line.slice(0, 30)}`);
    fileSystem.outside.writeFile(`${manifest}.0123456789ab.part`, line);
    return fileSystem;
  };
}

/** As a coordinator does: recover at the start, then archive whatever is sealed. */
async function archiveAll(fileSystem: FaultyFileSystem): Promise<void> {
  await recoverArchive({ layout, fileSystem });
  for (const segment of await sealedSegments(root, fileSystem))
    await archiveSegment(segment, { layout, fileSystem });
}

/** Every entry is there once, before and after a new start, which brings the tree to its end state. */
async function verify(fileSystem: FaultyFileSystem): Promise<void> {
  expect(await readIds(root, fileSystem)).toEqual(idsOf(plans));
  await archiveAll(fileSystem);
  expect(await readIds(root, fileSystem)).toEqual(idsOf(plans));
  const { summary } = await listSegments(root, { fileSystem });
  expect(summary.filesByState).toEqual({ active: 1, sealed: 0, archived: 2, temporary: 0, aside: 0 });
  expect(fileSystem.readdir(layout.manifests).map(({ name }) => name)).toEqual(["archive.ndjson"]);
  expect(fileSystem.openDescriptors).toBe(0);
  expect((await verifyArchive(root, { deep: true, fileSystem })).problems).toEqual([]);
}

describe("archiving, with a fault at every call of the file system", () => {
  it("loses nothing and shows nothing twice when it fails, once or for ever, or the process dies", async () => {
    const report = await forEachFaultPoint(archiveAll, { create: createTree, verify, runsMax: 10_000 });
    expect(report.operations).toBeGreaterThan(80);
    expect(report.runs).toBeGreaterThan(report.operations * 3);
  }, 120_000);

  it("puts right what earlier ends have left, though that fails, once or for ever, or the process dies again", async () => {
    const create = await prepareLeftovers();
    const report = await forEachFaultPoint(archiveAll, { create, verify, runsMax: 10_000 });
    const { partsRemoved, finished, listed, damagedLines } = await recoverArchive({
      layout,
      fileSystem: create(1),
    });
    expect([partsRemoved.length, finished.length, listed.length, damagedLines]).toEqual([2, 1, 1, 1]);
    expect(report.operations).toBeGreaterThan(80);
    expect(report.runs).toBeGreaterThan(report.operations * 3);
  }, 120_000);

  it("loses nothing when the power fails at any call", async () => {
    let states = 0;
    await forEachFaultPoint(archiveAll, {
      create: createTree,
      modes: ["crash"],
      runsMax: 10_000,
      async verify(fileSystem) {
        for (const state of fileSystem.powerLossStates()) {
          await verify(state.fileSystem);
          states += 1;
        }
      },
    });
    expect(states).toBeGreaterThan(320);
  }, 120_000);
});
