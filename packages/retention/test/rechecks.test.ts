import { describe, expect, it } from "vitest";
import { applyRetention, placeHold } from "../src/index.ts";
import { phases, planOf } from "./support/applied.ts";
import { type MemoryTree, memoryTree, root } from "./support/trees.ts";

describe("what has changed since the plan", () => {
  const expired = "containers/a";

  it.each<[string, (tree: MemoryTree, file: string) => void, string]>([
    ["is gone", ({ files }, file) => files.outside.unlink(file), "vanished"],
    [
      "is another file of the same name",
      ({ files }, file) => files.outside.replaceFile(file, "x"),
      "changed",
    ],
    ["has grown", ({ files }, file) => files.outside.writeFile(file, "x".repeat(9999)), "changed"],
    [
      "is a link now",
      ({ files }, file) => {
        files.outside.rename(file, "/elsewhere");
        files.outside.symlink("/elsewhere", file);
      },
      "link",
    ],
    [
      "lies in a directory that is a link now",
      ({ files }) => {
        files.outside.rename("/logs/containers/a", "/other");
        files.outside.symlink("/other", "/logs/containers/a");
      },
      "link",
    ],
  ])("is left alone when it %s", async (_, change, reason) => {
    const tree = memoryTree();
    const file = `${root}/${tree.add(expired, 1, 40)}`;
    const plan = await planOf(tree);
    change(tree, file);
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 0, failed: 0, skips: [{ path: file, reason }] });
    expect(phases(tree)).toEqual([]);
  });

  it("is left alone when it changes while its intent is being synced, which then ends as failed", async () => {
    const tree = memoryTree();
    const file = `${root}/${tree.add(expired, 1, 40)}`;
    const plan = await planOf(tree);
    const sync = (fd: number): void => {
      tree.files.sync(fd);
      tree.files.outside.replaceFile(file, "new");
    };
    const fileSystem = { ...tree.files, sync };
    // The floor is raised before, and synced too: that must not count.
    const kept = { ...plan, steps: plan.steps.map((step) => ({ ...step, raisesFloor: false })) };
    const outcome = await applyRetention(root, kept, { ...tree.ports, fileSystem });
    expect(outcome).toMatchObject({ deleted: 0, skips: [{ path: file, reason: "changed" }] });
    expect(tree.files.outside.readText(file)).toBe("new");
    expect(phases(tree)).toEqual(["intent 1", "failed 1"]);
  });

  it("is left alone when a writer has it open now", async () => {
    const tree = memoryTree();
    tree.add(expired, 1, 40);
    const plan = await planOf(tree);
    const outcome = await applyRetention(root, plan, { ...tree.ports, isLive: () => true });
    expect(outcome.skips).toMatchObject([{ reason: "live" }]);
  });

  it.each([{ container: "a" }, { correlationId: "trade_1" }, { toMs: 0 + Date.UTC(2030, 0) }])(
    "is left alone when it is held now: %j",
    async (criteria) => {
      const tree = memoryTree();
      tree.add(expired, 1, 40);
      const plan = await planOf(tree);
      placeHold(root, { reason: "audit", ...criteria }, { fileSystem: tree.files, clock: tree.clock });
      const outcome = await applyRetention(root, plan, tree.ports);
      expect(outcome.skips).toMatchObject([{ reason: "held" }]);
    },
  );

  it("is left alone while the holds cannot be read", async () => {
    const tree = memoryTree();
    tree.add(expired, 1, 40);
    const plan = await planOf(tree);
    tree.files.inject({ verb: "readdir", path: "holds", error: "EIO", times: Number.POSITIVE_INFINITY });
    const outcome = await applyRetention(root, plan, tree.ports);
    expect(outcome).toMatchObject({ deleted: 0, failed: 1, errors: [{ code: "EIO" }] });
  });

  it("is left alone below a mount point", async () => {
    const tree = memoryTree();
    tree.add(expired, 1, 40);
    const ports = { ...tree.ports, mountPoints: () => [`${root}/containers/a`] };
    const outcome = await applyRetention(root, await planOf(tree), ports);
    expect(outcome.skips).toMatchObject([{ reason: "mount_point" }]);
  });

  it.each([
    ["/etc/passwd"],
    [`${root}/.waybill/tree.json`],
    [`${root}/containers/a/notes.txt`],
    [`${root}/containers/a/../../../etc/passwd`],
    [`${root}/containers/b/main.20251101T000000000Z-000001.log`],
    [`${root}/containers/a/main.log`],
  ])("is left alone when the plan says %s", async (path) => {
    const tree = memoryTree();
    tree.add(expired, 1, 40);
    tree.add("containers/b", 1, 61);
    tree.files.outside.writeFile("/etc/passwd", "root");
    tree.files.outside.writeFile(`${root}/containers/a/notes.txt`, "mine");
    tree.add(expired, 0, 0);
    const before = tree.list();
    const [step] = (await planOf(tree)).steps;
    const steps = step === undefined ? [] : [{ ...step, segment: { ...step.segment, path } }];
    const outcome = await applyRetention(root, { ...(await planOf(tree)), steps }, tree.ports);
    expect(outcome.skips).toMatchObject([{ reason: "foreign" }]);
    expect(tree.list()).toEqual(before);
  });
});
