// An application that has segments sealed while its disk hangs or its worker dies: argv = dist of the package,
// directory, scenario. Tells what it saw on stdout.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";

const [dist, directory, scenario] = process.argv.slice(2);
const pipe = path.join(directory, "pipe");
process.env[scenario.includes("Write") ? "WAYBILL_HANG" : "WAYBILL_HANG_SEAL"] = pipe;
const preload = new URL("failing-writes.mjs", import.meta.url).href;
const workers = [];
worker_threads.Worker = class extends worker_threads.Worker {
  constructor(file, options) {
    const mute = scenario.startsWith("mute");
    super(mute ? "setInterval(() => undefined, 1e6)" : file, {
      ...options,
      ...(mute ? { eval: true } : { execArgv: ["--import", preload] }),
    });
    workers.push(this);
  }
};
syncBuiltinESMExports();
const { createWriterPool } = await import(dist);

const file = path.join(directory, "c1", "app.log");
const other = path.join(directory, "c1", "other.log");
const outcomeOf = (promise) =>
  promise.then(
    () => "resolved",
    (error) => error.code,
  );
async function timed(promise) {
  const beganMs = performance.now();
  return { outcome: await outcomeOf(promise), tookMs: performance.now() - beganMs };
}
function writeRange(writer, from, to) {
  for (let n = from; n <= to; n++) {
    writer.write({
      timestampMs: Date.now(),
      level: "INFO",
      message: "entry",
      source: { containerId: "c1", componentName: "app" },
      scope: "component_internal",
      context: { n },
    });
  }
}
const hang = () => execFileSync("mkfifo", [pipe]);
function goOn() {
  const fd = fs.openSync(pipe, "r+");
  fs.unlinkSync(pipe);
  fs.closeSync(fd);
}
const tell = (value) => fs.writeSync(1, JSON.stringify(value));

/** What an earlier run leaves. */
async function leave(active, to) {
  const pool = createWriterPool({ placement: "inline" });
  writeRange(pool.open(active), 1, to);
  await pool.close();
}

/** Two streams that are written, and a file that hangs from now on. */
async function withHang(act) {
  const pool = createWriterPool();
  const writers = [pool.open(file), pool.open(other)];
  for (const writer of writers) writeRange(writer, 1, 10);
  await pool.flush();
  hang();
  const told = await act(pool, ...writers);
  if (fs.existsSync(pipe)) goOn();
  await pool.close();
  tell({ ...told, status: pool.status() });
}

const scenarios = {
  hangs: () =>
    withHang(async (pool, first, second) => {
      const hung = timed(pool.seal(file));
      await sleep(20);
      writeRange(first, 11, 20);
      writeRange(second, 11, 20);
      // It does not hang there, but in the seal of the other: they go on with another worker.
      const flushed = await timed(second.flush());
      return { hung: await hung, flushed };
    }),
  hangsInWrite: () =>
    withHang(async (pool, first) => {
      writeRange(first, 11, 20);
      const hung = timed(pool.seal(file));
      await sleep(20);
      // Nothing of that stream waits but this.
      fs.renameSync(pipe, `${pipe}-kept`);
      const beside = await timed(pool.seal(other));
      fs.renameSync(`${pipe}-kept`, pipe);
      return { hung: await hung, beside };
    }),
  async left() {
    await leave(file, 10);
    hang();
    const pool = createWriterPool();
    const hung = timed(pool.seal(file));
    const writer = pool.open(file);
    writeRange(writer, 11, 20);
    const told = { hung: await hung, waiting: writer.status() };
    goOn();
    await pool.close();
    tell({ ...told, status: pool.status() });
  },
  async leftAtExit() {
    await leave(file, 10);
    const pool = createWriterPool();
    const writer = pool.open(file);
    void outcomeOf(pool.seal(file));
    writeRange(writer, 11, 20);
    tell({});
    process.exit();
  },
  async atExit() {
    const pool = createWriterPool();
    const writer = pool.open(file);
    writeRange(writer, 1, 10);
    void outcomeOf(pool.seal(file));
    writeRange(writer, 11, 20);
    tell({});
    process.exit();
  },
  async alone() {
    await leave(file, 10);
    const pool = createWriterPool();
    await pool.seal(file);
    writeRange(pool.open(file), 11, 20);
    await pool.seal(file);
    tell({});
  },
  killed: () =>
    withHang(async (pool, first) => {
      goOn();
      const ended = workers[0].terminate();
      writeRange(first, 11, 20);
      const told = { seal: await timed(pool.seal(file)) };
      await ended;
      return told;
    }),
  async killedLeft() {
    await leave(file, 10);
    const pool = createWriterPool();
    const seal = timed(pool.seal(file));
    await workers[0].terminate();
    const told = { seal: await seal };
    await pool.close();
    tell(told);
  },
  async mute() {
    await leave(file, 10);
    await leave(other, 10);
    const pool = createWriterPool();
    const writer = pool.open(file);
    writeRange(writer, 11, 20);
    const seals = [timed(pool.seal(file)), timed(pool.seal(other))];
    const told = { seals: await Promise.all(seals) };
    await pool.close();
    tell({ ...told, status: pool.status() });
  },
};

await scenarios[scenario]();
