import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { linesOf, messagesOf, useTrees } from "./support/trees.ts";

const child = fileURLToPath(new URL("support/child.mjs", import.meta.url));
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

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a child in a directory of its own, with `logs` in it as its log directory. */
function start(scenario: string) {
  const cwd = trees.directory();
  const started = spawn(process.execPath, [child, scenario, "logs"], {
    cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.add(started);
  started.stderr.resume();
  const ended = once(started, "close").then(([code, signal]): Ending => ({ code, signal }));
  return { process: started, ended, said: sayings(started), logs: path.join(cwd, "logs") };
}

/** Waits for the next line on stdout. */
function sayings({ stdout }: ChildProcess): () => Promise<string | undefined> {
  if (stdout === null) throw new Error("the child has no stdout");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return async () => (await lines.next()).value;
}

const allEntries = Array.from({ length: 1000 }, (_, index) => `entry ${index}`);

describe("nothing that was logged is lost", () => {
  it.each([
    ["end", { code: 0, signal: null }],
    ["exit", { code: 7, signal: null }],
    ["throw", { code: 1, signal: null }],
    ["reject", { code: 1, signal: null }],
  ])("when the process ends by %s", { timeout: timeoutMs }, async (scenario, ending) => {
    const { ended, logs } = start(scenario);
    expect(await ended).toEqual(ending);
    expect(messagesOf(logs, "containers/a/x.log")).toEqual(allEntries);
    expect(linesOf(logs, "master.log").map(({ seq }) => seq)).toEqual(
      Array.from({ length: linesOf(logs, "master.log").length }, (_, index) => index + 1),
    );
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "on %s, which stays the exit status",
    { timeout: timeoutMs },
    async (signal) => {
      const { process: started, ended, said, logs } = start("wait");
      expect(await said()).toBe("ready");
      started.kill(signal);
      expect(await ended).toEqual({ code: null, signal });
      expect(messagesOf(logs, "containers/a/x.log")).toEqual(allEntries);
      expect(messagesOf(logs, "system/coordinator.log").slice(-3)).toEqual([
        "Ending on a signal",
        "Starting coordinator shutdown",
        "Container shut down and logs closed",
      ]);
    },
  );

  it("on SIGTERM by the default manager on ./logs", { timeout: timeoutMs }, async () => {
    const { process: started, ended, said, logs } = start("default");
    expect(await said()).toBe("ready works");
    started.kill("SIGTERM");
    expect(await ended).toEqual({ code: null, signal: "SIGTERM" });
    expect(messagesOf(logs, "containers/a/x.log")).toEqual(allEntries);
  });
});

describe("a signal", () => {
  it("ends a process with several coordinators and managers", { timeout: timeoutMs }, async () => {
    const { process: started, ended, said, logs } = start("crowd");
    expect(await said()).toBe("ready");
    started.kill("SIGTERM");
    expect(await ended).toEqual({ code: null, signal: "SIGTERM" });
    expect(messagesOf(logs, "containers/a/x.log")).toEqual(allEntries);
    expect(messagesOf(`${logs}-2`, "system/coordinator.log")).toEqual(["other manager"]);
    expect(messagesOf(`${logs}-3`, "system/coordinator.log")).toContain("Starting coordinator shutdown");
  });

  it("ends at once when it comes a second time while a drain hangs", { timeout: timeoutMs }, async () => {
    const { process: started, ended, said, logs } = start("hang");
    expect(await said()).toBe("ready");
    started.kill("SIGINT");
    expect(await said()).toBe("draining");
    started.kill("SIGINT");
    expect(await ended).toEqual({ code: null, signal: "SIGINT" });
    expect(messagesOf(logs, "containers/a/x.log")).toEqual(allEntries);
  });

  it("is the application's decision where it listens itself", { timeout: timeoutMs }, async () => {
    const { process: started, ended, said, logs } = start("own");
    expect(await said()).toBe("ready");
    started.kill("SIGTERM");
    expect(await ended).toEqual({ code: 9, signal: null });
    expect(messagesOf(logs, "containers/a/x.log")).toEqual([...allEntries, "goodbye"]);
  });
});

describe("a process", () => {
  it("lives until its shutdown is over, though nothing else keeps it alive", {
    timeout: timeoutMs,
  }, async () => {
    const { ended, said, logs } = start("deadline");
    expect(await said()).toBe("shut down");
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(messagesOf(logs, "system/coordinator.log")).toContain("Container failed to shut down");
  });

  it("survives a stream that cannot be written while nobody reads its stderr", {
    timeout: timeoutMs,
  }, async () => {
    const { process: started, ended, said, logs } = start("stderr");
    expect(await said()).toBe("ready");
    writeFileSync(path.join(logs, "containers/blocked"), "");
    started.stderr.destroy();
    await once(started.stderr, "close");
    started.stdin.write("go\n");
    expect(await said()).toBe("alive");
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(messagesOf(logs, "system/log_manager.log")).toContain("Writing failed");
  });
});
