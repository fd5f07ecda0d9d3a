import { spawn, spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { currentThread, systemProcesses } from "./process-identity.ts";

const { self } = systemProcesses;

afterEach(() => {
  vi.restoreAllMocks();
});

describe("systemProcesses", () => {
  it("knows its own process", () => {
    expect([self.host, self.pid]).toEqual([hostname(), process.pid]);
    expect(systemProcesses.isRunning(self)).toBe(true);
  });

  it("knows a process by pid alone where no start was noted", () => {
    expect(systemProcesses.isRunning({ ...self, started: "" })).toBe(true);
  });

  it("does not know a child that has ended", () => {
    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    expect(pid).toBeGreaterThan(1);
    expect(systemProcesses.isRunning({ ...self, pid, started: "" })).toBe(false);
  });

  it("knows the first process, whoever owns it", () => {
    expect(systemProcesses.isRunning({ ...self, pid: 1, started: "" })).toBe(true);
  });

  it("knows a process that it may not send signals to", () => {
    vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("not permitted"), { code: "EPERM" });
    });
    expect(systemProcesses.isRunning(self)).toBe(true);
  });

  it("takes a process of another host for running", () => {
    expect(systemProcesses.isRunning({ host: `${self.host}2`, pid: 2 ** 22 + 1, started: "1" })).toBe(true);
  });

  it("takes a pid that no system has for ended", () => {
    expect(systemProcesses.isRunning({ ...self, pid: 2 ** 40 })).toBe(false);
  });
});

describe.runIf(process.platform === "linux")("systemProcesses where there is /proc", () => {
  it("tells the start of its own process by boot and tick", () => {
    expect(self.started).toMatch(/^[0-9a-f-]{36}\/\d+$/);
  });

  it("tells an earlier process of the same pid from the present one", () => {
    expect(systemProcesses.isRunning({ ...self, started: `${self.started}0` })).toBe(false);
  });

  it("tells processes that run at once by their starts", () => {
    expect(systemProcesses.isRunning({ ...self, pid: 1 })).toBe(false);
  });

  it("knows a thread of its process as long as that runs", async () => {
    const thread = currentThread();
    expect(thread).toMatch(/^\d+\/\d+$/);
    expect(systemProcesses.isRunning({ ...self, thread })).toBe(true);
    expect(systemProcesses.isRunning({ ...self, thread: `${thread}0` })).toBe(false);
    expect(systemProcesses.isRunning({ ...self, thread: "" })).toBe(true);
    const worker = new Worker(
      `const { readlinkSync, readFileSync } = require("node:fs");
       const tid = readlinkSync("/proc/thread-self").split("/")[2];
       const stat = readFileSync("/proc/self/task/" + tid + "/stat", "latin1");
       const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
       require("node:worker_threads").parentPort.postMessage(tid + "/" + ticks);
       setInterval(() => undefined, 1000);`,
      { eval: true },
    );
    const other = await new Promise<string>((resolve) => worker.once("message", resolve));
    expect(other).not.toBe(thread);
    expect(systemProcesses.isRunning({ ...self, thread: other })).toBe(true);
    await worker.terminate();
    await expect.poll(() => systemProcesses.isRunning({ ...self, thread: other })).toBe(false);
  });

  it("does not know a child that has ended and whose parent does not ask for it", async () => {
    // The shell starts a child and becomes a program that never waits for it.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise((resolve) => parent.on("close", resolve));
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (text: Buffer) => resolve(Number(text.toString("latin1")))),
    );
    await expect.poll(() => systemProcesses.isRunning({ ...self, pid, started: "" })).toBe(false);
    // Still there: the signal 0 reaches it.
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill("SIGKILL");
    await ended;
  });
});
