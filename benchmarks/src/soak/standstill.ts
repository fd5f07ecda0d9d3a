import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

const waitMsMax = 2000;
/** Where the system does not tell the states of threads. */
const blindWaitMs = 10;

/**
 * Stops a process (SIGSTOP), waits until each of its threads stands still, does something, and lets it go on. A thread
 * that waits for the disk finishes its call before it stops.
 *
 * @returns undefined, and does nothing, when the process is gone or a thread does not stop within 2 seconds.
 */
export async function atStandstill<T>(child: ChildProcess, work: () => T): Promise<T | undefined> {
  const { pid } = child;
  if (pid === undefined || !child.kill("SIGSTOP")) return undefined;
  try {
    const startMs = performance.now();
    for (;;) {
      const isStill = areThreadsStopped(pid);
      if (isStill === undefined) await wait(blindWaitMs);
      if (isStill !== false) break;
      if (performance.now() - startMs > waitMsMax || child.exitCode !== null) return undefined;
      await wait(1);
    }
    return work();
  } finally {
    child.kill("SIGCONT");
  }
}

/** Undefined where the system does not tell. */
function areThreadsStopped(pid: number): boolean | undefined {
  try {
    const tasks = `/proc/${pid}/task`;
    return readdirSync(tasks).every((task) => {
      const stat = readFileSync(`${tasks}/${task}/stat`, "utf8");
      // Behind the name, which stands in parentheses and may hold some itself.
      const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
      return "TtZX".includes(state);
    });
  } catch {
    return undefined;
  }
}
