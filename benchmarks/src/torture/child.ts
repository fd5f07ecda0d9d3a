// One logger under one torture, in a process of its own: `child.js <adapter> <Task as JSON>`.
import { once } from "node:events";
import { setImmediate, setTimeout } from "node:timers/promises";
import type { TortureLogger } from "./adapter.ts";
import { loadAdapter } from "./load-adapter.ts";
import { entriesAfterFull, type StalledReport, type Task } from "./task.ts";

const entriesPerBurst = 200;
/** Longer than the longest pause between two attempts that a logger may make to write again. */
const recoveryMs = 3000;
/** How long the device stays full. */
const fullMs = 1000;
const closeDeadlineMs = 3000;

function logAll(logger: TortureLogger, task: Task): void {
  // A new text each time: a shared one would hide the memory of loggers that keep entries as objects.
  for (let i = task.from; i < task.from + task.count; i++) logger.log(i, `${i}`.padEnd(task.padUnits, "x"));
}

/** @param pauseMs - between bursts; 0 = one turn of the event loop. */
async function logInBursts(logger: TortureLogger, task: Task, pauseMs: number): Promise<void> {
  for (let done = 0; done < task.count; done += entriesPerBurst) {
    logAll(logger, { ...task, from: task.from + done, count: Math.min(entriesPerBurst, task.count - done) });
    await (pauseMs === 0 ? setImmediate() : setTimeout(pauseMs));
  }
}

const tortures: Readonly<Record<Task["kind"], (logger: TortureLogger, task: Task) => Promise<void>>> = {
  async exit(logger, task) {
    logAll(logger, task);
    process.exit(0);
  },
  async kill(logger, task) {
    logAll(logger, task);
    if (task.settleMs) await setTimeout(task.settleMs);
    process.kill(process.pid, "SIGKILL");
  },
  async burst(logger, task) {
    await logInBursts(logger, task, 1);
    await logger.close();
  },
  async full(logger, task) {
    await logInBursts(logger, task, 5);
    // Loggers with buffers of their own meet the full device only some time after the calls.
    await setTimeout(fullMs);
    process.send?.("full");
    await once(process, "message");
    await setTimeout(recoveryMs);
    logAll(logger, { ...task, from: task.from + task.count, count: entriesAfterFull });
    await setTimeout(500);
    process.send?.("alive");
    await Promise.race([logger.close(), setTimeout(closeDeadlineMs)]);
  },
  async stalled(logger, task) {
    const before = process.memoryUsage.rss();
    await logInBursts(logger, task, 0);
    await setTimeout(200);
    const report: StalledReport = { grownMb: (process.memoryUsage.rss() - before) / 2 ** 20 };
    process.send?.(report);
    await setTimeout(60_000);
  },
};

// A logger's worker does not keep the process alive; the channel to the parent does.
process.channel?.ref();
const [adapterName = "", taskText = "{}"] = process.argv.slice(2);
const task: Task = JSON.parse(taskText);
const adapter = await loadAdapter(adapterName);
const logger = await adapter.open({ dir: task.dir, rotateBytes: task.rotateBytes });
await tortures[task.kind](logger, task);
process.exit();
