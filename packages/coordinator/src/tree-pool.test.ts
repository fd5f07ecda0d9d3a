import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "@waybill/config";
import { openTree, parseEntry, raiseStreamFloor } from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import { nodeFileSystem, systemClock } from "@waybill/protocols";
import { createMemoryWriter } from "@waybill/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createFailureReport } from "./failure-report.ts";
import { createTreePool } from "./tree-pool.ts";

const folder = mkdtempSync(join(tmpdir(), "waybill-tree-pool-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the writers of a tree", () => {
  it("go on behind the numbers of segments that were taken away", async () => {
    const { layout } = openTree(join(folder, "logs"), { coordinatorId: "main" });
    const file = layout.activeFile({ kind: "container", container: "c1", component: "app" });
    raiseStreamFloor(layout.floorFile(file), { seq: 41, segmentNumber: 3 }, nodeFileSystem);
    const source = { containerId: "c1", componentName: "app" };
    const pool = createTreePool(layout, resolveConfig({}).config.logging.performance, {
      clock: systemClock,
      report: createFailureReport(() => undefined, systemClock),
      logger: () => createContainerLogger({ ...source, writer: createMemoryWriter() }),
    });
    createContainerLogger({ ...source, writer: pool.open(file) }).info("first");
    await pool.close();
    expect(parseEntry(readFileSync(file, "utf8").trimEnd())?.seq).toBe(42);
  });
});
