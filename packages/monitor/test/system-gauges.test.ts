import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTreeLayout, listSegments, openTree } from "@waybill/log-tree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDescriptors, readDeviceSpace, treeUsageOf } from "../src/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-monitor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("readDeviceSpace", () => {
  it("tells room and size of the device in bytes", async () => {
    const { freeBytes, capacityBytes } = await readDeviceSpace(folder);
    expect(freeBytes).toBeGreaterThan(0);
    expect(capacityBytes).toBeGreaterThan(freeBytes);
  });

  it("rejects for a path that is not there", async () => {
    await expect(readDeviceSpace(join(folder, "missing"))).rejects.toThrow("ENOENT");
  });
});

describe("readDescriptors", () => {
  it.runIf(process.platform === "linux")("counts one more when a file is opened", async () => {
    const before = await readDescriptors();
    const opened = Array.from({ length: 20 }, () => openSync(join(folder, "file"), "w"));
    const after = await readDescriptors();
    for (const descriptor of opened) closeSync(descriptor);
    expect(after.open - before.open).toBeGreaterThanOrEqual(15);
    expect(after.limit).toBeGreaterThan(after.open);
  });

  it.runIf(process.platform !== "linux")("rejects where there is no /proc", async () => {
    await expect(readDescriptors()).rejects.toThrow("ENOENT");
  });
});

describe("treeUsageOf", () => {
  it("counts the files of a tree by kind, state and container", async () => {
    openTree(folder, { coordinatorId: "main" });
    const layout = createTreeLayout(folder);
    const seal = { sealedMs: Date.UTC(2026, 0, 1), number: 1 };
    const momentum = { kind: "container", container: "strategy_001", component: "momentum" } as const;
    const { mkdirSync } = await import("node:fs");
    const put = (file: string, bytes: number): void => {
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, "x".repeat(bytes));
    };
    put(layout.activeFile(momentum), 10);
    put(layout.sealedFile(momentum, seal), 200);
    put(layout.archivedFile(momentum, { ...seal, number: 2 }), 3000);
    put(layout.activeFile({ kind: "container", container: "x".repeat(300), component: "c" }), 5);
    put(layout.activeFile({ kind: "flow", coordinator: "main", tier: "fast" }), 40_000);
    put(layout.activeFile({ kind: "system", component: "coordinator" }), 1);

    const { containers, ...usage } = treeUsageOf(await listSegments(folder), 7);
    expect(usage).toEqual({
      totalBytes: 43_223,
      bytesByKind: { container: 3215, flow: 40_000, correlation: 0, system: 1, master: 0 },
      bytesByState: { active: 40_016, sealed: 200, archived: 3000, temporary: 0, aside: 0 },
      filesByState: { active: 4, sealed: 1, archived: 1, temporary: 0, aside: 0 },
      otherBytes: 7,
    });
    expect(containers).toContainEqual({
      containerId: "strategy_001",
      bytes: 3210,
      files: 3,
      activeFiles: ["momentum.log"],
    });
    expect(containers.map(({ bytes }) => bytes).toSorted((a, b) => a - b)).toEqual([5, 3210]);
  });
});
