import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { resolveConfig } from "@waybill/config";
import { openLogManager } from "@waybill/coordinator";
import { listSegments, parseEntry, readEntries, readSegment } from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import { collidingIdPairs, hostileIds, hostileValues } from "@waybill/testing";
import { createWriterPool, type WriterMode } from "@waybill/writers";
import { describe, expect } from "vitest";
import { type FaultCase, faultCase } from "./support/fault-case.ts";

const lineBytesMax = 1_048_576;
const callMsMax = 50;
const tries = 3;
/** What a terminal, a line reader or a bidi renderer acts upon. */
const active = /\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

async function logHostileValues(fault: FaultCase, mode: WriterMode) {
  const pool = createWriterPool();
  const file = join(fault.folder, "tree/containers/hostile/load.log");
  const writer = pool.open(file, { mode });
  const logger = createContainerLogger({ containerId: "hostile", componentName: "load", writer });
  let slowestMs = 0;
  let slowest = "";
  for (const { label, create } of hostileValues) {
    // The shortest of three: what a neighbour on the machine takes is not ours.
    const tookMs = Math.min(
      ...Array.from({ length: tries }, () => {
        const context = create();
        const start = performance.now();
        logger.info(label, context);
        return performance.now() - start;
      }),
    );
    if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, label];
  }
  await pool.close();
  const lines = readFileSync(file, "utf8").split("\n");
  const longest = Math.max(...lines.map((line) => Buffer.byteLength(line)));
  fault.tell({ payloads: hostileValues.length, slowestMs: Math.round(slowestMs), slowest, longest });
  return { lines, slowestMs, longest };
}

describe("F12 hostile payloads", () => {
  for (const mode of ["sync", "batched"] as const) {
    faultCase(`F12 ${mode}: each gives one valid line, bounded in size and time`, [], async (fault) => {
      const { lines, slowestMs, longest } = await logHostileValues(fault, mode);
      expect(lines.pop()).toBe("");
      expect(lines.map((line) => parseEntry(line)?.message)).toEqual(
        hostileValues.flatMap(({ label }) => new Array(tries).fill(label)),
      );
      expect(lines.map((line) => parseEntry(line)?.seq)).toEqual(lines.map((_, at) => at + 1));
      expect(lines.filter((line) => active.test(line))).toEqual([]);
      expect(longest).toBeLessThanOrEqual(lineBytesMax);
      expect(slowestMs).toBeLessThanOrEqual(callMsMax);
    });
  }
});

describe("F13 hostile ids", () => {
  faultCase(
    "F13 every id gets a directory of its own inside the tree, and is read back",
    [],
    async (fault) => {
      const ids = [
        ...new Set([
          ...hostileIds.map(({ id }) => id),
          ...collidingIdPairs.flatMap(({ first, second }) => [first, second]),
        ]),
      ];
      const root = join(fault.folder, "tree");
      const { config } = resolveConfig({ coordinator: { coordinatorId: "main", logDir: root } });
      const manager = openLogManager({ config, print: () => undefined });
      for (const id of ids) manager.registerContainer(id).createComponentLogger(id).info("hello", { id });
      await manager.close();
      const { segments, summary } = await listSegments(root, { kinds: ["container"] });
      const outside = segments.filter(({ path }) =>
        relative(realpathSync(root), realpathSync(path)).startsWith(".."),
      );
      const directories = new Set(segments.map(({ path }) => dirname(path).normalize("NFKC").toLowerCase()));
      const found = new Set<string>();
      for await (const { entry } of readEntries(root, { kinds: ["container"] })) found.add(entry.containerId);
      const holding = await Promise.all(
        segments.map(async (segment) => {
          const held = new Set<string>();
          for await (const { entry } of readSegment(segment)) held.add(String(entry.context["id"]));
          return held.size;
        }),
      );
      fault.tell({
        ids: ids.length,
        directories: directories.size,
        found: found.size,
        foreign: summary.foreign,
      });
      expect(outside).toEqual([]);
      expect(directories.size).toBe(ids.length);
      expect(holding).toEqual(segments.map(() => 1));
      expect(found).toEqual(new Set(ids));
    },
  );
});
