import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { range } from "./support/stream-subject.ts";

// The worker is a file of the built package, so these tests run that.
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/seal-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-seal-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(scenario: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [child, dist, directory, scenario], {
    timeout: 40_000,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** The `n` of the entries of each segment, oldest first; the active one last. */
function segments(component = "app") {
  const names = readdirSync(path.join(directory, "c1")).filter((name) => name.endsWith(".log"));
  const sealed = names.filter((name) => name.startsWith(`${component}.2`)).sort();
  return [...sealed, `${component}.log`]
    .map((name) => path.join(directory, "c1", name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8").trimEnd().split("\n"))
    .map((lines) => lines.map((line) => JSON.parse(line).context.n));
}

describe("a seal of a stream that a worker writes", { timeout: 60_000 }, () => {
  it("rejects after 5 s when its disk hangs, and keeps nobody else waiting", () => {
    const told = run("hangs");
    expect(told.hung).toEqual({ outcome: "WAYBILL_SEAL_FAILED", tookMs: expect.closeTo(5000, -3) });
    expect(told.flushed).toMatchObject({ outcome: "resolved" });
    expect(told.flushed.tookMs).toBeLessThan(2000);
    expect(told.status).toMatchObject({ accepted: 40, written: 40, dropped: 0 });
    // What it hung in was done when the disk had come back, and nothing more.
    expect(segments()).toEqual([range(1, 10), range(11, 20)]);
    expect(existsSync(path.join(directory, "c1", "app.log"))).toBe(true);
    expect(segments("other")).toEqual([range(1, 20)]);
  });

  it("is made by another worker when the first hangs in another stream, though nothing else waits", () => {
    const told = run("hangsInWrite");
    expect(told.hung).toEqual({ outcome: "WAYBILL_SEAL_FAILED", tookMs: expect.closeTo(5000, -3) });
    expect(told.beside).toMatchObject({ outcome: "resolved" });
    expect(told.beside.tookMs).toBeLessThan(2000);
    expect(told.status).toMatchObject({ accepted: 30, written: 30, dropped: 0 });
    expect(segments().flat()).toEqual(range(1, 20));
    expect(segments("other")).toEqual([range(1, 10)]);
  });

  it("is made by the thread that logs when its worker dies", () => {
    const { seal, status } = run("killed");
    expect(seal).toMatchObject({ outcome: "resolved" });
    expect(status).toMatchObject({ accepted: 30, written: 30, dropped: 0 });
    expect(segments()).toEqual([range(1, 20)]);
    expect(existsSync(path.join(directory, "c1", "app.log"))).toBe(false);
  });

  it("is made though the process ends meanwhile, and what was logged after it is kept", () => {
    run("atExit");
    expect(segments().flat()).toEqual(range(1, 20));
    expect(readdirSync(path.join(directory, "c1"))).toContainEqual(expect.stringContaining("-000001.log"));
  });

  it("resolves with nothing else alive in the process", () => {
    run("alone");
    expect(segments()).toEqual([range(1, 10), range(11, 20)]);
  });
});

describe("a seal of what an earlier run has left, by a worker", { timeout: 60_000 }, () => {
  it("rejects after 5 s when its disk hangs; who has opened the stream goes on behind it", () => {
    const told = run("left");
    expect(told.hung).toEqual({ outcome: "WAYBILL_SEAL_FAILED", tookMs: expect.closeTo(5000, -3) });
    expect(told.waiting).toMatchObject({ state: "degraded", queued: 10 });
    expect(told.status).toMatchObject({ accepted: 10, written: 10, dropped: 0 });
    expect(segments()).toEqual([range(1, 10), range(11, 20)]);
  });

  it("is made by the thread that logs when its worker dies", () => {
    expect(run("killedLeft").seal).toMatchObject({ outcome: "resolved" });
    expect(segments()).toEqual([range(1, 10)]);
  });

  it("is made or not when the process ends meanwhile, and what was logged is kept", () => {
    run("leftAtExit");
    expect(segments().flat()).toEqual(range(1, 20));
  });

  it("settles when the worker never answers", () => {
    const { seals, status } = run("mute");
    expect(seals.map(({ outcome }: { outcome: string }) => outcome)).toEqual(["resolved", "resolved"]);
    expect(status).toMatchObject({ accepted: 10, written: 10 });
    expect(segments()).toEqual([range(1, 20)]);
    expect(segments("other")).toEqual([range(1, 10)]);
  });
});
