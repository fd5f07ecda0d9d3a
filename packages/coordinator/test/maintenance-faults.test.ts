import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { verifyArchive } from "@waybill/archive";
import { isLogFile, listSegments, readEntries, type Segment } from "@waybill/log-tree";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import type { LogManager } from "../src/index.ts";
import { useTrees } from "./support/trees.ts";

const trees = useTrees();
const dayMs = 86_400_000;
const pad = "x".repeat(1000);

/** Of what cannot be read nobody knows whether it holds errors, which would be kept longer. */
const policy = {
  max_total_size_gb: 2 / 1024,
  archive_after_days: 0,
  max_age_days: 30,
  tier_defaults_enabled: false,
};
const small = {
  retention_policy: policy,
  performance: { max_file_size_mb: 1 / 16, async_writing: false, enable_compression: false },
};

function fill(manager: LogManager, container: string, from: number, entries: number): void {
  const logger = manager.registerContainer(container).createComponentLogger("main");
  for (let n = from; n < from + entries; n++) logger.info(pad, { n });
}

async function segmentsOf(manager: LogManager, state: Segment["state"]): Promise<Segment[]> {
  const { segments } = await listSegments(manager.tree.layout.root);
  return segments.filter((segment) => segment.state === state && segment.kind === "container");
}

/** Numbers of the entries of a container, ascending; one that stands twice is there twice. */
async function numbersIn(manager: LogManager, container: string): Promise<number[]> {
  const { segments } = await listSegments(manager.tree.layout.root);
  const numbers: number[] = [];
  const own = segments.filter((segment) => segment.container === container && isLogFile(segment));
  for await (const { entry } of readEntries(own)) {
    const n = entry.context["n"];
    if (typeof n === "number") numbers.push(n);
  }
  return numbers.sort((a, b) => a - b);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** What the manager has told in its own log. */
async function told(manager: LogManager): Promise<string[]> {
  await manager.flush();
  const file = path.join(manager.tree.layout.root, "system/log_manager.log");
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line).message)
    : [];
}

describe("maintenance when the disk is not as it left it", { timeout: 30_000 }, () => {
  it("goes on when files that it knew were removed, and knows what is left", async () => {
    const manager = trees.openManager({ logging: small });
    fill(manager, "a", 0, 300);
    await manager.flush();
    await manager.maintenance.plan();
    const [first] = await segmentsOf(manager, "sealed");
    rmSync(first?.path ?? "");
    const report = await manager.maintenance.run();
    expect(report).toMatchObject({ failed: 0, unmet: [] });
    expect(report.archived).toBeGreaterThan(0);
    rmSync(path.join(manager.tree.layout.root, "archived"), { recursive: true });
    fill(manager, "a", 300, 200);
    const next = await manager.maintenance.run();
    expect(next.failed).toBe(0);
    expect(next.archived).toBeGreaterThan(0);
    const { summary } = await listSegments(manager.tree.layout.root);
    expect(summary.filesByState.archived).toBe(next.archived);
    rmSync(path.join(manager.tree.layout.root, "containers/a"), { recursive: true });
    expect(await manager.maintenance.run()).toMatchObject({ failed: 0 });
  });

  it("leaves a damaged segment where it is, tells it once, archives the others, and deletes it when it is due", async () => {
    const clock = createFakeClock();
    const logging = { ...small, retention_policy: { ...policy, archive_after_days: 1 } };
    const manager = trees.openManager({ logging }, { clock });
    fill(manager, "a", 0, 200);
    await manager.flush();
    await manager.maintenance.run();
    const [first] = await segmentsOf(manager, "sealed");
    const damaged = `${first?.path}.gz`;
    // As a writer packs it; its second half is lost.
    const packed = gzipSync(readFileSync(first?.path ?? ""));
    writeFileSync(damaged, packed.subarray(0, packed.length / 2));
    rmSync(first?.path ?? "");
    clock.setNow(clock.now() + 2 * dayMs);
    const report = await manager.maintenance.run();
    expect(report).toMatchObject({ failed: 1, errors: [{ action: "archive", path: damaged }] });
    expect(report.archived).toBeGreaterThan(0);
    expect(existsSync(damaged)).toBe(true);
    clock.setNow(clock.now() + 40 * dayMs);
    await manager.maintenance.run();
    expect(existsSync(damaged)).toBe(false);
  });

  it("deletes a damaged archive when it is due, and lets verification tell of it before", async () => {
    const clock = createFakeClock();
    const manager = trees.openManager({ logging: small }, { clock });
    fill(manager, "a", 0, 200);
    await manager.flush();
    await manager.maintenance.run();
    const archived = await segmentsOf(manager, "archived");
    const file = archived[0]?.path ?? "";
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 20));
    const { layout } = manager.tree;
    const { problems } = await verifyArchive(layout.root);
    expect(problems.length).toBeGreaterThan(0);
    expect(await manager.maintenance.run()).toMatchObject({ failed: 0, unmet: [] });
    clock.setNow(clock.now() + 40 * dayMs);
    expect(await manager.maintenance.run()).toMatchObject({ failed: 0 });
    expect(existsSync(file)).toBe(false);
    expect((await verifyArchive(layout.root)).problems).toEqual([]);
  });

  it("deletes nothing that is not due when the clock is set back, nor when it is set right again", async () => {
    const clock = createFakeClock();
    const manager = trees.openManager({ logging: small }, { clock });
    fill(manager, "a", 0, 200);
    clock.setNow(clock.now() - 300 * dayMs);
    fill(manager, "a", 200, 200);
    await manager.flush();
    await manager.maintenance.run();
    clock.setNow(clock.now() + 300 * dayMs);
    fill(manager, "a", 400, 100);
    const { deleted } = await manager.maintenance.run();
    const left = await numbersIn(manager, "a");
    const old = upTo(500).filter((n) => n >= 200 && n < 400);
    const missing = upTo(500).filter((n) => !left.includes(n));
    expect(missing.every((n) => old.includes(n))).toBe(true);
    expect(deleted > 0).toBe(missing.length > 0);
    expect(new Set(left).size).toBe(left.length);
    expect(left.filter((n) => n < 200)).toEqual(upTo(200));
  });

  it("keeps the limit while containers come and go so fast that no segment is ever sealed", async () => {
    const manager = trees.openManager({ logging: small });
    await manager.maintenance.run();
    let largest = 0;
    for (let n = 0; n < 150; n++) {
      fill(manager, `job_${n}`, 0, 30);
      await manager.unregisterContainer(`job_${n}`);
      const { segments } = await listSegments(manager.tree.layout.root);
      largest = Math.max(
        largest,
        segments.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    expect(largest).toBeGreaterThan(1.5 * 1_048_576);
    expect(largest).toBeLessThanOrEqual(2 * 1_048_576 + 65_536);
    expect(await told(manager)).not.toContain("Maintenance of the log tree failed");
  });
});
