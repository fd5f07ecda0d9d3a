import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseEntry } from "@waybill/log-tree";
import type { LogEntry } from "@waybill/protocols";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gapsOf, isGap, range } from "./support/stream-subject.ts";

// The worker is a file of the built package, so these tests run that.
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/losses-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;
const placements = ["inline", "worker"] as const;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-losses-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(scenario: string, ...more: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [child, dist, directory, scenario, ...more],
    {
      timeout: 50_000,
      encoding: "utf8",
    },
  );
  const told: unknown = stdout === "" ? undefined : JSON.parse(stdout);
  return { status, stderr, told: told as Readonly<Record<string, number>> };
}

function entriesIn(file = path.join(directory, "c1", "app.log")): LogEntry[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => parseEntry(line) as LogEntry);
}

describe.each(placements)("streams that cannot be written, %s", { timeout: 60_000 }, (placement) => {
  it("hold back no more together than the pool may", () => {
    const { status, stderr, told } = run("boundless", placement);
    expect({ status, stderr, unaccounted: told["unaccounted"] }).toEqual({
      ...{ status: 0, stderr: "", unaccounted: 0 },
    });
    // 65,536 bytes are some 50 of these entries; a stream has one more while it drops.
    expect(told["accepted"]).toBe(16_000);
    expect(told["queuedMax"]).toBeLessThanOrEqual(60);
  });

  it.each(["drop_oldest", "drop_lowest_level"])(
    "count and tell the same with gap records among what waits: %s",
    (overflow) => {
      const { status, stderr, told } = run("gaps", placement, overflow);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const entries = entriesIn();
      const gaps = gapsOf(entries);
      const written = entries.length - gaps.length;
      const told2 = gaps.reduce((sum, { dropped }) => sum + Number(dropped), 0);
      expect(told).toMatchObject({ written, dropped: told2, queued: 0, accepted: written + told2 });
      expect(entries.map(({ seq }) => seq)).toEqual(
        [...new Set(entries.map(({ seq }) => seq))].sort((a, b) => a - b),
      );
    },
  );
});

describe.each(placements)("a pool, %s", { timeout: 60_000 }, (placement) => {
  it("waits for a file that is being opened rather than dropping what is written to it", () => {
    // It waits for a thread that does something; a busy machine may give that thread no time at all, hence three tries.
    let attempt = run("opening", placement);
    for (let n = 1; n < 3 && attempt.told["dropped"] !== 0; n++) {
      rmSync(directory, { recursive: true });
      attempt = run("opening", placement);
    }
    expect(attempt).toEqual({
      ...{ status: 0, stderr: "", told: { accepted: 201, written: 201, dropped: 0 } },
    });
  });

  it("flushes a burst as soon as the disk has taken it, though it could not all be sent at once", () => {
    const { status, stderr, told } = run("burst", placement);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told).toMatchObject({ accepted: 101, written: 101, queued: 0, dropped: 0 });
    expect(told["tookMs"]).toBeLessThan(5000);
  });

  it("tells of every segment before the close of its stream has settled", () => {
    const { status, stderr, told } = run("sealing", placement);
    expect({ status, stderr, untold: told["untold"] }).toEqual({ status: 0, stderr: "", untold: 0 });
    expect(told["told"]).toBeGreaterThanOrEqual(80);
  });

  it("keeps its files within one limit and tells how many are open", () => {
    const { status, stderr, told } = run("descriptors", placement);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told).toMatchObject({ accepted: 180, written: 180, told: told["open"], toldAtEnd: 0 });
    expect(told["open"]).toBeGreaterThan(10);
    expect(told["open"]).toBeLessThanOrEqual(20);
  });

  it("lets every handle of a path be closed after it", () => {
    expect(run("handles", placement)).toEqual({ status: 0, stderr: "", told: ["resolved", "resolved"] });
  });

  it("has an ERROR in the file before write returns that a getter of another entry logs", () => {
    expect(run("nestedError", placement)).toEqual({ status: 0, stderr: "", told: { lines: 2 } });
  });
});

describe("a worker with a slow disk", () => {
  it("holds back what a slow disk does not take, within the bounds of a queue in each thread", {
    timeout: 60_000,
  }, () => {
    const { status, stderr, told } = run("slow", "worker");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const entries = entriesIn();
    const gaps = gapsOf(entries);
    expect(told).toMatchObject({ accepted: 3001, written: entries.length - gaps.length, queued: 0 });
    expect(told["dropped"]).toBe(gaps.reduce((sum, { dropped }) => sum + Number(dropped), 0));
    // Entries have some 1,200 bytes, and a batch goes beyond a bound.
    expect(told["queuedMax"]).toBeLessThan((3 * 65_536) / 1200);
  });
});

describe("a worker that dies with entries in its memory", () => {
  it("is told by a gap record at their place, with their numbers", { timeout: 60_000 }, () => {
    const { status, stderr, told } = run("killed", "worker");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const entries = entriesIn();
    expect(entries.map(({ seq }) => seq)).toEqual([...range(1, 24), ...range(106, 110)]);
    expect(entries.filter(isGap).map(({ seq }) => seq)).toEqual([24]);
    expect(gapsOf(entries)).toEqual([
      { dropped: 82, by_level: {}, from_seq: 24, to_seq: 105, reason: "worker" },
    ]);
    expect(told).toMatchObject({ accepted: 110, written: 28, queued: 0, dropped: 82 });
  });

  it("is told with what it had dropped itself", { timeout: 60_000 }, () => {
    const { status, stderr, told } = run("killedWhileDropping", "worker");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told["droppedBefore"]).toBeGreaterThan(100);
    expect(told).toMatchObject({ accepted: 510, written: 33, queued: 0, dropped: 477 });
    expect(gapsOf(entriesIn())).toMatchObject([{ dropped: 477, from_seq: 24, to_seq: 500 }]);
  });

  it("leaves nothing unsynced in a durable stream that is sealed next", { timeout: 60_000 }, () => {
    const { status, stderr, told } = run("unsynced", "worker");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told).toMatchObject({ isSynced: true, accepted: 11, written: 11, queued: 0, dropped: 0 });
  });
});
