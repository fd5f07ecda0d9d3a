import { existsSync } from "node:fs";
import { listSegments, readEntries } from "@waybill/log-tree";
import { placeHold } from "@waybill/retention";
import { describe, expect, it } from "vitest";
import type { LogManager } from "../src/index.ts";
import { useTrees } from "./support/trees.ts";

const trees = useTrees();
const bytesPerMb = 1_048_576;
const pad = "x".repeat(1000);

/** At most 2 MB, in segments of 64 KB. */
const small = {
  retention_policy: { max_total_size_gb: 2 / 1024, archive_after_days: 0, max_age_days: 30 },
  performance: { max_file_size_mb: 1 / 16, async_writing: false, enable_compression: false },
};

async function sizeOf(manager: LogManager): Promise<number> {
  const { segments } = await listSegments(manager.tree.layout.root);
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Entries of {@link fill} in the files of a container; one that stands twice counts twice. */
async function entriesOf(manager: LogManager, container: string): Promise<number> {
  const { segments } = await listSegments(manager.tree.layout.root);
  let count = 0;
  for await (const { entry } of readEntries(segments.filter((segment) => segment.container === container)))
    if (entry.message === pad) count += 1;
  return count;
}

function fill(manager: LogManager, container: string, entries: number): void {
  const logger = manager.registerContainer(container).createComponentLogger("main");
  for (let n = 0; n < entries; n++) logger.info(pad, { n });
}

describe("maintenance of a log tree", { timeout: 30_000 }, () => {
  it("says what it would do and why, and does nothing by that", async () => {
    const manager = trees.openManager({ logging: small });
    fill(manager, "a", 200);
    await manager.flush();
    const before = await sizeOf(manager);
    const plan = await manager.maintenance.plan();
    expect(plan.steps.some(({ action }) => action === "archive")).toBe(true);
    expect(plan.steps.map(({ rule }) => rule).join()).toContain("archived after");
    expect(await sizeOf(manager)).toBe(before);
  });

  it("archives what is due, and every entry is read once afterwards", async () => {
    const manager = trees.openManager({ logging: small });
    fill(manager, "a", 200);
    await manager.flush();
    const report = await manager.maintenance.run();
    expect(report.archived).toBeGreaterThan(0);
    expect([report.failed, report.errors]).toEqual([0, []]);
    expect(await entriesOf(manager, "a")).toBe(200);
    expect(manager.maintenance.totals.archived).toBe(report.archived);
  });

  it("keeps the size below its limit while containers write many times as much", async () => {
    const manager = trees.openManager({ logging: small });
    let largest = 0;
    for (let round = 0; round < 40; round++) {
      fill(manager, `c${round % 8}`, 200);
      largest = Math.max(largest, await sizeOf(manager));
      await manager.flush();
      largest = Math.max(largest, await sizeOf(manager));
    }
    expect(largest).toBeGreaterThan(bytesPerMb);
    expect(largest).toBeLessThanOrEqual(2 * bytesPerMb);
    expect(manager.maintenance.totals.deleted).toBeGreaterThan(30);
  });

  it("deletes nothing that is held, and says that a limit cannot be kept", async () => {
    const manager = trees.openManager({ logging: small });
    fill(manager, "held", 500);
    await manager.flush();
    placeHold(manager.tree.layout.root, { container: "held", reason: "incident" });
    for (let n = 0; n < 20; n++) {
      fill(manager, "other", 100);
      await manager.flush().catch(() => undefined);
    }
    const report = await manager.maintenance.run();
    expect(await entriesOf(manager, "held")).toBe(500);
    expect(await entriesOf(manager, "other")).toBeLessThan(2000);
    expect(report.totalBytes).toBeLessThanOrEqual(2 * bytesPerMb);
  });

  it("does with the logs of a container that is gone what the configuration says", async () => {
    const manager = trees.openManager({
      logging: { retention_policy: { on_unregister: "delete", unregister_grace_seconds: 0 } },
    });
    fill(manager, "gone", 10);
    fill(manager, "stays", 10);
    await manager.unregisterContainer("gone");
    // The active segment is sealed by one run and deleted by the next.
    await manager.maintenance.run();
    await manager.maintenance.run();
    const { segments } = await listSegments(manager.tree.layout.root);
    const left = new Set(segments.map(({ container }) => container));
    expect([left.has("gone"), left.has("stays")]).toEqual([false, true]);
  });

  it("does nothing when it is switched off, and still when it is asked", async () => {
    const manager = trees.openManager({ logging: { ...small, maintenance: { enabled: false } } });
    for (let n = 0; n < 15; n++) fill(manager, "a", 200);
    expect(await sizeOf(manager)).toBeGreaterThan(2 * bytesPerMb);
    const report = await manager.maintenance.run();
    expect(report.totalBytes).toBeLessThan(2 * bytesPerMb);
  });

  it("measures the tree though maintenance is switched off, and what was written since", async () => {
    const manager = trees.openManager({ logging: { ...small, maintenance: { enabled: false } } });
    // The first one begins the look at the tree.
    await manager.monitor.recent(0);
    fill(manager, "a", 500);
    await manager.flush();
    const measured = async () => (await manager.monitor.recent(0)).disk.usage?.totalBytes ?? 0;
    await expect.poll(measured).toBeGreaterThan(500 * 1000);
    expect(await measured()).toBeGreaterThanOrEqual(await sizeOf(manager));
  });

  it("ends with the manager, and leaves no timer and no file of its own behind", async () => {
    const manager = trees.openManager({ logging: small });
    fill(manager, "a", 200);
    const running = manager.maintenance.run().catch((error: unknown) => error);
    await manager.close();
    await running;
    await expect(manager.maintenance.run()).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(existsSync(manager.tree.layout.root)).toBe(true);
  });
});
