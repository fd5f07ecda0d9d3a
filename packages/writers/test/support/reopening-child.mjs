// An application that closes a stream and opens it again while its file fails or hangs: argv = dist of the package,
// directory, scenario, mode of the second stream. Tells what it saw on stdout.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";

const [dist, directory, scenario, mode] = process.argv.slice(2);
const full = path.join(directory, "full");
const pipe = path.join(directory, "pipe");
process.env[scenario === "full" ? "WAYBILL_FULL" : "WAYBILL_HANG"] = scenario === "full" ? full : pipe;
const preload = new URL("failing-writes.mjs", import.meta.url).href;
worker_threads.Worker = class extends worker_threads.Worker {
  constructor(file, options) {
    super(file, { ...options, execArgv: ["--import", preload] });
  }
};
syncBuiltinESMExports();
const { createWriterPool } = await import(dist);

const outcomeOf = (promise) =>
  promise.then(
    () => "resolved",
    (error) => error.code,
  );
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
function begin() {
  if (scenario === "full") fs.writeFileSync(full, "");
  else execFileSync("mkfifo", [pipe]);
}
function end() {
  if (scenario === "full") {
    fs.unlinkSync(full);
    return;
  }
  const fd = fs.openSync(pipe, "r+");
  fs.unlinkSync(pipe);
  fs.closeSync(fd);
}

const pool = createWriterPool();
const file = path.join(directory, "c1", "app.log");
const first = pool.open(file, { mode: "batched" });
writeRange(first, 1, 10);
await first.flush();
begin();
writeRange(first, 11, 20);
const closing = outcomeOf(first.close());
if (scenario !== "full") await sleep(100);
const beganMs = performance.now();
const second = pool.open(file, { mode });
writeRange(second, 21, 25);
const third = pool.open(file, { mode });
writeRange(third, 26, 30);
const blockedMs = performance.now() - beganMs;
const waiting = second.status();
const flushed = outcomeOf(second.flush());
if (scenario === "given up") await closing;
else await sleep(300);
const linesBefore = fs.readFileSync(file, "utf8").split("\n").length - 1;
end();
const told = { first: await closing, flushed: await flushed };
// One of a file that is busy is told at once, and it is tried again.
while (second.status().queued > 0) await sleep(5);
await second.close();
await third.close();
await pool.close();
const { accepted, written, dropped, queued } = pool.status();
fs.writeSync(
  1,
  JSON.stringify({
    ...{ ...told, blockedMs, linesBefore, waiting: { state: waiting.state, queued: waiting.queued } },
    pool: { accepted, written, dropped, queued },
  }),
);
