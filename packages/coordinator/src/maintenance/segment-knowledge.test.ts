import { archiveSegment } from "@waybill/archive";
import type { Segment } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { createMemoryTree, dayMs, hourMs, type MemoryTree } from "../../test/support/memory-tree.ts";
import { createSegmentKnowledge, type SegmentLookup } from "./segment-knowledge.ts";

const { signal } = new AbortController();

const nothing: SegmentLookup = {
  lastWriteMs: () => undefined,
  typeOf: () => undefined,
  refusalOf: () => undefined,
};

function scene(tree: MemoryTree = createMemoryTree()) {
  const knowledge = createSegmentKnowledge(tree.files);
  const segments = async (): Promise<Segment[]> => (await tree.openLedger()).segments();
  const opened = (): number => {
    const count = tree.files.operations.filter(
      ({ verb, path }) => verb === "open" && path?.endsWith(".log"),
    ).length;
    tree.files.clearOperations();
    return count;
  };
  return {
    tree,
    knowledge,
    opened,
    complete: async (lookup: Partial<SegmentLookup> = {}) =>
      knowledge.complete(await segments(), { ...nothing, ...lookup }, signal),
  };
}

describe("what is known of segments", () => {
  it("is read from each file once, and again when it has another size", async () => {
    const { tree, complete, opened } = scene();
    tree.addSealed("a", 1, 2 * dayMs);
    tree.addActive("a", hourMs);
    opened();
    const [active, sealed] = await complete();
    const nowMs = tree.clock.now();
    expect([active?.lastMs, sealed?.lastMs].sort()).toEqual([nowMs - 2 * dayMs, nowMs - hourMs]);
    expect(opened()).toBe(2);
    await complete();
    expect(opened()).toBe(0);
    tree.addActive("a", 0, 2000);
    expect((await complete()).map(({ lastMs }) => lastMs)).toContain(nowMs);
    expect(opened()).toBe(1);
  });

  it("is told by the writer for the files that it writes, which are not read", async () => {
    const { tree, complete, opened } = scene();
    const file = tree.addActive("a", hourMs);
    opened();
    const [active] = await complete({ lastWriteMs: (path) => (path === file ? 42 : undefined) });
    expect([active?.lastMs, active?.firstMs, opened()]).toEqual([42, undefined, 0]);
  });

  it("holds for the compressed and for the archived copy", async () => {
    const { tree, knowledge, complete } = scene();
    const plain = tree.addSealed("a", 1, 2 * dayMs);
    const [before] = await complete();
    const packed = tree.files.outside.readFile(plain);
    tree.files.outside.rename(plain, `${plain}.gz`);
    knowledge.noteCompressed(plain, `${plain}.gz`, packed.length);
    const [compressed] = await complete();
    expect(compressed).toMatchObject({ firstMs: before?.firstMs, lastMs: before?.lastMs });
    tree.files.outside.unlink(`${plain}.gz`);
    tree.addSealed("b", 1, 3 * dayMs);
    const [source] = await complete();
    if (source === undefined) throw new Error("no segment");
    const copy = await archiveSegment(source, { layout: tree.layout, fileSystem: tree.files });
    knowledge.noteArchived(copy);
    const [archived] = await complete();
    expect(archived).toMatchObject({ state: "archived", firstMs: source.firstMs, lastMs: source.lastMs });
    const next = createSegmentKnowledge(tree.files);
    await next.load(tree.layout);
    const [loaded] = await next.complete((await tree.openLedger()).segments(), nothing, signal);
    expect(loaded).toMatchObject({ firstMs: source.firstMs, lastMs: source.lastMs });
  });

  it("is nothing where a file cannot be read or is being made; what else is known is told", async () => {
    const { tree, complete } = scene();
    const file = tree.addSealed("a", 1, 2 * dayMs);
    tree.files.outside.writeFile(`${file}.gz.part`, "half");
    tree.files.inject({ verb: "open", path: "containers/a", error: "EACCES", times: 9 });
    const found = await complete({
      typeOf: () => "strategy",
      refusalOf: ({ path }) => (path === file ? "EACCES" : undefined),
    });
    expect(found.map(({ lastMs, containerType }) => [lastMs, containerType])).toEqual([
      [undefined, "strategy"],
      [undefined, "strategy"],
    ]);
    expect(found.map(({ refusal }) => refusal).sort()).toEqual(["EACCES", undefined]);
    tree.files.clearFaults();
    expect((await complete()).map(({ lastMs }) => lastMs)).toContain(tree.clock.now() - 2 * dayMs);
  });
});
