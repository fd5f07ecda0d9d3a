import { formatStamp } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { applyRetention, placeHold, readDeletions } from "../src/index.ts";
import { phases, planOf } from "./support/applied.ts";
import { lineOf, type MemoryTree, memoryTree, root } from "./support/trees.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Puts aside what a writer would, so many days ago, and returns its path. */
function setAside({ files, clock }: MemoryTree, days: number, kind: "torn" | "quarantine"): string {
  const file = `${root}/containers/a/main.${formatStamp(clock.now() - days * dayMs)}.${kind}`;
  files.outside.writeFile(file, lineOf(clock.now(), 1, "trade_1"));
  return file;
}

const isThere = ({ files }: MemoryTree, file: string): boolean => files.lstat(file) !== undefined;

describe("what writers set aside", () => {
  it("is deleted after its age, with its lines in the manifest, however new the entries in it are", async () => {
    const tree = memoryTree();
    const [torn, foreign, young] = [
      setAside(tree, 40, "torn"),
      setAside(tree, 41, "quarantine"),
      setAside(tree, 29, "torn"),
    ];
    const outcome = await applyRetention(root, await planOf(tree), tree.ports);
    expect(outcome).toMatchObject({ deleted: 2, failed: 0, skipped: 0 });
    expect([torn, foreign, young].map((file) => isThere(tree, file))).toEqual([false, false, true]);
    expect(phases(tree).filter((phase) => phase.startsWith("done"))).toHaveLength(2);
    expect(readDeletions(root, { fileSystem: tree.files }).records[0]).toMatchObject({
      stream: "containers/a/main",
      cause: "age",
    });
  });

  it("has unknown times, as nothing reads it: a hold on times long past covers it", async () => {
    const tree = memoryTree();
    setAside(tree, 40, "torn");
    expect((await tree.readState()).segments).toMatchObject([{ firstMs: undefined, lastMs: undefined }]);
    placeHold(root, { reason: "audit", fromMs: 1, toMs: 2 }, tree.ports);
    expect((await planOf(tree)).steps).toEqual([]);
  });

  it("makes room when the tree is too large", async () => {
    const tree = memoryTree();
    const file = setAside(tree, 1, "quarantine");
    tree.files.outside.writeFile(file, "x".repeat(3_000_000));
    const { steps, before } = await planOf(tree, { maxTotalBytes: 1_000_000 });
    expect(before.bytes).toBeGreaterThan(3_000_000);
    expect(steps).toMatchObject([{ action: "delete", cause: "total_size", bytesFreed: 3_000_000 }]);
  });

  it("is left alone when a hold on its container or on any correlation id came after the plan", async () => {
    for (const criteria of [{ container: "a" }, { correlationId: "another" }]) {
      const tree = memoryTree();
      const file = setAside(tree, 40, "torn");
      const plan = await planOf(tree);
      placeHold(root, { reason: "audit", ...criteria }, tree.ports);
      const outcome = await applyRetention(root, plan, tree.ports);
      expect(outcome).toMatchObject({ deleted: 0, skips: [{ path: file, reason: "held" }] });
    }
  });

  it("is left alone when another file or a link has its name", async () => {
    const tree = memoryTree();
    const [first, second] = [setAside(tree, 40, "torn"), setAside(tree, 41, "torn")];
    const plan = await planOf(tree);
    tree.files.outside.replaceFile(first, "another");
    tree.files.outside.rename(second, "/elsewhere");
    tree.files.outside.symlink("/elsewhere", second);
    const { deleted, skips } = await applyRetention(root, plan, tree.ports);
    expect([deleted, skips.map(({ reason }) => reason).sort()]).toEqual([0, ["changed", "link"]]);
  });

  it("goes last of a container that is gone, and takes its directory along", async () => {
    const tree = memoryTree();
    setAside(tree, 40, "torn");
    const plan = await planOf(tree, {}, { registered: new Set() });
    await applyRetention(root, plan, tree.ports);
    expect(tree.files.readdir(`${root}/containers`)).toEqual([]);
  });
});

describe("temporary files beside segments", () => {
  const part = `${root}/containers/a/main.20260101T000000000Z-000001.log.gz.part`;

  it("go an hour after they were written last, also where the stream is never opened again", async () => {
    const tree = memoryTree();
    tree.files.outside.writeFile(part, "half");
    tree.clock.advance(hourMs);
    expect((await planOf(tree)).steps).toEqual([]);
    tree.clock.advance(1);
    expect(await applyRetention(root, await planOf(tree), tree.ports)).toMatchObject({ deleted: 1 });
    expect(isThere(tree, part)).toBe(false);
  });

  it("stay when somebody has begun to write them since the plan", async () => {
    const tree = memoryTree();
    tree.files.outside.writeFile(part, "half");
    tree.clock.advance(hourMs + 1);
    const plan = await planOf(tree);
    tree.files.outside.writeFile(part, "full");
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 0, skips: [{ reason: "changed" }] });
  });
});
