import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Task } from "./task.ts";

const childProgram = fileURLToPath(new URL("./child.js", import.meta.url));

/** A child process at its task. */
export interface RunningTask {
  readonly child: ChildProcess;
  /** How it ended: `exit 1`, `SIGKILL`, or `hangs` when it was still running after the limit and was killed. */
  readonly ended: Promise<string>;
}

/** Starts a logger on a task in a process of its own. */
export function startTask(adapter: string, task: Task, limitMs = 20_000): RunningTask {
  // What loggers print when they fail is no part of the table.
  const child = fork(childProgram, [adapter, JSON.stringify(task)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    child.kill("SIGKILL");
  }, limitMs);
  const ended = once(child, "exit").then(([code, signal]) => {
    clearTimeout(timer);
    if (hangs) return "hangs";
    return typeof signal === "string" ? signal : `exit ${String(code)}`;
  });
  return { child, ended };
}

/** The next message of a child, or undefined when it ends without one. */
export async function nextMessage({ child, ended }: RunningTask): Promise<unknown> {
  const message = once(child, "message").then(([value]) => value as unknown);
  return Promise.race([message, ended.then(() => undefined)]);
}
