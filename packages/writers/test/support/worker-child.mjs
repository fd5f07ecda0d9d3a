// What an application does whose files a worker writes: argv = dist of the package, directory, scenario.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";

const [dist, directory, scenario, ...more] = process.argv.slice(2);
const workers = [];
/** Codes of the errors that workers ended with. */
const ends = [];
const greed = `
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const { writeSync } = fs;
  const kept = [];
  fs.writeSync = (...args) => {
    const written = writeSync(...args);
    kept.push(new Array(20_000).fill(written));
    return written;
  };
  syncBuiltinESMExports();
`;
/** What the worker of a scenario is in place of what the package starts. */
const instead = {
  // It runs, and never looks at what is asked of it.
  mute: ["setInterval(() => undefined, 1e6)", { eval: true }],
  // Each write costs memory that is not given back.
  greedy: [undefined, { execArgv: ["--import", `data:text/javascript,${encodeURIComponent(greed)}`] }],
};
class SeenWorker extends worker_threads.Worker {
  constructor(file, options) {
    const [code, changed] = instead[more[0]] ?? [];
    super(code ?? file, { ...options, ...changed });
    this.on("error", (error) => ends.push(error.code));
    workers.push(this);
  }
}
worker_threads.Worker = SeenWorker;
syncBuiltinESMExports();
const { createWriterPool, openFileWriter } = await import(dist);

const file = path.join(directory, "c1", "app.log");
const entry = (n, level = "INFO", text = "") => ({
  timestampMs: Date.now(),
  level,
  message: "entry",
  source: { containerId: "c1", componentName: "app" },
  scope: "component_internal",
  context: { n, text },
});
const tell = (value) => fs.writeSync(1, `${JSON.stringify(value)}\n`);
const linesNow = () => (fs.existsSync(file) ? fs.readFileSync(file, "utf8").trimEnd().split("\n").length : 0);

/** Logs one entry each 5 ms, or as fast as it goes, and does something to the file in the midst. */
async function underLoad(writer, isFast, change) {
  let n = 0;
  const burst = isFast ? 400 : 1;
  for (let round = 0; round < 120; round++) {
    // A removal takes what was written before with it: what counts is everything later than 100 ms before.
    if (round === 60) {
      // On a busy machine there may be no file yet.
      await writer.flush();
      change(n);
    }
    for (let i = 0; i < burst; i++) writer.write(entry(++n));
    await sleep(isFast ? 2 : 5);
  }
  return n;
}

const changes = {
  "rm -rf": () => fs.rmSync(path.dirname(file), { recursive: true }),
  unlink: () => fs.unlinkSync(file),
  mv: () => fs.renameSync(file, path.join(directory, "moved.log")),
  "mv and create": () => {
    fs.renameSync(file, path.join(directory, "moved.log"));
    fs.writeFileSync(file, "");
  },
  truncate: () => fs.truncateSync(file),
  directory: () => {
    fs.renameSync(file, path.join(directory, "moved.log"));
    fs.mkdirSync(file);
  },
  link: () => {
    fs.renameSync(file, path.join(directory, "moved.log"));
    fs.symlinkSync("/nowhere", file);
  },
};

const scenarios = {
  async firstError() {
    const writer = openFileWriter({ path: file });
    writer.write(entry(1, "ERROR"));
    const first = linesNow();
    writer.write(entry(2));
    writer.write(entry(3, "CRITICAL"));
    tell({ first, later: linesNow() });
  },
  async flushAlone() {
    const writer = openFileWriter({ path: file });
    for (let n = 1; n <= 100; n++) writer.write(entry(n));
    await writer.flush();
    tell({ lines: linesNow(), queued: writer.status().queued });
    await writer.close();
  },
  async closeWithoutAwait() {
    const writer = openFileWriter({ path: file });
    for (let n = 1; n <= 1000; n++) writer.write(entry(n));
    void writer.close();
    process.exit(0);
  },
  async killed() {
    const pool = createWriterPool();
    const writer = pool.open(file);
    for (let n = 1; n <= 60_000; n++) {
      writer.write(entry(n));
      if (n % 500 === 0) await sleep(0);
      if (n === 20_000 || n === 40_000) void workers.at(-1)?.terminate();
      if (n === 40_000) pool.open(path.join(directory, "c1", "other.log")).write(entry(1));
    }
    await writer.flush();
    const { accepted, written, queued, dropped } = writer.status();
    tell({ accepted, written, queued, dropped, workers: workers.length });
    await pool.close();
  },
  async outOfMemory() {
    const pool = createWriterPool();
    const writers = Array.from({ length: 60 }, (_, at) =>
      pool.open(path.join(directory, `c${at}`, "app.log")),
    );
    let n = 0;
    // Until a worker has ended by itself, and somewhat further.
    for (let turns = 0; turns < 10_000 && n < 100_000; turns += ends.length > 0 ? 100 : 1) {
      n++;
      for (const writer of writers) writer.write(entry(n));
      if (n % 10 === 0) await sleep(0);
    }
    await pool.flush();
    tell({ last: n, ends: [...new Set(ends)], ...pool.status() });
    await pool.close();
  },
  async twoPools() {
    const pools = more.map((placement) => createWriterPool({ placement }));
    const writers = pools.map((pool) => pool.open(file, { segmentBytesMax: 100_000 }));
    for (let n = 1; n <= 10_000; n++) {
      writers[n % 2].write(entry(n, n % 500 === 0 ? "ERROR" : "INFO"));
      if (n % 1000 === 0) await sleep(0);
    }
    await Promise.all(pools.map((pool) => pool.flush()));
    tell(pools.map((pool) => pool.status()));
    await Promise.all(pools.map((pool) => pool.close()));
  },
  async muteClose() {
    const pool = createWriterPool();
    const writer = pool.open(file);
    for (let n = 1; n <= 1000; n++) writer.write(entry(n));
    const began = performance.now();
    await pool.close();
    tell({ tookMs: performance.now() - began, ...pool.status() });
  },
  async muteExit() {
    const writer = openFileWriter({ path: file });
    for (let n = 1; n <= 1000; n++) writer.write(entry(n));
    const began = performance.now();
    process.on("exit", () => tell({ tookMs: performance.now() - began }));
  },
  async muteError() {
    const writer = openFileWriter({ path: file });
    const began = performance.now();
    writer.write(entry(1, "ERROR"));
    const tookMs = performance.now() - began;
    for (let n = 2; n <= 100; n++) writer.write(entry(n, "ERROR"));
    tell({ tookMs, allTookMs: performance.now() - began });
  },
  async killedWhileClosing() {
    const pool = createWriterPool();
    const writer = pool.open(file);
    for (let n = 1; n <= 1000; n++) writer.write(entry(n));
    const closing = writer.close();
    void workers[0].terminate();
    await closing;
    tell(writer.status());
    await pool.close();
  },
  async recovers() {
    // A file bears the name of the directory: nothing can be opened until it is gone.
    fs.writeFileSync(path.dirname(file), "");
    const writer = openFileWriter({ path: file });
    writer.write(entry(1));
    const refused = await writer.flush().then(
      () => "resolved",
      (error) => error.code,
    );
    const { state, queued } = writer.status();
    fs.unlinkSync(path.dirname(file));
    writer.write(entry(2));
    tell({ refused, state, queued });
    process.exit(0);
  },
  async reopened() {
    const pool = createWriterPool();
    const first = pool.open(file);
    for (let n = 1; n <= 10; n++) first.write(entry(n));
    void first.close();
    const second = pool.open(file, { flushIntervalMs: 10 });
    second.write(entry(11));
    await pool.close();
    tell(pool.status());
  },
  async many() {
    const pool = createWriterPool();
    const writers = Array.from({ length: 500 }, (_, index) =>
      pool.open(path.join(directory, "c1", `s${index}.log`)),
    );
    for (let n = 1; n <= 20; n++) for (const writer of writers) writer.write(entry(n));
    await pool.flush();
    tell(pool.status());
    await pool.close();
  },
  async largest() {
    const limits = { stringUnitsMax: 3_000_000, lineBytesMax: 20_000_000, encodeMsMax: 10_000 };
    const pool = createWriterPool({ limits });
    const writer = pool.open(file);
    writer.write(entry(1, "INFO", "\u0001".repeat(1_500_000)));
    writer.write(entry(2));
    await writer.flush();
    tell({ lines: linesNow(), isLong: fs.statSync(file).size > 9_000_000 });
    await pool.close();
  },
  async slow() {
    const pool = createWriterPool();
    const writer = pool.open(file);
    const other = pool.open(path.join(directory, "c2", "app.log"));
    for (let n = 1; n <= 100; n++) {
      writer.write(entry(n));
      other.write(entry(n));
      await sleep(10);
    }
    await pool.flush();
    tell({ workers: workers.length, ...writer.status(), lastFailure: undefined });
    await pool.close();
  },
  async durableExit() {
    const writer = openFileWriter({ path: file, mode: "durable" });
    for (let n = 1; n <= 100; n++) writer.write(entry(n));
    tell({ isFlushed: writer.flushSync() });
  },
  async holdsDirectory() {
    const writer = openFileWriter({ path: file });
    for (let n = 1; n <= 200; n++) writer.write(entry(n));
    await writer.flush();
    tell({ held: true });
    await sleep(60_000);
  },
  async changed() {
    const [change, speed] = more;
    const pool = createWriterPool();
    const writer = pool.open(file);
    let at = 0;
    const last = await underLoad(writer, speed === "fast", (n) => {
      changes[change]();
      at = n;
    });
    await writer.flush();
    tell({ at, last, ...writer.status() });
    await pool.close();
  },
};

await scenarios[scenario]();
