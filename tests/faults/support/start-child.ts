import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MaintenanceReport } from "@waybill/coordinator";
import type { WriterPoolStatus } from "@waybill/writers";
import type { ManagingPlan } from "./managing-plan.ts";
import type { Plan } from "./plan.ts";

const loggingProgram = fileURLToPath(new URL("logging-child.mjs", import.meta.url));
const managingProgram = fileURLToPath(new URL("managing-child.mjs", import.meta.url));

/** What a child says: one word, and its state at that moment. */
export interface Saying {
  readonly word: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly status: WriterPoolStatus;
  readonly rssBytes: number;
  readonly descriptors: number;
  /** Calls of a logger so far. */
  readonly calls: number;
  readonly flushes: { readonly resolved: number; readonly rejected: number; readonly lastCode?: string };
  /** Of a `run` step. */
  readonly report?: MaintenanceReport;
  /** Of a `measure` step. */
  readonly measured?: { readonly rounds: number; readonly gapMs: number; readonly statP99Ms: number };
}

/** How a child is started. */
export interface StartOptions {
  /** A command and its arguments in front of `node`. */
  readonly through?: readonly string[];
  readonly uid?: number;
}

/** A running child. */
export interface LoggingChild {
  readonly pid: number;
  /** Waits for a word; each is heard once. @throws when the child ends before it says the word. */
  hear(word: string): Promise<Saying>;
  tell(word: string): void;
  kill(signal: NodeJS.Signals): void;
  /** How it ended. @throws when it still runs after `withinMs`, 30,000 unless given, and kills it. */
  ended(withinMs?: number): Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** What it wrote to stderr. */
  errors(): string;
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Starts a process that carries out a plan. */
export function startChild(
  plan: Plan | ManagingPlan,
  { through = [], uid }: StartOptions = {},
): LoggingChild {
  const program = "logging" in plan ? managingProgram : loggingProgram;
  const [command = process.execPath, ...args] = [...through, process.execPath, program, JSON.stringify(plan)];
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const errors: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
  const errorText = (): string => Buffer.concat(errors).toString();
  const sayings: Saying[] = [];
  const listeners = new Set<() => void>();
  const wake = (): void => {
    for (const listener of listeners) listener();
  };
  child.on("message", (saying: Saying) => {
    sayings.push(saying);
    wake();
  });
  let isOver = false;
  const over = once(child, "close").then(([code, signal]) => {
    isOver = true;
    wake();
    return { code: code as number | null, signal: signal as string | null };
  });
  return {
    pid: child.pid ?? 0,
    errors: errorText,
    tell: (word) => void child.send(word),
    kill: (signal) => {
      if (isOver) return;
      // A tracer that is killed lets go of what it traces.
      if (through.length > 0) for (const pid of childrenOf(child.pid)) process.kill(pid, signal);
      child.kill(signal);
    },
    async hear(word) {
      for (;;) {
        const at = sayings.findIndex((saying) => saying.word === word);
        const [found] = at < 0 ? [] : sayings.splice(at, 1);
        if (found !== undefined) return found;
        if (isOver) throw new Error(`the child ended without saying "${word}": ${errorText()}`);
        await new Promise<void>((resolve) => {
          const listener = (): void => {
            listeners.delete(listener);
            resolve();
          };
          listeners.add(listener);
        });
      }
    },
    async ended(withinMs = 30_000) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          child.kill("SIGKILL");
          reject(new Error(`the child still ran after ${withinMs} ms: ${errorText()}`));
        }, withinMs);
      });
      return await Promise.race([over, late]).finally(() => clearTimeout(timer));
    },
  };
}
