import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WriterMode } from "@waybill/writers";
import { it } from "vitest";
import type { ManagingPlan } from "./managing-plan.ts";
import type { Plan } from "./plan.ts";
import { type LoggingChild, type StartOptions, startChild } from "./start-child.ts";

/** The long set, of `pnpm faults`, differs from the quick one in numbers only. */
export const isLong = process.env["WAYBILL_FAULTS"] === "long";

/** The modes in which most cases run; the long set adds the slowest. */
export const modes: readonly WriterMode[] = isLong ? ["sync", "batched", "durable"] : ["sync", "batched"];

/** What a machine may lack. */
export type Need = "root" | "strace" | "prlimit";

const absent: Readonly<Record<Need, boolean>> = {
  root: process.platform !== "linux" || process.getuid?.() !== 0,
  prlimit: process.platform !== "linux" || !runs("prlimit", "--pid", String(process.pid)),
  strace: process.platform !== "linux" || !runs("strace", "-f", "-o", "/dev/null", "true"),
};

function runs(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The place of one case. */
export interface FaultCase {
  /** Exists, is empty, and is removed afterwards. */
  readonly folder: string;
  /** A plan on a tree in this folder, with one note file per run. */
  plan(more: Partial<Plan> & Pick<Plan, "steps">): Plan;
  /** Starts a process that carries out a plan; whatever becomes of the case, it does not outlive it. */
  start(plan: Plan | ManagingPlan, options?: StartOptions): LoggingChild;
  /** Keeps figures for the summary. */
  tell(figures: Readonly<Record<string, number | string>>): void;
}

function note(line: Readonly<Record<string, unknown>>): void {
  const file = process.env["WAYBILL_FAULTS_REPORT"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/**
 * Declares one case of a fault class. Where the machine lacks what it needs it is skipped, and both its title and a
 * line on stderr say why.
 */
export function faultCase(
  title: string,
  needs: readonly Need[],
  run: (fault: FaultCase) => Promise<void>,
): void {
  const missing = needs.filter((need) => absent[need]);
  const reason = missing.length > 0 ? ` (skipped: no ${missing.join(", no ")})` : "";
  if (reason !== "") process.stderr.write(`faults: ${title}${reason}\n`);
  it.skipIf(missing.length > 0)(
    title + reason,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "waybill-fault-"));
      const root = join(folder, "tree");
      mkdirSync(root);
      const plan: FaultCase["plan"] = (more) => ({
        root,
        acks: join(folder, `acks-${more.run ?? 0}`),
        run: 0,
        containers: 1,
        ...more,
      });
      const children: LoggingChild[] = [];
      const start: FaultCase["start"] = (made, options) => {
        const child = startChild(made, options);
        children.push(child);
        return child;
      };
      try {
        await run({ folder, plan, start, tell: (figures) => note({ title, figures }) });
      } finally {
        for (const child of children) child.kill("SIGKILL");
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    isLong ? 3_600_000 : 60_000,
  );
}

/** The same numbers for the same seed: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `strace` that changes what some system calls on some paths return or how long they take, and nothing else. */
export function straceOn(
  paths: readonly string[],
  calls: "write" | "sync",
  effect: string,
): readonly string[] {
  const names = calls === "write" ? "write,writev" : "fsync,fdatasync";
  const targets = paths.flatMap((path) => ["-P", path]);
  const flags = ["-f", "-qqq", "--seccomp-bpf", "-o", "/dev/null"];
  return ["strace", ...flags, ...targets, "-e", `trace=${names}`, "-e", `inject=${names}:${effect}`];
}

/** Waits until something is so. @throws when it is not within `withinMs`. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!(await isSo())) {
    if (performance.now() - start > withinMs) throw new Error(`not so after ${withinMs} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - start;
}
