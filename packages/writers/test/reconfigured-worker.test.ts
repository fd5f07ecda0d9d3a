import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseEntry } from "@waybill/log-tree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { range } from "./support/stream-subject.ts";

// The worker is a file of the built package, so these tests run that.
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/reconfiguring-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-reconfigured-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Entries 1 to 10, 11 to 20 that find the file failing, 21 to 30 in the new mode, 31 to 40 once it can be written. */
function reconfigure(scenario: "full" | "hung", before: string, after: string) {
  const args = [child, dist, directory, scenario, before, after];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { timeout: 30_000, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const files = readdirSync(path.join(directory, "c1")).filter((name) => name.endsWith(".log"));
  const entries = readFileSync(path.join(directory, "c1", "app.log"), "utf8")
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => parseEntry(line) ?? []);
  return {
    told: JSON.parse(stdout),
    found: {
      files,
      seqs: entries.map(({ seq }) => seq),
      numbers: entries.map(({ context }) => context["n"]),
    },
  };
}

describe.each([
  ["batched", "sync"],
  ["batched", "durable"],
  ["durable", "sync"],
  ["durable", "batched"],
])("a stream of a worker that is changed from %s to %s", { timeout: 60_000 }, (before, after) => {
  it.each(["full", "hung"] as const)("while its file is %s blocks nobody and loses nothing", (scenario) => {
    const { told, found } = reconfigure(scenario, before, after);
    expect(found).toEqual({ files: ["app.log"], seqs: range(1, 40), numbers: range(1, 40) });
    expect(told.waiting).toMatchObject({ dropped: 0 });
    expect(told.writer).toEqual({ accepted: 40, written: 40, dropped: 0 });
    expect(told.blockedMs).toBeLessThan(200);
  });
});
