import { type ConfigInput, type LoggingConfig, resolveConfig } from "@waybill/config";
import { createContainerLogger } from "@waybill/logger";
import { placeHold } from "@waybill/retention";
import { createMemoryWriter } from "@waybill/testing";
import { createSpaceBudget } from "@waybill/writers";
import { describe, expect, it } from "vitest";
import { createMemoryTree, dayMs, hourMs, type MemoryTree } from "../../test/support/memory-tree.ts";
import { createTreeMaintenance, type TreeMaintenance } from "./tree-maintenance.ts";

const limitBytes = Math.floor(0.002 * 1024 ** 3);
const segmentBytes = 65_536;

function loggingOf(more: Readonly<Record<string, unknown>> = {}): LoggingConfig {
  const logging = {
    retention_policy: { max_total_size_gb: 0.002, archive_after_days: 1, max_age_days: 30 },
    performance: { max_file_size_mb: segmentBytes / 1024 ** 2, enable_compression: false },
    maintenance: { interval_seconds: 3600, jitter_percent: 0 },
    ...more,
  };
  return resolveConfig({ coordinator: { coordinator_id: "main", log_dir: "/logs" }, logging } as ConfigInput)
    .config.logging;
}

const disabled = loggingOf({ maintenance: { enabled: false } });

function subject(tree: MemoryTree, logging = loggingOf(), isNew = false) {
  const { layout, clock, files } = tree;
  const space = createSpaceBudget();
  const writer = createMemoryWriter();
  const logger = createContainerLogger({ containerId: "system", componentName: "m", writer, clock });
  const maintenance = createTreeMaintenance({
    ...{ logging, layout, space, isNew, clock, fileSystem: files },
    pool: { streams: () => [], seal: async (file) => maintenance.noteSealed(tree.seal(file)) },
    containers: { registered: () => new Set(["a"]), unregistered: () => new Map(), typeOf: () => undefined },
    logger: () => logger,
  });
  return { maintenance, space, told: () => writer.entries.map(({ message }) => message) };
}

/** Waits for what timers have set off. @throws when it does not happen within five seconds. */
async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`not so: ${isSo}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Calls for room all the time, for so long. */
async function press(tree: MemoryTree, maintenance: TreeMaintenance, forMs: number): Promise<void> {
  for (let ms = 0; ms < forMs; ms += 20) {
    maintenance.notePressure();
    tree.clock.advance(20);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** More than the limit. */
function fill(tree: MemoryTree, container = "a", ageMs = hourMs): void {
  for (let number = 1; number * segmentBytes < 1.1 * limitBytes; number++)
    tree.addSealed(container, number, ageMs - number, segmentBytes);
}

describe("maintenance of a tree", () => {
  it("lets writers write one segment at first, as much as is known to be free, and all of a new tree", async () => {
    const tree = createMemoryTree();
    tree.addSealed("a", 1, hourMs, segmentBytes);
    const first = subject(tree);
    first.maintenance.start();
    expect(first.space.remainingBytes).toBe(segmentBytes);
    await first.maintenance.run();
    const bytes = tree.bytes();
    await first.maintenance.stop();
    const second = subject(tree);
    second.maintenance.start();
    expect(Math.abs(second.space.remainingBytes - (limitBytes - bytes))).toBeLessThan(0.01 * limitBytes);
    await second.maintenance.stop();
    const third = subject(createMemoryTree(), undefined, true);
    third.maintenance.start();
    expect(third.space.remainingBytes).toBe(limitBytes);
    await third.maintenance.stop();
  });

  it("tells the next process what the tree took at the end", async () => {
    const tree = createMemoryTree();
    const { maintenance } = subject(tree);
    maintenance.start();
    await maintenance.run();
    fill(tree);
    for (const { path } of (await tree.openLedger()).segments()) maintenance.noteSealed(path);
    await maintenance.stop();
    const next = subject(tree);
    next.maintenance.start();
    expect(next.space.remainingBytes).toBe(segmentBytes);
    await next.maintenance.stop();
  });

  it("makes room at once when the tree it finds is too large", async () => {
    const tree = createMemoryTree();
    fill(tree);
    const { maintenance } = subject(tree);
    maintenance.start();
    // One is that of the interval.
    await until(() => tree.clock.pendingTimers === 2);
    tree.clock.advance(0);
    await until(() => maintenance.latest !== undefined);
    expect(maintenance.latest?.reason).toBe("pressure");
    expect(tree.bytes()).toBeLessThan(limitBytes);
    await maintenance.stop();
  });

  it("makes room before it archives on when room is needed meanwhile", async () => {
    const tree = createMemoryTree();
    for (let number = 1; number <= 20; number++)
      tree.addSealed("a", number, 2 * dayMs - number, segmentBytes);
    const { maintenance, space } = subject(tree);
    maintenance.start();
    const { rename } = tree.files;
    let filled = false;
    Object.assign(tree.files, {
      rename(from: string, to: string) {
        rename(from, to);
        if (filled || !to.includes("/archived/")) return;
        filled = true;
        fill(tree, "b");
        for (const file of tree.files.readdir("/logs/containers/b"))
          maintenance.noteSealed(`/logs/containers/b/${file.name}`);
        maintenance.notePressure();
      },
    });
    const report = await maintenance.run();
    expect(report).toMatchObject({ archived: 1, deleted: 0 });
    expect(report.postponed).toBe(19);
    tree.clock.advance(0);
    await until(() => (maintenance.latest?.deleted ?? 0) > 0);
    expect(maintenance.latest).toMatchObject({ reason: "pressure", unmet: [] });
    expect(tree.bytes()).toBeLessThan(limitBytes);
    expect(space.remainingBytes).toBeGreaterThan(0);
    await maintenance.stop();
  });

  it("waits longer and longer for the next try when nothing can make room", async () => {
    const tree = createMemoryTree();
    fill(tree);
    placeHold("/logs", { container: "a", reason: "incident" }, { fileSystem: tree.files, clock: tree.clock });
    const { maintenance, told } = subject(tree);
    maintenance.start();
    await maintenance.run();
    await press(tree, maintenance, 2500);
    await until(() => maintenance.totals.runs > 1);
    // At 0, 100, 300, 700, 1500 ms, and one before.
    expect(maintenance.totals.runs).toBeLessThan(9);
    expect(told().filter((message) => message.startsWith("A limit cannot be kept"))).toHaveLength(1);
    await maintenance.stop();
  });

  it("does not fail without end while writers wait for room", async () => {
    const tree = createMemoryTree();
    fill(tree);
    const { maintenance, told } = subject(tree);
    maintenance.start();
    await maintenance.plan();
    tree.files.inject({
      verb: "readdir",
      path: "/logs/.waybill/holds",
      error: "EIO",
      times: Number.POSITIVE_INFINITY,
    });
    await press(tree, maintenance, 2500);
    await until(() => maintenance.totals.failedRuns > 1);
    expect(maintenance.totals.failedRuns).toBeLessThan(9);
    expect(told().filter((message) => message.includes("failed"))).toHaveLength(1);
    await maintenance.stop();
  });

  it("lets writers go on without a limit once it is switched off, also during a run, and after a run that was asked for", async () => {
    const tree = createMemoryTree();
    fill(tree);
    const { maintenance, space } = subject(tree);
    maintenance.start();
    const run = maintenance.run();
    await until(() => maintenance.ledger() !== undefined);
    maintenance.reconfigure(disabled);
    await run;
    expect(space.remainingBytes).toBe(Number.POSITIVE_INFINITY);
    await maintenance.run();
    await maintenance.plan();
    expect(space.remainingBytes).toBe(Number.POSITIVE_INFINITY);
    maintenance.notePressure();
    expect(tree.clock.pendingTimers).toBe(0);
    await maintenance.stop();
  });

  it("keeps the limit at once when it is switched on", async () => {
    const tree = createMemoryTree();
    fill(tree);
    const { maintenance, space } = subject(tree, disabled);
    maintenance.start();
    expect([space.remainingBytes, maintenance.ledger()]).toEqual([Number.POSITIVE_INFINITY, undefined]);
    maintenance.reconfigure(loggingOf());
    expect(space.remainingBytes).toBe(segmentBytes);
    tree.clock.advance(0);
    await until(() => maintenance.latest !== undefined);
    expect(tree.bytes()).toBeLessThan(limitBytes);
    await maintenance.stop();
  });

  it("takes another limit over while it runs", async () => {
    const tree = createMemoryTree();
    for (let number = 1; number <= 20; number++) tree.addSealed("a", number, hourMs, segmentBytes);
    const { maintenance } = subject(tree);
    maintenance.start();
    await maintenance.run();
    expect(maintenance.totals.deleted).toBe(0);
    maintenance.reconfigure(loggingOf({ retention_policy: { max_total_size_gb: 0.001 } }));
    tree.clock.advance(0);
    await until(() => maintenance.totals.deleted > 0);
    expect(tree.bytes()).toBeLessThan(0.001 * 1024 ** 3);
    await maintenance.stop();
  });

  it("ends while it looks at the tree for the first time", async () => {
    const tree = createMemoryTree();
    fill(tree);
    const { maintenance, told } = subject(tree);
    maintenance.start();
    const run = maintenance.run();
    const ended = { name: "AbortError" };
    await Promise.all([expect(run).rejects.toMatchObject(ended), maintenance.stop()]);
    await expect(maintenance.run()).rejects.toMatchObject(ended);
    await expect(maintenance.plan()).rejects.toMatchObject(ended);
    await maintenance.stop();
    expect([told(), tree.clock.pendingTimers, tree.files.openDescriptors]).toEqual([[], 0, 0]);
  });

  it("plans while a run is under way, and neither disturbs the other", async () => {
    const tree = createMemoryTree();
    for (let number = 1; number <= 5; number++) tree.addSealed("a", number, 2 * dayMs, segmentBytes);
    const { maintenance, space } = subject(tree);
    maintenance.start();
    const run = maintenance.run();
    const plans = await Promise.all(Array.from({ length: 10 }, () => maintenance.plan()));
    expect(plans.every(({ steps }) => steps.every(({ action }) => action === "archive"))).toBe(true);
    expect(await run).toMatchObject({ archived: 5, failed: 0, postponed: 0 });
    expect(space.remainingBytes).toBeLessThanOrEqual(
      limitBytes - tree.bytes() + tree.bytes("/logs/.waybill"),
    );
    expect((await maintenance.plan()).steps).toEqual([]);
    await maintenance.stop();
    await expect(maintenance.plan()).rejects.toMatchObject({ name: "AbortError" });
  });

  it("puts right what an archiving has left that failed at its end, and counts it", async () => {
    const tree = createMemoryTree();
    const file = tree.addSealed("a", 1, 2 * dayMs, segmentBytes);
    const { maintenance } = subject(tree);
    maintenance.start();
    await maintenance.plan();
    tree.files.inject({ verb: "unlink", path: file, error: "EIO" });
    expect(await maintenance.run()).toMatchObject({ archived: 0, failed: 1 });
    expect(await tree.list()).toHaveLength(2);
    await maintenance.run();
    expect(await tree.list()).toEqual([expect.stringContaining("archived/")]);
    const { kept } = await maintenance.plan({ listKept: true });
    expect(kept.map(({ rule }) => rule)).toEqual([expect.stringContaining("last entry 2 d ago")]);
    expect(maintenance.ledger()?.totals.bytes).toBe(tree.bytes());
    await maintenance.stop();
  });

  it("counts what a stream wrote last that is closed, also while it looks for the first time", async () => {
    const tree = createMemoryTree();
    const { maintenance } = subject(tree);
    maintenance.start();
    tree.addActive("early", 0, 5000);
    maintenance.noteClosed(tree.layout.containerDirectory("early"));
    await maintenance.plan();
    tree.addActive("late", 0, 7000);
    maintenance.noteClosed(tree.layout.containerDirectory("late"));
    maintenance.noteClosed(tree.layout.containerDirectory("never written"));
    await maintenance.plan();
    expect(maintenance.ledger()?.totals.bytes).toBe(tree.bytes());
    await maintenance.stop();
  });
});
