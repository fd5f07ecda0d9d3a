import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TortureAdapter } from "./adapter.ts";
import { findEntries } from "./found-entries.ts";
import { mountSmallDevice } from "./small-device.ts";
import { nextMessage, startTask } from "./start-child.ts";
import { entriesAfterFull, type StalledReport, type Task } from "./task.ts";
import { afterFull, rotated, survivors } from "./verdicts.ts";

/** One column of the table. */
export interface Torture {
  readonly title: string;
  /** @returns the cell; `skipped: …` with the reason where the machine does not allow it. */
  run(name: string, adapter: TortureAdapter, dir: string): Promise<string>;
}

const rotateBytes = 50 * 1024;

function killed(settleMs: number): Torture["run"] {
  return async (name, _adapter, dir) => {
    // More than a thousand, so that a logger which writes every thousand entries does not pass by luck.
    const task: Task = { kind: "kill", dir, from: 0, count: 1500, padUnits: 20, settleMs };
    await startTask(name, task).ended;
    return survivors(findEntries(dir), task.count);
  };
}

async function exit(name: string, _adapter: TortureAdapter, dir: string): Promise<string> {
  const task: Task = { kind: "exit", dir, from: 0, count: 1000, padUnits: 20 };
  const ended = await startTask(name, task).ended;
  return survivors(findEntries(dir), task.count) + (ended === "exit 0" ? "" : `, ${ended}`);
}

async function fullDevice(name: string, _adapter: TortureAdapter, dir: string): Promise<string> {
  const device = mountSmallDevice(dir, 512 * 1024);
  if (device === undefined) return "skipped: may not mount";
  try {
    const task: Task = { kind: "full", dir: device.dir, from: 0, count: 4000, padUnits: 200 };
    const running = startTask(name, task);
    if ((await nextMessage(running)) === "full") {
      device.free();
      running.child.send("freed");
    }
    const ended = await running.ended;
    return afterFull(findEntries(device.dir), ended, task.count, entriesAfterFull);
  } finally {
    device.unmount();
  }
}

async function stalledReader(name: string, adapter: TortureAdapter, dir: string): Promise<string> {
  const pipe = join(dir, adapter.fileName);
  try {
    execFileSync("mkfifo", [pipe], { stdio: "ignore" });
  } catch {
    return "skipped: no mkfifo";
  }
  // A reader that is there and never reads.
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const running = startTask(
      name,
      { kind: "stalled", dir, from: 0, count: 100_000, padUnits: 1000 },
      15_000,
    );
    const report = await nextMessage(running);
    running.child.kill("SIGKILL");
    const ended = await running.ended;
    if (report === undefined) return ended === "hangs" ? "hangs" : `crash, ${ended}`;
    return `+${Math.round((report as StalledReport).grownMb)} MB`;
  } finally {
    closeSync(reader);
    rmSync(pipe);
  }
}

async function rotationBurst(name: string, adapter: TortureAdapter, dir: string): Promise<string> {
  if (!adapter.rotatesBySize) return "no rotation by size";
  const task: Task = { kind: "burst", dir, from: 0, count: 8000, padUnits: 100, rotateBytes };
  const ended = await startTask(name, task).ended;
  return rotated(findEntries(dir), task.count, rotateBytes) + (ended === "exit 0" ? "" : `, ${ended}`);
}

async function twoProcesses(name: string, adapter: TortureAdapter, dir: string): Promise<string> {
  if (!adapter.rotatesBySize) return "no rotation by size";
  const task: Task = { kind: "burst", dir, from: 0, count: 4000, padUnits: 100, rotateBytes };
  const both = [startTask(name, task), startTask(name, { ...task, from: task.count })];
  await Promise.all(both.map((running) => running.ended));
  return rotated(findEntries(dir), task.count * 2, rotateBytes);
}

/** The columns of the table. */
export const tortures: readonly Torture[] = [
  { title: "1,000 lines, `process.exit(0)`", run: exit },
  { title: "1,500 lines, SIGKILL at once", run: killed(0) },
  { title: "1,500 lines, SIGKILL after 300 ms", run: killed(300) },
  { title: "device full, then space again", run: fullDevice },
  { title: "100 MB to a stalled reader, RSS", run: stalledReader },
  { title: "8,000 lines, rotation at 50 KB", run: rotationBurst },
  { title: "the same by two processes", run: twoProcesses },
];

/** Runs one torture in a directory of its own. */
export async function runTorture(torture: Torture, name: string, adapter: TortureAdapter): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "waybill-torture-"));
  try {
    return await torture.run(name, adapter, dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
