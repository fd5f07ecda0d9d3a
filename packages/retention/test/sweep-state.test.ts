import { raiseStreamFloor, type StreamFloor } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { type SweptState, sweepTreeState } from "../src/index.ts";
import { type MemoryTree, memoryTree, root } from "./support/trees.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const floor: StreamFloor = { seq: 7, segmentNumber: 3 };

async function sweep(tree: MemoryTree): Promise<SweptState> {
  const { segments } = await tree.readState();
  return sweepTreeState(root, segments, tree.ports);
}

function raise({ layout, files }: MemoryTree, active: string): string {
  const file = layout.floorFile(`${root}/${active}`);
  raiseStreamFloor(file, floor, files);
  return file;
}

const isThere = ({ files }: MemoryTree, file: string): boolean => files.lstat(file) !== undefined;

describe("floors", () => {
  it("of a stream that is gone stay for 30 days after they were raised, and not longer", async () => {
    const tree = memoryTree();
    const file = raise(tree, "containers/job_1/main.log");
    const bytes = tree.files.lstat(file)?.size;
    tree.clock.advance(30 * dayMs);
    expect(await sweep(tree)).toMatchObject({ removed: [], bytes: 0, failed: 0 });
    tree.clock.advance(1);
    expect(await sweep(tree)).toMatchObject({ removed: [file], bytes, failed: 0 });
    expect(isThere(tree, file)).toBe(false);
  });

  it.each<[string, string, (tree: MemoryTree) => void]>([
    [
      "of its container",
      "containers/job_1/main.log",
      (tree) => tree.files.mkdir(`${root}/containers/job_1`, 0o750),
    ],
    [
      "archived of it",
      "containers/job_1/main.log",
      (tree) => tree.add("archived/containers/2025-12-01/job_1", 3, 40),
    ],
    [
      "archived of it, of which the name was cut",
      `containers/${"x".repeat(120)}/main.log`,
      (tree) => tree.add(`archived/containers/2025-12-01/${"x".repeat(120)}`, 3, 40),
    ],
    [
      "at all, as it is none of a container",
      "flows/main_fast_event_flows.log",
      (tree) => tree.files.rmdir(`${root}/flows`),
    ],
    ["at all, as it is the overview", "master.log", () => undefined],
  ])("stay, however old they are, while there is anything %s", async (_, active, keep) => {
    const tree = memoryTree();
    const file = raise(tree, active);
    keep(tree);
    tree.clock.advance(999 * dayMs);
    expect((await sweep(tree)).removed).toEqual([]);
    expect(isThere(tree, file)).toBe(true);
  });

  it("of a stream with a name that was cut go as others when nothing of it lies in the tree", async () => {
    const tree = memoryTree();
    const file = raise(tree, `containers/${"x".repeat(120)}/main.log`);
    tree.clock.advance(31 * dayMs);
    expect((await sweep(tree)).removed).toEqual([file]);
  });

  it("of more streams that are gone than are kept go before, those that were raised first", async () => {
    const tree = memoryTree();
    const fileOf = (at: number): string => tree.layout.floorFile(`${root}/containers/job_${at}/main.log`);
    for (let at = 0; at < 5; at++) {
      tree.clock.advance(1);
      tree.files.outside.writeFile(fileOf(at), "{}");
    }
    const { removed } = await sweepTreeState(root, [], { ...tree.ports, goneFloorsMax: 3 });
    expect(removed.toSorted()).toEqual([fileOf(0), fileOf(1)]);
    expect((await sweep(tree)).removed).toEqual([]);
  });

  it("stay when the container comes back while they are looked at", async () => {
    const tree = memoryTree();
    const file = raise(tree, "containers/job_1/main.log");
    const { segments } = await tree.readState();
    tree.clock.advance(31 * dayMs);
    const lstat = (at: string) => {
      const found = tree.files.lstat(at);
      if (at === file) tree.files.mkdir(`${root}/containers/job_1`, 0o750);
      return found;
    };
    const fileSystem = { ...tree.files, lstat };
    expect((await sweepTreeState(root, segments, { ...tree.ports, fileSystem })).removed).toEqual([]);
  });
});

describe("temporary files of the tree's own state", () => {
  const places = [".waybill", "holds", "manifests", "floors", "indexes"].map((name) =>
    name === ".waybill" ? `${root}/.waybill/tree.json.1.part` : `${root}/.waybill/${name}/x.1.part`,
  );

  it("go an hour after they were written last, wherever they lie, and stay before", async () => {
    const tree = memoryTree();
    for (const file of places) tree.files.outside.writeFile(file, "half");
    tree.clock.advance(hourMs);
    expect((await sweep(tree)).removed).toEqual([]);
    tree.clock.advance(1);
    const { removed, bytes } = await sweep(tree);
    expect(removed.toSorted()).toEqual(places.toSorted());
    expect(bytes).toBe(20);
  });

  it("are no locks, links or directories, whatever those are called, and nothing else goes", async () => {
    const tree = memoryTree();
    const { outside } = tree.files;
    outside.writeFile(`${root}/.waybill/locks/containers%2Fx.part`, "{}");
    outside.writeFile(`${root}/.waybill/floors/notes.txt`, "mine");
    outside.writeFile(`${root}/.waybill/floors/notes~`, "mine");
    outside.writeFile("/precious", "mine");
    outside.symlink("/precious", `${root}/.waybill/holds/link.part`);
    tree.files.mkdir(`${root}/.waybill/holds/directory.part`, 0o750);
    tree.clock.advance(999 * dayMs);
    expect((await sweep(tree)).removed).toEqual([]);
  });

  it("are counted when they cannot be removed, and the others go", async () => {
    const tree = memoryTree();
    for (const file of places.slice(0, 2)) tree.files.outside.writeFile(file, "half");
    tree.clock.advance(hourMs + 1);
    tree.files.inject({ verb: "unlink", path: places[0] ?? "", error: "EACCES" });
    expect(await sweep(tree)).toMatchObject({ removed: [places[1]], failed: 1 });
  });
});

describe("a sweep", () => {
  it("is refused where there is no tree, or only a link to one", async () => {
    const tree = memoryTree();
    tree.files.outside.symlink(root, "/link");
    const refused = { code: "WAYBILL_TREE_NOT_FOUND" };
    await expect(sweepTreeState("/link", [], tree.ports)).rejects.toMatchObject(refused);
    await expect(sweepTreeState("/none", [], tree.ports)).rejects.toMatchObject(refused);
  });

  it("does not leave the tree through a directory of state that is a link, or a mount point", async () => {
    const tree = memoryTree();
    tree.files.mkdir("/outside", 0o750);
    tree.files.outside.writeFile("/outside/x.part", "mine");
    tree.files.outside.rename(`${root}/.waybill/holds`, "/old");
    tree.files.outside.symlink("/outside", `${root}/.waybill/holds`);
    tree.files.outside.writeFile(`${root}/.waybill/manifests/x.part`, "mine");
    tree.clock.advance(dayMs);
    const mountPoints = () => [`${root}/.waybill/manifests`];
    expect((await sweepTreeState(root, [], { ...tree.ports, mountPoints })).removed).toEqual([]);
  });

  it("ends at its signal", async () => {
    const tree = memoryTree();
    raise(tree, "containers/job_1/main.log");
    await expect(sweepTreeState(root, [], { ...tree.ports, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
