import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { linesOf, messagesOf, useTrees } from "./support/trees.ts";

const child = fileURLToPath(new URL("support/holding-child.mjs", import.meta.url));
const trees = useTrees();
const timeoutMs = 30_000;
const children = new Set<ChildProcess>();

/** A child that a failed test leaves behind would live for ever. */
afterEach(async () => {
  for (const started of children) {
    started.kill("SIGKILL");
    if (started.exitCode === null && started.signalCode === null) await once(started, "exit");
  }
  children.clear();
});

function start(scenario: string) {
  const cwd = trees.directory();
  const started = spawn(process.execPath, [child, scenario, "logs"], {
    cwd,
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.add(started);
  const ended = once(started, "close");
  return { started, ended, ready: () => once(started.stdout, "data"), logs: path.join(cwd, "logs") };
}

/** How many of the 100 entries each stream says that it was given, itself or by a count or gap. */
function accountOf(logs: string): Readonly<Record<string, number>> {
  const count = (...parts: string[]): number => {
    let total = 0;
    for (const { message, context } of linesOf(logs, ...parts)) {
      const { repeated, gap } = (context ?? {}) as {
        repeated?: { count: number };
        gap?: { dropped: number };
      };
      if (message !== "late") total += repeated?.count ?? gap?.dropped ?? 1;
    }
    return total;
  };
  return {
    identical: count("containers/identical/x.log"),
    alike: count("containers/alike/x.log"),
    flooding: count("containers/flooding/x.log"),
  };
}

const everything = { identical: 100, alike: 100, flooding: 100 };

describe("nothing that a stage holds back is lost", () => {
  it.each([
    ["end", 0],
    ["exit", 7],
    ["throw", 1],
  ])("when the process ends by %s", { timeout: timeoutMs }, async (scenario, code) => {
    const { ended, logs } = start(scenario);
    expect(await ended).toEqual([code, null]);
    expect(accountOf(logs)).toEqual(everything);
    expect(messagesOf(logs, "master.log").at(-1)).toBe("entries lost");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("on %s", { timeout: timeoutMs }, async (signal) => {
    const { started, ended, ready, logs } = start("wait");
    await ready();
    started.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(accountOf(logs)).toEqual(everything);
  });

  it("on a signal that the application listens for, before it ends by whatever means", {
    timeout: timeoutMs,
  }, async () => {
    const { started, ended, ready, logs } = start("own");
    await ready();
    started.kill("SIGTERM");
    expect(await ended).toEqual([null, "SIGKILL"]);
    expect(accountOf(logs)).toEqual(everything);
  });

  it("when it is logged by an exit listener: no stage holds it back any more", {
    timeout: timeoutMs,
  }, async () => {
    const { ended, logs } = start("late");
    expect(await ended).toEqual([0, null]);
    expect(accountOf(logs)).toEqual(everything);
    const late = messagesOf(logs, "containers/identical/x.log").filter((message) => message === "late");
    expect(late.length).toBe(100);
  });
});
