import { createTreeLayout, type Segment } from "@waybill/log-tree";
import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createOthersInTree } from "./others-in-tree.ts";

const layout = createTreeLayout("/logs");
const { signal } = new AbortController();

function segmentAt(file: string): Segment {
  const location = layout.locate(file);
  if (location === undefined) throw new Error(`no segment lies at ${file}`);
  const facts = {
    state: "active",
    bytes: 10,
    inode: 1n,
    device: 1n,
    modifiedMs: 0,
    shadowed: false,
  } as const;
  return { ...location, ...facts, path: file };
}

const active = (container: string): Segment =>
  segmentAt(layout.activeFile({ kind: "container", container, component: "main" }));

function scene(theirs: readonly string[]) {
  const clock = createFakeClock();
  const locked = new Set(theirs.map((container) => `/logs/.waybill/locks/containers%2F${container}`));
  const asked: string[] = [];
  const isLocked = (lockFile: string): boolean => {
    asked.push(lockFile);
    return locked.has(lockFile);
  };
  return { clock, locked, asked, others: createOthersInTree({ layout, clock, isLocked }) };
}

describe("what other processes write in a tree", () => {
  it("is what lies in a directory that one of them has locked", () => {
    const { others, asked } = scene(["b"]);
    expect(others.refusalOf(active("a"))).toBeUndefined();
    expect(others.refusalOf(active("b"))).toBe("another process writes it");
    expect(asked).toHaveLength(2);
  });

  it("is each part file, which its own process alone can seal", () => {
    const { others, asked } = scene([]);
    const part = layout.activeFile({ kind: "container", container: "a", component: "main" }, "4711-ab");
    expect(others.refusalOf(segmentAt(part))).toBe("part file of another process");
    expect(asked).toEqual([]);
  });

  it("counts as registered, wherever its segments lie", async () => {
    const { others } = scene(["b", "c"]);
    const address = { kind: "container", container: "c", component: "main" } as const;
    const archived = segmentAt(layout.archivedFile(address, { sealedMs: 0, number: 1 }));
    const system = segmentAt(layout.activeFile({ kind: "system", component: "main" }));
    const segments = [active("a"), active("b"), archived, system];
    expect([...(await others.withTheirs(new Set(["x"]), segments, signal))].sort()).toEqual(["b", "c", "x"]);
  });

  it("is asked for once in two seconds, and not for what is registered here", async () => {
    const { others, clock, asked, locked } = scene(["b"]);
    const look = async () => [
      ...(await others.withTheirs(new Set(["a"]), [active("a"), active("b")], signal)),
    ];
    await look();
    expect(await look()).toEqual(["a", "b"]);
    expect(asked).toHaveLength(1);
    locked.clear();
    clock.advance(2001);
    expect(await look()).toEqual(["a"]);
  });

  it("is read from the locks of the tree", () => {
    const files = createFaultyFileSystem();
    const owner = { host: "another host", pid: 1, started: "then", holder: "x" };
    files.outside.writeFile("/logs/.waybill/locks/containers%2Fb", JSON.stringify(owner));
    const others = createOthersInTree({ layout, clock: createFakeClock(), fileSystem: files });
    expect([others.refusalOf(active("a")), others.refusalOf(active("b"))]).toEqual([
      undefined,
      "another process writes it",
    ]);
  });
});
