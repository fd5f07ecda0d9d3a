import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countLines, lineFiles } from "../tree-lines.ts";
import type { Measured } from "./measure.ts";
import type { RunOptions } from "./run.ts";

const runProgram = fileURLToPath(new URL("./run.js", import.meta.url));
const timeLimitMs = 300_000;

/** One run and what was found on disk after it. */
export interface RunResult {
  /** Undefined when the run failed or took longer than five minutes. */
  readonly measured: Measured | undefined;
  /** Valid lines in the files of the components. */
  readonly lines: number;
  /** Lines that do not parse, anywhere. */
  readonly broken: number;
}

/** Runs one contestant once in its own process and directory, and counts what it left there. */
export async function runChild(options: Omit<RunOptions, "root">): Promise<RunResult> {
  const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  try {
    const measured = await measuredBy({ ...options, root });
    return { measured, ...countTree(root) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function measuredBy(options: RunOptions): Promise<Measured | undefined> {
  return new Promise((resolve) => {
    const child = fork(runProgram, [JSON.stringify(options)], {
      timeout: timeLimitMs,
      killSignal: "SIGKILL",
    });
    let measured: Measured | undefined;
    child.on("message", (message) => {
      measured = message as Measured;
    });
    child.on("exit", () => resolve(measured));
  });
}

function countTree(root: string): { lines: number; broken: number } {
  let lines = 0;
  let broken = 0;
  for (const { path, bytes } of lineFiles(root)) {
    const count = countLines(bytes);
    broken += count.broken;
    // Under the fan-out there are further files, which differ between contestants.
    if (path.startsWith("containers") && path.includes("component_")) lines += count.valid;
  }
  return { lines, broken };
}
