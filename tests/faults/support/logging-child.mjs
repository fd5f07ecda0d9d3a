// A program that logs: `logging-child.mjs <Plan as JSON>`, see plan.ts. It notes in a side file what it was told of
// each entry, with a write of its own per entry, so that the note survives whatever ends the process.
import { execFileSync } from "node:child_process";
import { mkdirSync, openSync, readdirSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import workerThreads from "node:worker_threads";

const plan = JSON.parse(workerThreads.workerData?.plan ?? process.argv[2]);

/** The pool keeps its workers to itself; F19 needs them dead, F08 hung. */
const workers = [];
workerThreads.Worker = class extends workerThreads.Worker {
  constructor(file, options) {
    super(file, plan.hang === undefined ? options : hangingLane(options));
    workers.push(this);
  }
};
syncBuiltinESMExports();

function hangingLane({ workerData, ...options }) {
  const execArgv = ["--import", new URL("hang-in-worker.mjs", import.meta.url).href];
  return { ...options, execArgv, workerData: { ...workerData, hang: plan.hang } };
}

const inThread = plan.inWorker && workerThreads.isMainThread;
if (inThread) {
  const thread = new workerThreads.Worker(new URL(import.meta.url), {
    workerData: { plan: process.argv[2] },
  });
  thread.on("message", (message) => process.send?.(message));
} else {
  await run();
}

async function run() {
  const { createContainerLogger } = await import("@waybill/logger");
  const { createWriterPool } = await import("@waybill/writers");
  const { severityOf, systemClock } = await import("@waybill/protocols");
  // Not before: Node opens the modules of a package all at once, and there are more of them than that.
  if (plan.filesMax !== undefined)
    execFileSync("prlimit", ["--pid", String(process.pid), `--nofile=${plan.filesMax}:${plan.filesMax}`]);
  const fail = () => {
    throw new Error("a broken callback of the application");
  };

  let shiftMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + shiftMs };
  const throws = (what) => plan.throwing?.includes(what) ?? false;
  const callbacks = throws("callbacks") ? { onFailure: fail, onRecovered: fail, onSealed: fail } : {};
  const pool = createWriterPool({ ...plan.pool, ...callbacks }, plan.ownClock ? { clock } : {});
  mkdirSync(plan.root, { recursive: true });

  const noteBytes = 32;
  const note = Buffer.alloc(noteBytes);
  const noteFd = openSync(plan.acks, "w");
  let notesBytes = 0;
  const next = new Array(plan.containers).fill(0);
  const loggers = [];
  for (let at = 0; at < plan.containers; at += 1) {
    const id = `c${at}`;
    const writer = pool.open(join(plan.root, "containers", id, "load.log"), plan.stream);
    loggers.push(
      createContainerLogger({
        containerId: id,
        componentName: "load",
        level: "TRACE",
        writer: {
          ...delegate(writer),
          write(entry) {
            const isTaken = writer.write(entry);
            writeNote(at, entry.context.n, severityOf[entry.level], isTaken ? 1 : 0);
            return isTaken;
          },
        },
        ...(plan.ownClock ? { clock } : {}),
        ...(throws("detector") ? { detector: { detect: fail, unknownTiers: () => new Map() } } : {}),
      }),
    );
  }

  function delegate(writer) {
    return {
      flush: () => writer.flush(),
      flushSync: () => writer.flushSync(),
      close: () => writer.close(),
      status: () => writer.status(),
    };
  }

  function writeNote(container, n, severity, kind) {
    note.writeUInt32LE(plan.run, 0);
    note.writeUInt32LE(container, 4);
    note.writeUInt32LE(n, 8);
    note.writeUInt32LE(severity, 12);
    note.writeDoubleLE(Date.now(), 16);
    note.writeUInt32LE(kind, 24);
    // With a position it is pwrite, which is not among the calls that strace is told to spoil.
    writeSync(noteFd, note, 0, noteBytes, notesBytes);
    notesBytes += noteBytes;
  }

  const send = (message) =>
    workerThreads.isMainThread
      ? new Promise((done) => {
          if (process.connected) process.send(message, () => done());
          else done();
        })
      : workerThreads.parentPort.postMessage(message);

  const report = (word, more = {}) =>
    send({
      word,
      atMs: Date.now(),
      status: pool.status(),
      rssBytes: process.memoryUsage.rss(),
      descriptors: openDescriptors(),
      flushes,
      calls,
      ...more,
    });

  function openDescriptors() {
    try {
      return readdirSync("/proc/self/fd").length;
    } catch {
      return 0;
    }
  }

  let calls = 0;
  const pads = new Map();
  function padOf(bytes) {
    if (!pads.has(bytes)) pads.set(bytes, "x".repeat(bytes));
    return pads.get(bytes);
  }

  function logOne(container, step) {
    const n = next[container]++;
    const isError = step.errorEvery !== undefined && n % step.errorEvery === step.errorEvery - 1;
    const context = { n, run: plan.run, pad: padOf(step.padBytes ?? 40) };
    if (throws("arguments")) Object.defineProperty(context, "broken", { enumerable: true, get: fail });
    const message = throws("arguments") && n % 2 === 0 ? fail : "work";
    calls += 1;
    loggers[container].log(isError ? "ERROR" : "INFO", message, context);
  }

  const flushes = { resolved: 0, rejected: 0, lastCode: undefined };
  let words = [];
  let onWord;

  const steps = {
    async log(step) {
      const into = step.into ?? next.map((_, at) => at);
      const endMs = Date.now() + (step.forMs ?? Number.POSITIVE_INFINITY);
      const perTurn = step.perTurn ?? 1;
      for (let done = 0; done < (step.count ?? Number.POSITIVE_INFINITY) && Date.now() < endMs; ) {
        for (let burst = 0; burst < perTurn && done < (step.count ?? Number.POSITIVE_INFINITY); burst += 1) {
          for (const container of into) logOne(container, step);
          done += 1;
        }
        if (done === step.count) return;
        await (step.pauseMs ? sleep(step.pauseMs) : turn());
      }
    },
    async flush() {
      const behind = [...next];
      try {
        await pool.flush();
        flushes.resolved += 1;
        for (const [container, n] of behind.entries()) writeNote(container, n, 0, 2);
      } catch (error) {
        flushes.rejected += 1;
        flushes.lastCode = error?.code;
      }
    },
    async measure({ name, into, forMs, pauseMs }) {
      const stats = [];
      let isOver = false;
      const probe = (async () => {
        while (!isOver) {
          const start = performance.now();
          await stat(process.execPath);
          stats.push(performance.now() - start);
          await sleep(5);
        }
      })();
      let rounds = 0;
      let gapMs = 0;
      const start = performance.now();
      let last = start;
      while (performance.now() - start < forMs) {
        for (const container of into) logOne(container, {});
        rounds += 1;
        await sleep(pauseMs);
        gapMs = Math.max(gapMs, performance.now() - last - pauseMs);
        last = performance.now();
      }
      isOver = true;
      await probe;
      stats.sort((a, b) => a - b);
      const statP99Ms = stats[Math.floor(stats.length * 0.99)] ?? 0;
      await report(name, { measured: { rounds, gapMs, statP99Ms } });
    },
    say: ({ word }) => report(word),
    async await({ word }) {
      if (onWord === undefined) {
        onWord = () => undefined;
        process.on("message", (message) => {
          words.push(message);
          onWord();
        });
      }
      while (!words.includes(word)) await new Promise((done) => (onWord = done));
      words = words.filter((other) => other !== word);
    },
    sleep: ({ ms }) => sleep(ms),
    block({ ms }) {
      const end = performance.now() + ms;
      while (performance.now() < end);
    },
    shiftClock({ ms }) {
      shiftMs += ms;
    },
    reopen: () => pool.reopen(),
    killWorkers: () => Promise.all(workers.map((worker) => worker.terminate())),
    async close() {
      try {
        await pool.close();
      } catch (error) {
        flushes.rejected += 1;
        flushes.lastCode = error?.code;
      }
    },
    end({ how }) {
      if (how === "exit") process.exit(0);
      if (how === "abort") process.abort();
      if (how === "kill") process.kill(process.pid, "SIGKILL");
      if (how === "throw") throw new Error("the application's own error");
      if (how === "reject") return void Promise.reject(new Error("the application's own rejection"));
      if (how === "hang") return new Promise(() => setInterval(() => undefined, 1000));
      process.removeAllListeners("message");
      if (process.connected) process.disconnect();
    },
  };

  for (const step of plan.steps) await steps[step.do](step);
}
