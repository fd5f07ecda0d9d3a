import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { listSegments, type Segment } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { useTrees } from "../test/support/trees.ts";
import { oldestEntryMs, structureOf } from "./log-summary.ts";

const trees = useTrees();

function line(seq: number, timestamp: string): string {
  return `${JSON.stringify({ timestamp, level: "INFO", message: "m", container_id: "a", component_name: "x", event_scope: "component_internal", seq })}\n`;
}

async function inventoryOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = trees.directory();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return listSegments(root);
}

describe("the oldest entry", () => {
  it("is that of the next segment when the first of a stream has none", async () => {
    const inventory = await inventoryOf({
      "containers/a/x.20260101T000000000Z-000001.log": "",
      "containers/a/x.log": line(1, "2026-01-02T00:00:00.000Z"),
    });
    expect(await oldestEntryMs(inventory)).toBe(Date.UTC(2026, 0, 2));
  });

  it("is never that of a temporary file", async () => {
    const inventory = await inventoryOf({
      "containers/a/x.20260101T000000000Z-000001.log.gz.part": gzipSync(line(1, "2020-01-01T00:00:00.000Z")),
      "containers/a/x.log": line(1, "2026-01-02T00:00:00.000Z"),
    });
    expect(inventory.summary.filesByState.temporary).toBe(1);
    expect(await oldestEntryMs(inventory)).toBe(Date.UTC(2026, 0, 2));
  });
});

describe("the structure", () => {
  it("names files alike whatever separates the parts of a path", async () => {
    const inventory = await inventoryOf({ "containers/a/x.log": "" });
    const segments = inventory.segments.map(
      (segment): Segment => ({ ...segment, path: "C:\\logs\\containers\\a\\x.log" }),
    );
    expect(structureOf({ ...inventory, segments })["a"]?.logFiles).toEqual(["x.log"]);
  });

  it("counts active, sealed and archived files of a container, and lists the active ones", async () => {
    const inventory = await inventoryOf({
      "containers/a/x.log": "1234",
      "containers/a/x.20260101T000000000Z-000001.log": "12",
      "archived/containers/2026-01-01/a/x.20260101T000000000Z-000002.log.gz": "1",
      "system/coordinator.log": "12345678",
    });
    expect(structureOf(inventory)).toEqual({
      a: { logFiles: ["x.log"], fileCount: 3, totalSizeMb: 7 / 1_048_576 },
    });
  });

  it("names a container by its directory when its id was too long for a path", async () => {
    const directory = `${"a".repeat(111)}~0123456789abcdef`;
    const inventory = await inventoryOf({ [`containers/${directory}/x.log`]: "" });
    expect(Object.keys(structureOf(inventory))).toEqual([directory]);
  });
});
