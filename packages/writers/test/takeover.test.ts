import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { range } from "./support/stream-subject.ts";

// The worker is a file of the built package, so these tests run that.
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/takeover-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-takeover-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(scenario: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, dist, directory, scenario], {
    timeout: 50_000,
    encoding: "utf8",
  });
  const told: unknown = stdout === "" ? undefined : JSON.parse(stdout);
  return { status, stderr, told };
}

/** `seq` and `n` of every entry of a file. */
function entriesIn(name: string, container = "c1"): number[][] {
  return readFileSync(path.join(directory, container, name), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { seq: number; context: { n: number } })
    .map(({ seq, context }) => [seq, context.n]);
}

const numbered = (from: number, to: number) => range(from, to).map((n) => [n, n]);
const written = (entries: number) => ({ accepted: entries, written: entries, queued: 0, dropped: 0 });

describe("a worker that hangs in one stream and is followed by another", { timeout: 60_000 }, () => {
  it("loses nothing of streams that were not open yet and have entries of an earlier run", () => {
    const told = { flushed: "resolved", counts: [written(10), written(10)] };
    expect(run("unopened")).toEqual({ status: 0, stderr: "", told });
    expect(entriesIn("a.log")).toEqual(numbered(1, 110));
    expect(entriesIn("b.log")).toEqual(numbered(1, 110));
  });

  it("has a stream that was written in a part file go on there, though the directory is free by now", () => {
    const told = { flushed: "resolved", counts: [written(2), written(50)] };
    expect(run("part")).toEqual({ status: 0, stderr: "", told });
    expect(entriesIn("b.log")).toEqual(numbered(1, 500));
    const [part = ""] = readdirSync(path.join(directory, "c1")).filter((name) => name.includes("@"));
    expect(entriesIn(part)).toEqual(numbered(1, 50));
  });

  it("keeps no flush and no close waiting of a stream with nothing to write", () => {
    expect(run("idle")).toEqual({ status: 0, stderr: "", told: ["resolved", "resolved"] });
  });

  it("keeps its stream, whatever a callback logs in the midst of that", () => {
    const told = { workers: 2, counts: [written(2), written(3), written(4)] };
    expect(run("nested")).toEqual({ status: 0, stderr: "", told });
    expect(entriesIn("a.log")).toEqual(numbered(1, 2));
  });

  it("counts no entry as lost that is being encoded when its stream goes on", () => {
    expect(run("encoding")).toEqual({ status: 0, stderr: "", told: [written(2), written(3)] });
    expect(entriesIn("b.log")).toEqual(numbered(1, 3));
  });

  it("has the process wait for a flush that is awaited until the disk comes back", () => {
    expect(run("awaited")).toEqual({ status: 0, stderr: "", told: "resolved" });
    expect(entriesIn("a.log")).toEqual(numbered(1, 2));
  });

  it("keeps the lock of its directory as long as it hangs, when its pool is closed, and no longer", () => {
    const told = {
      closed: ["WAYBILL_FLUSH_FAILED", "WAYBILL_FLUSH_FAILED"],
      whileHanging: [true, true],
      after: [false, false],
      flushed: "WAYBILL_FLUSH_FAILED",
    };
    expect(run("locks")).toEqual({ status: 0, stderr: "", told });
  });

  it("is not waited for longer each time, by those whose disks are well", () => {
    const { status, stderr, told } = run("often");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { longestMs, counts, last } = told as { longestMs: number; counts: unknown; last: number };
    expect(counts).toEqual([written(last), written(3)]);
    expect(longestMs).toBeLessThan(2500);
  });
});
