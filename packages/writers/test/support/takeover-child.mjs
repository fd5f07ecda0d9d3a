// What an application does of whose workers one hangs in a disk: argv = dist of the package, directory, scenario. Tells
// what it saw on stdout.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";

const [dist, directory, scenario] = process.argv.slice(2);
const holds = path.join(directory, "holds");
fs.mkdirSync(holds);
process.env.WAYBILL_HOLDS = holds;

let workers = 0;
class HoldingWorker extends worker_threads.Worker {
  constructor(file, options) {
    super(file, { ...options, execArgv: ["--import", new URL("held-calls.mjs", import.meta.url).href] });
    workers++;
  }
}
worker_threads.Worker = HoldingWorker;
syncBuiltinESMExports();
const { createWriterPool } = await import(dist);

const fileOf = (name, container = "c1") => path.join(directory, container, `${name}.log`);
const entry = (n, level = "INFO", more = {}) => ({
  timestampMs: Date.now(),
  level,
  message: "entry",
  source: { containerId: "c1", componentName: "app" },
  scope: "component_internal",
  context: { n, ...more },
});
function writeAll(writer, from, to) {
  for (let n = from; n <= to; n++) writer.write(entry(n));
}
const tell = (value) => fs.writeSync(1, `${JSON.stringify(value)}\n`);
const countsOf = (writer) => {
  const { accepted, written, queued, dropped } = writer.status();
  return { accepted, written, queued, dropped };
};
const outcomeWithin = (promise, ms) =>
  Promise.race([
    promise.then(
      () => "resolved",
      (error) => error.code,
    ),
    sleep(ms, "late", { ref: false }),
  ]);
const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Has a call for files of that name hang from now on. */
function hang(call, name) {
  const pipe = path.join(holds, `${call}-${name}.log`);
  execFileSync("mkfifo", [pipe]);
  return {
    pipe,
    async isHeld() {
      while (!fs.existsSync(`${pipe}.held`)) await sleep(2);
    },
    release() {
      // For both, so that this does not wait for the worker.
      const end = fs.openSync(pipe, "r+");
      fs.rmSync(pipe);
      fs.rmSync(`${pipe}.held`);
      fs.closeSync(end);
    },
  };
}

/** Opens streams of which the first hangs in its second entry. */
async function openHanging(pool, files, options) {
  const writers = files.map((file) => pool.open(file, options));
  for (const writer of writers) writer.write(entry(1));
  await pool.flush();
  const disk = hang("write", path.basename(files[0], ".log"));
  writers[0].write(entry(2));
  await disk.isHeld();
  return { disk, writers };
}

const scenarios = {
  async unopened() {
    const before = createWriterPool({ placement: "inline" });
    for (const name of ["a", "b"]) writeAll(before.open(fileOf(name)), 1, 100);
    await before.close();
    const pool = createWriterPool();
    const [a, b] = ["a", "b"].map((name) => pool.open(fileOf(name)));
    const disk = hang("open", "a");
    writeAll(a, 101, 110);
    await disk.isHeld();
    writeAll(b, 101, 110);
    const flushed = await outcomeWithin(b.flush(), 5000);
    disk.release();
    await pool.flush();
    tell({ flushed, counts: [a, b].map(countsOf) });
    await pool.close();
  },
  async part() {
    const other = createWriterPool({ placement: "inline" });
    writeAll(other.open(fileOf("b")), 1, 500);
    await other.flush();
    const pool = createWriterPool();
    const { disk, writers } = await openHanging(pool, [fileOf("a", "c2"), fileOf("b")]);
    await other.close();
    writeAll(writers[1], 2, 50);
    const flushed = await outcomeWithin(writers[1].flush(), 5000);
    disk.release();
    await pool.flush();
    tell({ flushed, counts: writers.map(countsOf) });
    await pool.close();
  },
  async idle() {
    const pool = createWriterPool();
    const { disk, writers } = await openHanging(
      pool,
      ["a", "b", "c"].map((name) => fileOf(name)),
    );
    const settled = [outcomeWithin(writers[1].flush(), 3000), outcomeWithin(writers[2].close(), 3000)];
    tell(await Promise.all(settled));
    disk.release();
    await pool.close();
  },
  async nested() {
    let b;
    const pool = createWriterPool({ onSealed: () => b.write(entry(10, "ERROR")) });
    const a = pool.open(fileOf("a"));
    b = pool.open(fileOf("b"));
    const c = pool.open(fileOf("c"), { segmentBytesMax: 1024, batchEntriesMax: 1 });
    for (const writer of [a, b, c]) writer.write(entry(1));
    await pool.flush();
    const disk = hang("write", "a");
    for (let n = 2; n <= 4; n++) c.write(entry(n, "INFO", { text: "x".repeat(300) }));
    a.write(entry(2, "ERROR"));
    b.write(entry(2));
    const flushed = pool.flush();
    // The segment is sealed and its event is there, but the event loop comes to look for a worker that hangs first.
    block(400);
    await outcomeWithin(b.flush(), 5000);
    const workersNow = workers;
    disk.release();
    await flushed;
    tell({ workers: workersNow, counts: [a, b, c].map(countsOf) });
    await pool.close();
  },
  async encoding() {
    const pool = createWriterPool();
    const { disk, writers } = await openHanging(pool, [fileOf("a"), fileOf("b")]);
    const [, b] = writers;
    b.write(entry(2));
    while (workers < 2) await sleep(5);
    // The other worker has the files open in the midst of this entry.
    const context = {
      n: 3,
      get isFlushed() {
        return b.flushSync();
      },
    };
    b.write({ ...entry(3), context });
    disk.release();
    await pool.flush();
    tell(writers.map(countsOf));
    await pool.close();
  },
  async awaited() {
    const pool = createWriterPool();
    const { disk, writers } = await openHanging(pool, [fileOf("a"), fileOf("b")]);
    writers[1].write(entry(2));
    const release = `sleep 1; mv "$0" "$0.gone"; : > "$0.gone"`;
    spawn("sh", ["-c", release, disk.pipe], { detached: true, stdio: "ignore" }).unref();
    await writers[0].flush();
    tell(await outcomeWithin(pool.close(), 5000));
  },
  async locks() {
    const pools = [createWriterPool(), createWriterPool()];
    const [alone, among] = [
      await openHanging(pools[0], [fileOf("a", "c1")]),
      await openHanging(pools[1], [fileOf("x", "c2"), fileOf("y", "c2")]),
    ];
    // Of the second pool another worker goes on, and is ended.
    among.writers[1].write(entry(2));
    const flushed = outcomeWithin(alone.writers[0].flush(), 20_000);
    const lockFiles = ["c1", "c2"].map((container) => path.join(directory, container, ".waybill.lock"));
    const areThere = () => lockFiles.map((lockFile) => fs.existsSync(lockFile));
    const closed = await Promise.all(pools.map((pool) => outcomeWithin(pool.close(), 10_000)));
    const whileHanging = areThere();
    for (const { disk } of [alone, among]) disk.release();
    const endMs = performance.now() + 5000;
    while (areThere().includes(true) && performance.now() < endMs) await sleep(5);
    tell({ closed, whileHanging, after: areThere(), flushed: await flushed });
  },
  async often() {
    const pool = createWriterPool();
    const [a, b] = ["a", "b"].map((name) => pool.open(fileOf(name)));
    let n = 0;
    const waitsMs = [];
    for (let round = 0; round < 3; round++) {
      // After so many writes that were not slow it is back among the others.
      for (let i = 0; i < 510; i++) {
        a.write(entry(++n));
        await a.flush();
      }
      const disk = hang("write", "a");
      a.write(entry(++n));
      await disk.isHeld();
      const beganMs = performance.now();
      b.write(entry(round));
      await outcomeWithin(b.flush(), 3000);
      waitsMs.push(performance.now() - beganMs);
      disk.release();
      await pool.flush();
    }
    tell({ longestMs: Math.max(...waitsMs), counts: [a, b].map(countsOf), last: n });
    await pool.close();
  },
};

await scenarios[scenario]();
