// What an application does that asks much of the thread that writes: argv = dist of the package, directory, scenario,
// placement. Tells what it saw on stdout.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";

const [dist, directory, scenario, placement] = process.argv.slice(2);
const full = path.join(directory, "full");
const syncs = path.join(directory, "syncs");
const slow = path.join(directory, "slow");
process.env.WAYBILL_FULL = full;
process.env.WAYBILL_SLOW = slow;
process.env.WAYBILL_SYNCS = syncs;
const preload = new URL("failing-writes.mjs", import.meta.url).href;
await import(preload);

const workers = [];
class SeenWorker extends worker_threads.Worker {
  constructor(file, options) {
    super(file, { ...options, execArgv: ["--import", preload] });
    workers.push(this);
  }
}
worker_threads.Worker = SeenWorker;
syncBuiltinESMExports();
const { createWriterPool } = await import(dist);

const file = path.join(directory, "c1", "app.log");
const entry = (n, level = "INFO", context = {}) => ({
  timestampMs: Date.now(),
  level,
  message: "entry",
  source: { containerId: "c1", componentName: "app" },
  scope: "component_internal",
  // Nothing may ask for the fields of the context here: some log.
  context: Object.defineProperty(context, "n", { value: n, enumerable: true }),
});
const tell = (value) => fs.writeSync(1, `${JSON.stringify(value)}\n`);
const outcomeOf = (promise) =>
  promise.then(
    () => "resolved",
    (error) => error.code,
  );
const text = "x".repeat(1000);
const numbersNow = () => fs.readFileSync(file, "utf8").match(/"n":\d+/g)?.length ?? 0;

/** Logs entries while its own entry is encoded: the first follows it, those that it logs in turn are lost. */
function nesting(writer, n) {
  let depth = 0;
  return {
    get nested() {
      if (++depth > 3) return "deep";
      writer.write(entry(n, "INFO", nesting(writer, n)));
      return "logged";
    },
  };
}

const scenarios = {
  async boundless() {
    fs.writeFileSync(path.join(directory, "blocked"), "");
    const pool = createWriterPool({ placement, queuesBytesMax: 65_536 });
    const writers = Array.from({ length: 400 }, (_, index) =>
      pool.open(path.join(directory, "blocked", `s${index}.log`), { queueBytesMax: 4096 }),
    );
    let queuedMax = 0;
    for (let n = 1; n <= 40; n++) {
      for (const writer of writers) writer.write(entry(n, "INFO", { text }));
      queuedMax = Math.max(queuedMax, pool.status().queued);
      if (n % 10 === 0) await sleep(0);
    }
    const { accepted, written, queued, dropped } = pool.status();
    tell({ queuedMax, accepted, unaccounted: accepted - written - queued - dropped });
    process.exit(0);
  },
  async opening() {
    const pool = createWriterPool({ placement });
    // The thread has started: what is waited for here is the file.
    const other = pool.open(path.join(path.dirname(file), "other.log"));
    other.write(entry(0, "INFO", { text }));
    await pool.flush();
    const writer = pool.open(file, { queueBytesMax: 4096 });
    for (let n = 1; n <= 200; n++) writer.write(entry(n, "INFO", { text }));
    await pool.close();
    const { accepted, written, dropped } = pool.status();
    tell({ accepted, written, dropped });
  },
  async slow() {
    const pool = createWriterPool({ placement });
    const writer = pool.open(file, { queueBytesMax: 65_536 });
    writer.write(entry(0));
    await writer.flush();
    fs.writeFileSync(slow, "");
    let queuedMax = 0;
    for (let n = 1; n <= 3000; n++) {
      writer.write(entry(n, "INFO", { text }));
      queuedMax = Math.max(queuedMax, writer.status().queued);
      if (n % 10 === 0) await sleep(0);
    }
    fs.unlinkSync(slow);
    await pool.close();
    tell({ queuedMax, ...pool.status() });
  },
  async burst() {
    const pool = createWriterPool({ placement });
    const writer = pool.open(file, { queueBytesMax: 65_536, flushIntervalMs: 20_000 });
    writer.write(entry(0));
    await writer.flush();
    fs.writeFileSync(slow, "");
    for (let n = 1; n <= 100; n++) writer.write(entry(n, "INFO", { text }));
    const beganMs = performance.now();
    await writer.flush();
    tell({ tookMs: performance.now() - beganMs, ...writer.status() });
    await pool.close();
  },
  async sealing() {
    const sealed = [];
    const pool = createWriterPool({ placement, onSealed: (segment) => sealed.push(segment) });
    const writers = Array.from({ length: 20 }, (_, index) =>
      pool.open(path.join(directory, "c1", `s${index}.log`), { segmentBytesMax: 20_000 }),
    );
    const busy = pool.open(path.join(directory, "c1", "busy.log"));
    for (const writer of writers) writer.write(entry(0));
    await pool.flush();
    const closing = [];
    for (const writer of writers) {
      for (let n = 1; n <= 80; n++) writer.write(entry(n, "INFO", { text }));
      closing.push(writer.close());
      // Promises go on, and results are heard, but the event loop has no turn until all are closed.
      const endMs = performance.now() + 20;
      while (performance.now() < endMs) {
        busy.write(entry(1, "CRITICAL"));
        await undefined;
      }
    }
    await Promise.all(closing);
    const told = new Set(sealed).size;
    const names = fs.readdirSync(path.join(directory, "c1"));
    tell({ told, untold: names.filter((name) => !/^(s\d+|busy)\.log$|lock$/.test(name)).length - told });
    await pool.close();
  },
  async gaps() {
    const pool = createWriterPool({ placement });
    const overflow = process.argv[6];
    // More severe than gap records are: a worker that took those for entries would drop them first.
    const writer = pool.open(file, { queueBytesMax: 20_000, overflow, writeThrough: false });
    writer.write(entry(0));
    await writer.flush();
    fs.writeFileSync(full, "");
    for (let n = 1; n <= 300; n++) {
      writer.write(entry(n, "ERROR", n % 50 === 0 ? nesting(writer, n) : { text: "x".repeat(300) }));
      if (n % 10 === 0) writer.flushSync();
      await sleep(1);
    }
    fs.unlinkSync(full);
    writer.write(entry(301));
    await sleep(1500);
    await writer.flush();
    tell(writer.status());
    await pool.close();
  },
  async killed() {
    const pool = createWriterPool({ placement });
    const writer = pool.open(file);
    for (let n = 1; n <= 23; n++) writer.write(entry(n));
    await writer.flush();
    fs.writeFileSync(full, "");
    for (let n = 24; n <= 105; n++) writer.write(entry(n));
    await outcomeOf(writer.flush());
    // Its worker holds these alone.
    const ended = workers[0].terminate();
    for (let n = 106; n <= 110; n++) writer.write(entry(n));
    fs.unlinkSync(full);
    await ended;
    await sleep(50);
    await writer.flush();
    tell({ ...writer.status(), lastFailure: undefined });
    await pool.close();
  },
  async killedWhileDropping() {
    const pool = createWriterPool({ placement });
    const writer = pool.open(file, { queueBytesMax: 20_000 });
    for (let n = 1; n <= 23; n++) writer.write(entry(n));
    await writer.flush();
    fs.writeFileSync(full, "");
    for (let n = 24; n <= 500; n++) writer.write(entry(n));
    await outcomeOf(writer.flush());
    const droppedBefore = writer.status().dropped;
    const ended = workers[0].terminate();
    for (let n = 501; n <= 510; n++) writer.write(entry(n));
    fs.unlinkSync(full);
    await ended;
    await sleep(50);
    await writer.flush();
    tell({ ...writer.status(), droppedBefore });
    await pool.close();
  },
  async unsynced() {
    const pool = createWriterPool({ placement });
    const writer = pool.open(file, { mode: "durable", segmentBytesMax: 20_000 });
    for (let n = 1; n <= 10; n++) writer.write(entry(n, "INFO", { text }));
    while (!fs.existsSync(file) || fs.statSync(file).size < 10_000) await sleep(5);
    const { ino } = fs.statSync(file);
    fs.writeFileSync(syncs, "");
    await workers[0].terminate();
    await sleep(50);
    // It does not fit: the first thing that becomes of the segment is that it is sealed.
    writer.write(entry(11, "INFO", { text: "x".repeat(15_000) }));
    await writer.flush();
    const synced = fs.readFileSync(syncs, "utf8").split("\n");
    tell({ isSynced: synced.includes(String(ino)), ...writer.status() });
    await pool.close();
  },
  async descriptors() {
    const pool = createWriterPool({ placement, descriptorsMax: 20 });
    const writers = Array.from({ length: 60 }, (_, index) =>
      pool.open(path.join(directory, "c1", `s${index}.log`), { mode: index % 3 === 0 ? "sync" : "batched" }),
    );
    const openNow = () =>
      fs.readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return fs.readlinkSync(`/proc/self/fd/${fd}`).endsWith(".log");
        } catch {
          return false;
        }
      }).length;
    for (let n = 1; n <= 3; n++) for (const writer of writers) writer.write(entry(n));
    await pool.flush();
    const seen = { told: pool.status().descriptors, open: openNow() };
    await pool.close();
    tell({ ...seen, ...pool.status(), toldAtEnd: pool.status().descriptors });
  },
  async handles() {
    const pool = createWriterPool({ placement });
    const [first, second] = [pool.open(file), pool.open(file)];
    first.write(entry(1));
    await pool.close();
    tell([await outcomeOf(first.close()), await outcomeOf(second.close())]);
  },
  async nestedError() {
    const pool = createWriterPool({ placement });
    const writer = pool.open(file, { flushIntervalMs: 60_000 });
    const outer = {
      get inner() {
        writer.write(entry(2, "ERROR"));
        return "logged";
      },
    };
    writer.write(entry(1, "INFO", outer));
    tell({ lines: fs.existsSync(file) ? numbersNow() : 0 });
    await pool.close();
  },
};

await scenarios[scenario]();
