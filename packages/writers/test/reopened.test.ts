import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseEntry } from "@waybill/log-tree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isGap, range } from "./support/stream-subject.ts";

// The worker is a file of the built package, so these tests run that.
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/reopening-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-reopened-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Entries 1 to 20 by the first stream, of which 11 to 20 find the file failing, and 21 to 30 by the second. */
function reopen(scenario: "full" | "hung" | "given up", mode: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, dist, directory, scenario, mode], {
    timeout: 30_000,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const files = readdirSync(path.join(directory, "c1")).filter((name) => name.endsWith(".log"));
  const entries = readFileSync(path.join(directory, "c1", "app.log"), "utf8")
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => parseEntry(line) ?? []);
  const seqs = entries.map(({ seq }) => seq);
  return {
    told: JSON.parse(stdout),
    files,
    numbers: entries.filter((entry) => !isGap(entry)).map(({ context }) => context["n"]),
    isAscending: seqs.every((seq, at) => seq > (seqs[at - 1] ?? 0)),
  };
}

describe.each(["batched", "durable", "sync"])(
  "a stream that is opened again while the one before is being closed, then %s",
  { timeout: 60_000 },
  (mode) => {
    it("waits for a file that hangs, blocks nobody, and goes on behind what was written", () => {
      const { told, ...found } = reopen("hung", mode);
      expect(found).toEqual({ files: ["app.log"], numbers: range(1, 30), isAscending: true });
      expect(told).toMatchObject({ first: "resolved", flushed: "resolved", linesBefore: 10 });
      expect(told).toMatchObject({ waiting: { state: "degraded", queued: 10 } });
      expect(told.pool).toEqual({ accepted: 30, written: 30, dropped: 0, queued: 0 });
      expect(told.blockedMs).toBeLessThan(100);
    });

    // It takes five seconds to give up.
    it.skipIf(mode === "durable")("waits for it though the close of the one before was given up", () => {
      const { told, ...found } = reopen("given up", mode);
      expect(found).toEqual({ files: ["app.log"], numbers: range(1, 30), isAscending: true });
      expect(told).toMatchObject({ first: "WAYBILL_FLUSH_FAILED", flushed: "resolved", linesBefore: 10 });
      // What a disk that hangs takes after all.
      expect(told.pool).toEqual({ accepted: 30, written: 20, dropped: 10, queued: 0 });
      expect(told.blockedMs).toBeLessThan(100);
    });

    it("goes on with a file that failed under numbers of its own", () => {
      const { told, ...found } = reopen("full", mode);
      expect(found).toMatchObject({ files: ["app.log"], isAscending: true });
      expect(found.numbers).toEqual([...range(1, 10), ...range(21, 30)]);
      expect(told.first).toBe("WAYBILL_FLUSH_FAILED");
      expect(told.pool).toEqual({ accepted: 30, written: 20, dropped: 10, queued: 0 });
    });
  },
);
