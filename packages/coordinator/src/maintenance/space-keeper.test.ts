import { resolveRetentionPolicy } from "@waybill/retention";
import type { PoolStream } from "@waybill/writers";
import { createSpaceBudget } from "@waybill/writers";
import { describe, expect, it } from "vitest";
import { createMemoryTree, hourMs } from "../../test/support/memory-tree.ts";
import { createSpaceKeeper, type KeptLimits } from "./space-keeper.ts";
import { createUsageFile } from "./usage-file.ts";

const limitBytes = 100_000;
const limits = { maxTotalBytes: limitBytes, roomFromBytes: limitBytes, roomToBytes: limitBytes };
const kept: KeptLimits = { limits, policy: resolveRetentionPolicy() };

async function scene(current: { kept: KeptLimits | undefined } = { kept }) {
  const tree = createMemoryTree();
  tree.addSealed("a", 1, hourMs);
  const open = new Map<string, { bytesWritten: number; queued: number }>();
  const streams = (): PoolStream[] =>
    [...open].map(([path, counts]) => ({
      path,
      activeBytes: 0,
      sealed: 0,
      lastWriteMs: undefined,
      status: { state: "open", accepted: 0, written: 0, dropped: 0, lastFailure: undefined, ...counts },
    }));
  const ledger = await tree.openLedger();
  const space = createSpaceBudget();
  const usage = createUsageFile(tree.layout, tree.files);
  const keeper = createSpaceKeeper({
    ...{ ledger, space, usage, fileSystem: tree.files },
    pool: { streams },
    kept: () => current.kept,
  });
  /** A stream that has written so much in all. */
  const write = (container: string, bytesWritten: number, queued = 0): void => {
    open.set(tree.addActive(container, 0, bytesWritten), { bytesWritten, queued });
  };
  return { tree, open, ledger, space, usage, keeper, write, current };
}

describe("what writers may write", () => {
  it("is what the limit leaves beside all that lies there", async () => {
    const { tree, space, keeper, write } = await scene();
    write("a", 3000);
    const bytes = tree.bytes();
    await keeper.refresh();
    expect(space.remainingBytes).toBe(limitBytes - bytes);
  });

  it("is nothing where more lies there already", async () => {
    const { space, keeper, write } = await scene();
    write("a", limitBytes);
    await keeper.refresh();
    expect(space.remainingBytes).toBe(0);
  });

  it("follows the files of streams that have written, whatever the clock did, and of those that may have", async () => {
    const { tree, ledger, keeper, write } = await scene();
    write("a", 1000);
    await keeper.refresh();
    tree.clock.setNow(tree.clock.now() - 9 * hourMs);
    write("a", 2000);
    await keeper.look();
    expect(ledger.totals.bytes).toBe(tree.bytes());
    write("a", 2000, 5);
    tree.addActive("a", 0, 4000);
    await keeper.look();
    expect(ledger.totals.bytes).toBe(tree.bytes());
  });

  it("follows the last that a stream wrote which is closed since", async () => {
    const { tree, open, ledger, keeper, write } = await scene();
    write("a", 1000);
    await keeper.refresh();
    write("a", 7000);
    open.clear();
    await keeper.look();
    expect(ledger.totals.bytes).toBe(tree.bytes());
  });

  it("does not ask the disk for streams that have written nothing", async () => {
    const { tree, keeper, write } = await scene();
    write("a", 1000);
    await keeper.refresh();
    tree.files.clearOperations();
    await keeper.look();
    expect(tree.files.operations.filter(({ path }) => path?.includes("containers"))).toEqual([]);
  });

  it("has no end while nobody keeps the limit, also when that changes during a look", async () => {
    const current: { kept: KeptLimits | undefined } = { kept };
    const { space, keeper } = await scene(current);
    const refreshing = keeper.refresh();
    current.kept = undefined;
    await refreshing;
    expect(space.remainingBytes).toBe(Number.POSITIVE_INFINITY);
  });

  it("is noted for the next process, and changed by refreshing only", async () => {
    const { tree, space, usage, keeper } = await scene();
    const bytes = tree.bytes();
    await keeper.look();
    expect([space.remainingBytes, usage.read()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
    await keeper.refresh();
    expect(usage.read()).toBe(bytes);
  });
});
