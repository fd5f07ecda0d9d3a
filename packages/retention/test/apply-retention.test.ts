import { readStreamFloor } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { applyRetention, planRetention, readDeletions, resolveRetentionPolicy } from "../src/index.ts";
import { phases, planOf } from "./support/applied.ts";
import { memoryTree, root, sealedName } from "./support/trees.ts";

const dayMs = 86_400_000;

describe("applyRetention", () => {
  it("deletes what is planned, in its order, and nothing else", async () => {
    const tree = memoryTree();
    const gone = tree.add("containers/a", 1, 41, 40);
    const stays = tree.add("containers/a", 2, 3);
    const active = tree.add("containers/a", 0, 0);
    const outcome = await applyRetention(root, await planOf(tree), tree.ports);
    expect(outcome).toMatchObject({ deleted: 1, failed: 0, skipped: 0, unreached: 0, unlogged: 0 });
    expect(tree.list()).toEqual([active, stays].sort());
    expect(outcome.bytesFreed).toBeGreaterThan(100);
    expect(phases(tree)).toEqual(["intent 1", "done 1"]);
    expect(readDeletions(root, { fileSystem: tree.files }).records[1]).toMatchObject({
      file: gone,
      stream: "containers/a/main",
      cause: "age",
      rule: "last entry 40 d ago, deleted after 30 d by the general limit",
      atMs: tree.clock.now(),
      bytes: outcome.bytesFreed,
    });
    expect(tree.files.openDescriptors).toBe(0);
  });

  it("does nothing when it is applied a second time", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 40);
    const plan = await planOf(tree);
    await applyRetention(root, plan, tree.ports);
    const again = await applyRetention(root, plan, tree.ports);
    expect(again).toMatchObject({ deleted: 0, failed: 0, bytesFreed: 0, skips: [{ reason: "vanished" }] });
  });

  it("has the intent on stable storage before the file goes", async () => {
    const tree = memoryTree();
    const gone = tree.add("containers/a", 1, 40);
    const plan = await planOf(tree);
    tree.files.clearOperations();
    await applyRetention(root, plan, tree.ports);
    const unlinkAt = tree.files.operations.findIndex(
      ({ verb, path }) => verb === "unlink" && path?.endsWith(gone),
    );
    const isIntent = ({ verb, path }: { verb: string; path?: string | undefined }): boolean =>
      verb === "sync" && path?.endsWith("deletions.ndjson") === true;
    expect(tree.files.operations.findIndex(isIntent)).toBeGreaterThan(-1);
    expect(tree.files.operations.findIndex(isIntent)).toBeLessThan(unlinkAt);
  });

  it("raises the floor of the stream before its newest segment goes", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 41);
    tree.add("containers/a", 2, 41, 40);
    await applyRetention(root, await planOf(tree), tree.ports);
    const floor = readStreamFloor(tree.layout.floorFile(`${root}/containers/a/main.log`), tree.files);
    expect(floor).toEqual({ seq: 12, segmentNumber: 2 });
  });

  it("keeps the numbers of a stream whose newest segments have no entry, with those of the last that has", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 42);
    tree.add("containers/a", 2, 41, 40);
    for (const number of [3, 4])
      tree.files.outside.writeFile(
        `${root}/containers/a/${sealedName(tree.clock.now() - 39 * dayMs, number)}`,
        "",
      );
    const plan = await planOf(tree);
    expect(plan.steps.map(({ raisesFloor }) => raisesFloor)).toEqual([false, true, true, true]);
    await applyRetention(root, plan, tree.ports);
    const floor = readStreamFloor(tree.layout.floorFile(`${root}/containers/a/main.log`), tree.files);
    expect(floor).toEqual({ seq: 12, segmentNumber: 4 });
  });

  it("leaves the newest segment when the floor cannot be raised, and deletes the others", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 41);
    const newest = tree.add("containers/a", 2, 40);
    const plan = await planOf(tree);
    tree.files.inject({ verb: "open", path: "floors", error: "EACCES", times: Number.POSITIVE_INFINITY });
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 1, failed: 1, errors: [{ code: "EACCES" }] });
    expect(tree.list()).toEqual([newest]);
  });

  it("removes directories of the archive that have become empty, and no others", async () => {
    const tree = memoryTree();
    tree.add("archived/containers/2025-11-01/a", 1, 61);
    tree.add("archived/containers/2025-11-01/b", 1, 61);
    const kept = tree.add("archived/containers/2025-12-20/a", 2, 12);
    tree.add("containers/c", 1, 40);
    await applyRetention(root, await planOf(tree), tree.ports);
    expect(tree.list()).toEqual([kept]);
    expect(tree.files.readdir(`${root}/archived/containers`).map(({ name }) => name)).toEqual(["2025-12-20"]);
    expect(tree.files.readdir(`${root}/containers`).map(({ name }) => name)).toEqual(["c"]);
  });

  it("ends at its signal, and tells what it did not reach", async () => {
    const tree = memoryTree();
    for (let number = 1; number <= 200; number++) tree.add("containers/a", number, 40);
    const controller = new AbortController();
    const isLive = (): boolean => {
      controller.abort();
      return false;
    };
    const options = { signal: controller.signal };
    const outcome = await applyRetention(root, await planOf(tree), { ...tree.ports, isLive }, options);
    expect(outcome).toMatchObject({ deleted: 128, unreached: 72 });
    expect(tree.list()).toHaveLength(72);
  });

  it("lets the event loop turn between batches", async () => {
    const tree = memoryTree();
    for (let number = 1; number <= 512; number++) tree.add("containers/a", number, 40);
    const plan = await planOf(tree);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      setImmediate(count).unref();
    };
    setImmediate(count).unref();
    await applyRetention(root, plan, tree.ports);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

describe("readDeletions", () => {
  it("passes over damaged lines, and counts them", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 40);
    await applyRetention(root, await planOf(tree), tree.ports);
    const manifest = `${root}/.waybill/manifests/deletions.ndjson`;
    const text = tree.files.outside.readText(manifest);
    tree.files.outside.writeFile(manifest, `${text.replace('"number":1', '"number":9')}{"phase":"inte`);
    const { records, damagedLines } = readDeletions(root, { fileSystem: tree.files });
    expect([records.map(({ phase, number }) => `${phase} ${number}`), damagedLines]).toEqual([["done 1"], 2]);
  });
});

describe("a directory that is no tree", () => {
  it.each(["without a marker", "that is a link"])("%s is refused", async (which) => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 40);
    const plan = await planOf(tree);
    if (which === "that is a link") {
      tree.files.outside.rename(root, "/real");
      tree.files.outside.symlink("/real", root);
    } else {
      tree.files.outside.unlink(`${root}/.waybill/tree.json`);
    }
    await expect(applyRetention(root, plan, tree.ports)).rejects.toMatchObject({
      code: "WAYBILL_TREE_NOT_FOUND",
    });
  });
});

describe("seal and archive", () => {
  it("are done by their ports, after the deletions, and counted", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 40);
    const due = tree.add("containers/b", 1, 8);
    const idle = tree.add("containers/c", 0, 9);
    const calls: string[] = [];
    const outcome = await applyRetention(root, await planOf(tree), {
      ...tree.ports,
      seal: async ({ path }) => void calls.push(`seal ${path}`),
      archive: async ({ path }) => {
        calls.push(`archive ${path} of ${tree.list().length}`);
        return { path: `${path}.gz`, bytes: 10 };
      },
    });
    expect(calls).toEqual([`seal ${root}/${idle}`, `archive ${root}/${due} of 2`]);
    expect(outcome).toMatchObject({ deleted: 1, sealed: 1, archived: 1 });
  });

  it("are skipped without a port", async () => {
    const tree = memoryTree();
    tree.add("containers/b", 1, 8);
    tree.add("containers/c", 0, 9);
    const outcome = await applyRetention(root, await planOf(tree), tree.ports);
    expect(outcome.skips.map(({ action, reason }) => [action, reason])).toEqual([
      ["seal", "no_port"],
      ["archive", "no_port"],
    ]);
  });

  it("fail one by one", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 8);
    tree.add("containers/b", 1, 8);
    let calls = 0;
    const archive = async () => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      return { path: "/x", bytes: 1 };
    };
    const outcome = await applyRetention(root, await planOf(tree), { ...tree.ports, archive });
    expect(outcome).toMatchObject({
      archived: 1,
      failed: 1,
      errors: [{ action: "archive", code: "ENOSPC" }],
    });
  });

  it("take the directory of a container away that is gone, when its last segment is archived", async () => {
    const tree = memoryTree();
    for (const container of ["gone", "other"]) tree.add(`containers/${container}`, 1, 3);
    const state = { ...(await tree.readState()), registered: new Set(["other"]) };
    const archive = async ({ path }: { path: string }) => {
      tree.files.outside.unlink(path);
      return { path: "/x", bytes: 1 };
    };
    const plan = planRetention(state, resolveRetentionPolicy({ archiveAfterMs: 2 * dayMs }));
    expect(plan.steps.map(({ cause }) => cause)).toEqual(["unregistered", "age"]);
    await applyRetention(root, plan, { ...tree.ports, archive });
    expect(tree.files.readdir(`${root}/containers`).map(({ name }) => name)).toEqual(["other"]);
  });

  it("keep the numbers of a stream before its newest segment is archived", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 3, 9, 8);
    const archive = async () => {
      const floor = readStreamFloor(tree.layout.floorFile(`${root}/containers/a/main.log`), tree.files);
      return { path: "/x", bytes: floor?.seq ?? 0 };
    };
    const plan = await planOf(tree);
    const outcome = await applyRetention(root, plan, { ...tree.ports, archive });
    expect(plan.before.bytes - outcome.bytesFreed).toBeGreaterThanOrEqual(22);
    expect(readStreamFloor(tree.layout.floorFile(`${root}/containers/a/main.log`), tree.files)).toEqual({
      seq: 22,
      segmentNumber: 3,
    });
  });
});

describe("a disk that fails", () => {
  it("is full: deletions come first, and their lines after", async () => {
    const tree = memoryTree();
    for (let number = 1; number <= 150; number++) {
      tree.add("containers/a", number, ...Array<number>(60).fill(190 - number));
    }
    const plan = await planOf(tree);
    // Full to the last byte.
    tree.files.setDeviceLimit(plan.before.bytes);
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 150, failed: 0, unlogged: 0 });
    const lines = phases(tree);
    expect(lines.slice(0, 129)).toEqual([
      ...lines.slice(0, 128).map((_, at) => `done ${at + 1}`),
      "intent 129",
    ]);
    expect(lines.filter((line) => line.startsWith("done"))).toHaveLength(150);
  });

  it("takes no line at all: deletions are counted as unlogged", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 41);
    tree.add("containers/a", 2, 3);
    const plan = await planOf(tree);
    tree.files.inject({ verb: "write", error: "ENOSPC", times: Number.POSITIVE_INFINITY });
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 1, failed: 0, unlogged: 1 });
  });

  it("cannot write the manifest for another reason: nothing is deleted", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 41);
    tree.add("containers/a", 2, 3);
    const plan = await planOf(tree);
    tree.files.inject({ verb: "write", path: "deletions", error: "EIO", times: Number.POSITIVE_INFINITY });
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 0, failed: 1, errors: [{ code: "EIO" }] });
    expect(tree.list()).toHaveLength(2);
  });

  it("refuses one file: the others go", async () => {
    const tree = memoryTree();
    const stuck = tree.add("containers/a", 1, 41);
    tree.add("containers/a", 2, 40);
    tree.add("containers/a", 3, 3);
    const plan = await planOf(tree);
    tree.files.inject({ verb: "unlink", path: stuck, error: "EPERM" });
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({
      deleted: 1,
      failed: 1,
      errors: [{ path: `${root}/${stuck}`, code: "EPERM" }],
    });
    expect(phases(tree)).toEqual(["intent 1", "intent 2", "failed 1", "done 2"]);
  });
});
