import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkTree, figureOf } from "./support/read-tree.ts";
import { runApp, withDirectory } from "./support/run-app.ts";

const range = ["--from", "2001-06-01", "--to", "2001-11-30"];
const tradesOf = (report: string) => /^ {2}trades .*$/m.exec(report)?.[0];

/** Gives `use` a file system that holds `size`; undefined where this user may not mount one. */
async function withDisk<T>(point: string, size: string, use: () => Promise<T>): Promise<T | undefined> {
  mkdirSync(point);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", point], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  try {
    return await use();
  } finally {
    execFileSync("umount", [point], { stdio: "ignore" });
  }
}

const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.skipIf(!canMount)("a disk that is full in the middle of a run", () => {
  it("stops no trade; the report tells what is missing, and the exit code is 3", async (context) => {
    await withDirectory(async (directory) => {
      const whole = await runApp([...range, "--log-dir", "whole"], directory);
      const disk = join(directory, "disk");
      const found = await withDisk(disk, "6m", async () => {
        const run = await runApp([...range, "--log-dir", "disk/logs"], directory);
        return { run, tree: await checkTree(join(disk, "logs")) };
      });
      if (found === undefined) return context.skip("no file system can be mounted here");
      const { run, tree } = found;
      expect(run.code).toBe(3);
      expect(tradesOf(run.stdout)).toBe(tradesOf(whole.stdout));
      const dropped = figureOf(run.stdout, /([\d,]+) dropped/);
      expect(dropped).toBeGreaterThan(1000);
      const missing = /but ([\d,]+) lines are missing in the log tree disk\/logs; make room there/;
      expect(figureOf(run.stderr, missing)).toBe(dropped);
      expect(figureOf(run.stdout, /total +([\d,]+)/)).toBe(tree.lines);
    });
  });
});
