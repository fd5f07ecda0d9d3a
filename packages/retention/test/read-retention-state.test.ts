import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import {
  createCorrelationSearch,
  placeHold,
  planRetention,
  type ReadRetentionStateOptions,
  readRetentionState,
  resolveRetentionPolicy,
} from "../src/index.ts";
import { lineOf, memoryTree, root, sealedName } from "./support/trees.ts";

const dayMs = 86_400_000;

describe("readRetentionState", () => {
  it("knows the first and last entry of plain segments, and of compressed ones the first", async () => {
    const tree = memoryTree();
    const nowMs = tree.clock.now();
    tree.add("containers/a", 1, 3, 2, 1);
    const packed = `${root}/containers/a/${sealedName(nowMs, 2)}.gz`;
    tree.files.outside.writeFile(packed, gzipSync(lineOf(nowMs, 4)));
    const { segments } = await tree.readState();
    expect(segments.map(({ firstMs, lastMs }) => [firstMs, lastMs])).toEqual([
      [nowMs - 3 * dayMs, nowMs - dayMs],
      [nowMs, undefined],
    ]);
  });

  it("takes the times of compressed segments from who knows them, so that age counts from the last entry", async () => {
    const tree = memoryTree();
    const nowMs = tree.clock.now();
    const file = tree.add("archived/containers/2025-12-09/a", 1, 40, 31);
    const sealed = `${root}/${file.replace(/[^/]+$/, sealedName(nowMs - 23 * dayMs, 2))}.gz`;
    tree.files.outside.writeFile(sealed, gzipSync(lineOf(nowMs - 31 * dayMs, 11)));
    const known = { firstMs: nowMs - 31 * dayMs, lastMs: nowMs - 31 * dayMs };
    const planWith = async (options: ReadRetentionStateOptions) => {
      const state = await readRetentionState(root, { fileSystem: tree.files, clock: tree.clock, ...options });
      return planRetention(state, resolveRetentionPolicy()).steps.map(({ segment }) => segment.path);
    };
    expect(await planWith({})).not.toContain(sealed);
    expect(await planWith({ timesOf: ({ path }) => (path === sealed ? known : undefined) })).toContain(
      sealed,
    );
  });

  it("takes the later end of a segment in which the clock was set back", async () => {
    const tree = memoryTree();
    tree.add("containers/a", 1, 1, 5);
    const [segment] = (await tree.readState()).segments;
    expect([segment?.firstMs, segment?.lastMs]).toEqual([
      tree.clock.now() - 5 * dayMs,
      tree.clock.now() - dayMs,
    ]);
  });

  it("passes over torn and foreign lines, and knows nothing where there is no entry", async () => {
    const tree = memoryTree();
    const nowMs = tree.clock.now();
    const file = (number: number) => `${root}/containers/a/${sealedName(nowMs, number)}`;
    tree.files.outside.writeFile(file(1), `junk\n${lineOf(nowMs - 2, 1)}${lineOf(nowMs - 1, 2)}{"torn`);
    tree.files.outside.writeFile(file(2), "junk\n");
    tree.files.outside.writeFile(file(3), "");
    const { segments } = await tree.readState();
    expect(segments.map(({ firstMs, lastMs }) => [firstMs, lastMs])).toEqual([
      [nowMs - 2, nowMs - 1],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it("has the ends of a segment that is longer than what is read of it", async () => {
    const tree = memoryTree();
    const ages = Array.from({ length: 2000 }, (_, at) => 10 - at / 1000);
    tree.add("containers/a", 1, ...ages);
    const [segment] = (await tree.readState()).segments;
    expect(segment?.bytes).toBeGreaterThan(200_000);
    expect(segment?.firstMs).toBe(tree.clock.now() - 10 * dayMs);
    expect(segment?.lastMs).toBe(tree.clock.now() - (10 - 1.999) * dayMs);
  });

  it("counts the files of .waybill beside the segments", async () => {
    const tree = memoryTree();
    const before = (await tree.readState()).otherBytes;
    tree.files.outside.writeFile(`${root}/.waybill/indexes/x`, "12345");
    expect(before).toBeGreaterThan(0);
    expect((await tree.readState()).otherBytes).toBe(before + 5);
  });

  it("lets the event loop turn while it counts them, and takes what goes meanwhile for nothing", async () => {
    const tree = memoryTree();
    for (const name of ["x", "y", "z"])
      tree.files.outside.writeFile(`${root}/.waybill/indexes/${name}`, "12345");
    let turns = 0;
    const count = (): void => {
      turns += 1;
      setImmediate(count).unref();
    };
    setImmediate(count).unref();
    const seenAt: number[] = [];
    const lstat = (file: string) => {
      if (file.includes("indexes/")) {
        const startMs = performance.now();
        while (performance.now() - startMs < 9);
        seenAt.push(turns);
      }
      return tree.files.lstat(file);
    };
    const before = (await tree.readState()).otherBytes;
    tree.files.inject({ verb: "readdir", path: "manifests", error: "ENOENT" });
    const fileSystem = { ...tree.files, lstat };
    const { otherBytes } = await readRetentionState(root, { fileSystem, clock: tree.clock });
    expect(otherBytes).toBe(before);
    expect(new Set(seenAt).size).toBe(3);
  });

  it("refuses a directory that is no tree", async () => {
    const tree = memoryTree();
    tree.files.outside.unlink(`${root}/.waybill/tree.json`);
    await expect(tree.readState()).rejects.toMatchObject({ code: "WAYBILL_TREE_NOT_FOUND" });
  });
});

describe("a hold on a correlation id", () => {
  const write = (
    tree: ReturnType<typeof memoryTree>,
    number: number,
    text: string | Uint8Array,
    ending = "",
  ): void =>
    tree.files.outside.writeFile(
      `${root}/containers/a/${sealedName(tree.clock.now() - dayMs * (9 - number), number)}${ending}`,
      text,
    );

  it("is answered for plain and compressed segments, and left open for damaged ones", async () => {
    const tree = memoryTree();
    const nowMs = tree.clock.now();
    write(tree, 1, lineOf(nowMs, 1, "trade_1"));
    write(tree, 2, lineOf(nowMs, 2, "trade_10"));
    write(tree, 3, gzipSync(lineOf(nowMs, 3, "trade_1")), ".gz");
    write(tree, 4, gzipSync(lineOf(nowMs, 4)), ".gz");
    write(tree, 5, gzipSync("x".repeat(5000)).subarray(0, 20), ".gz");
    placeHold(root, { reason: "x", correlationId: "trade_1" }, tree.ports);
    const { segments } = await tree.readState();
    const answers = segments.map(({ correlations }) => correlations?.get("trade_1"));
    expect(answers).toEqual([true, false, true, false, undefined]);
  });

  it("does not read what its other criteria cannot cover, nor anything twice", async () => {
    const tree = memoryTree();
    write(tree, 1, lineOf(tree.clock.now(), 1, "trade_1"));
    const other = tree.add("containers/b", 1, 2);
    const { segments } = await tree.readState();
    const holds = [{ id: "h", reason: "x", container: "a", correlationId: "trade_1", createdMs: 0 }];
    const search = createCorrelationSearch({ fileSystem: tree.files });
    const opened = async (): Promise<(string | undefined)[]> => {
      tree.files.clearOperations();
      const found = await search.search(segments, holds);
      expect(found.map(({ correlations }) => correlations?.get("trade_1"))).toEqual([true, undefined]);
      return tree.files.operations.filter(({ verb }) => verb === "open").map(({ path }) => path);
    };
    expect(await opened()).toHaveLength(1);
    expect(await opened()).toEqual([]);
    expect(other).toContain("containers/b");
  });

  it("lets the event loop turn, though nothing is left to read", async () => {
    const tree = memoryTree();
    for (let number = 1; number <= 3; number++) write(tree, number, lineOf(tree.clock.now(), number));
    const { segments } = await tree.readState();
    const holds = [{ id: "h", reason: "x", container: "other", correlationId: "trade_1", createdMs: 0 }];
    let nowMs = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 9));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 100) setImmediate(count);
    };
    setImmediate(count);
    await createCorrelationSearch({ fileSystem: tree.files }).search(segments, holds);
    now.mockRestore();
    expect(turns).toBeGreaterThanOrEqual(3);
    turns = 100;
  });

  it("stays open for what a signal kept from being read", async () => {
    const tree = memoryTree();
    write(tree, 1, lineOf(tree.clock.now(), 1));
    const { segments } = await tree.readState();
    const holds = [{ id: "h", reason: "x", correlationId: "trade_1", createdMs: 0 }];
    const search = createCorrelationSearch({ fileSystem: tree.files });
    const found = await search.search(segments, holds, AbortSignal.abort());
    expect(found[0]?.correlations?.has("trade_1")).toBe(false);
  });
});
