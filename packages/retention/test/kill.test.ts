import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openTree, readStreamFloor } from "@waybill/log-tree";
import { nodeFileSystem } from "@waybill/protocols";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  applyRetention,
  planRetention,
  readDeletions,
  readRetentionState,
  resolveRetentionPolicy,
} from "../src/index.ts";
import { lineOf, sealedName } from "./support/trees.ts";

const packageRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(packageRoot, "test/support/kill-child.mjs");
const built = pathToFileURL(path.join(packageRoot, "dist/index.js")).href;
const nowMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;
const clock = { now: () => nowMs, monotonicUs: () => 0, setTimer: () => ({ cancel: () => undefined }) };
const callsMax = 200;

let base = "";
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), "waybill-kill-"));
});
afterEach(() => rmSync(base, { recursive: true }));

const gone = [
  ["archived/containers/2026-04-20/a", 1, 41],
  ["containers/a", 2, 40],
  ["containers/b", 5, 39],
] as const;
const stays = [["containers/a", 3, 2]] as const;

function write(root: string, [place, number, ageDays]: readonly [string, number, number]): string {
  const timeMs = nowMs - ageDays * dayMs;
  const file = path.join(root, place, sealedName(timeMs, number));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, lineOf(timeMs, number * 10));
  return path.relative(root, file);
}

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(".waybill"))
    .sort();
}

describe("kill -9 before each call of applyRetention that changes something", () => {
  it("leaves every segment whole or gone; the next run ends it, with a done line for each deletion", async () => {
    let outcome = "";
    let killed = 0;
    for (let at = 1; !outcome.startsWith("done") && at <= callsMax; at++) {
      const root = path.join(base, String(at));
      const { layout } = openTree(root, { coordinatorId: "main" });
      const expired = gone.map((facts) => write(root, facts));
      const kept = stays.map((facts) => write(root, facts));
      const args = [child, built, root, String(at), String(nowMs)];
      const { stdout, stderr, signal } = spawnSync(process.execPath, args, {
        encoding: "utf8",
        timeout: 20_000,
      });
      expect([stdout === "" ? signal : "done", stderr]).toEqual([stdout === "" ? "SIGKILL" : "done", ""]);
      outcome = stdout;
      killed += Number(signal === "SIGKILL");

      const left = filesIn(root);
      expect(left.filter((file) => !expired.includes(file))).toEqual(kept);
      expect(left.every((file) => readFileSync(path.join(root, file), "utf8").endsWith("}\n"))).toBe(true);
      const floor = readStreamFloor(
        layout.floorFile(path.join(root, "containers/b/main.log")),
        nodeFileSystem,
      );
      const isNewestThere = left.some((file) => file.startsWith(path.join("containers", "b")));
      expect(isNewestThere || floor?.seq === 50).toBe(true);

      const state = await readRetentionState(root, { clock });
      const next = await applyRetention(root, planRetention(state, resolveRetentionPolicy()), { clock });
      expect([next.failed, filesIn(root)]).toEqual([0, kept]);
      const done = readDeletions(root).records.filter(({ phase }) => phase === "done");
      expect(done.map(({ file }) => file).sort()).toEqual(
        expired.map((file) => file.split(path.sep).join("/")).sort(),
      );
    }
    expect(outcome).toMatch(/^done 3 /);
    // As many as there are calls: every step was hit.
    expect(killed).toBe(Number(outcome.split(" ")[2]));
    expect(killed).toBeGreaterThan(15);
  }, 60_000);
});
