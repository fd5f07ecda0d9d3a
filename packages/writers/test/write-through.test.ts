import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/write-through-child.mjs");
// The worker is a file of the built package, so these tests run that.
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-write-through-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function tell(scenario: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [child, dist, directory, scenario], {
    timeout: 30_000,
    encoding: "utf8",
  });
  return stderr === "" ? JSON.parse(stdout) : stderr;
}

describe("an ERROR that a worker writes", () => {
  it("is in the file when write returns, with what was logged before it", () => {
    const { late, missing } = tell("calm") as { late: number; missing: readonly number[] };
    expect(missing).toEqual([]);
    expect(late).toBeLessThanOrEqual(5);
  });

  it("is not waited for in a storm of errors, but CRITICAL is, with all before it", () => {
    expect(tell("storm")).toEqual({ hasLateErrors: true, lateCriticals: 0 });
  });

  it("waits like all others where write-through is switched off, CRITICAL too", () => {
    expect(tell("copies")).toEqual({ atOnce: 1 });
  });
});
