import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { range } from "./support/stream-subject.ts";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/threads-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-threads-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Starts the threads of an application. */
function start(placement: string, ending: string) {
  return spawnSync(process.execPath, [child, dist, directory, placement, ending], {
    timeout: 30_000,
    encoding: "utf8",
  });
}

function run(placement: string, ending: string) {
  const { status, stderr } = start(placement, ending);
  const logs = readdirSync(directory).filter((name) => name.endsWith(".log"));
  const lines = readFileSync(path.join(directory, "app.log"), "utf8").trimEnd().split("\n");
  const seqs = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
  return { status, stderr, logs, seqs };
}

describe.each(["inline", "worker"])(
  "threads of an application that end without a close, %s",
  { timeout: 60_000 },
  (placement) => {
    it.each(["natural", "exit"])(
      "leave the directory to the next one, with what they log in exit listeners: %s",
      (ending) => {
        expect(run(placement, ending)).toEqual({
          status: 0,
          stderr: "",
          logs: ["app.log"],
          seqs: range(1, 33),
        });
        expect(existsSync(path.join(directory, ".waybill.lock"))).toBe(false);
      },
    );

    it.runIf(process.platform === "linux")("leave it to the next one when they are terminated", () => {
      expect(run(placement, "terminated")).toEqual({
        status: 0,
        stderr: "",
        logs: ["app.log"],
        seqs: range(1, 30),
      });
    });

    it("lose no more than what was logged within the flush interval when they are terminated", () => {
      const { status, stderr, stdout } = start(placement, "busy");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const { inOrder, lostForMs } = JSON.parse(stdout) as { inOrder: boolean; lostForMs: number };
      expect(inOrder).toBe(true);
      // 50 ms, and what a busy machine takes.
      expect(lostForMs).toBeLessThan(200);
    });
  },
);
