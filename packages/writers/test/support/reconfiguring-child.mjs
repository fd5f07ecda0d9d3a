// An application that changes the mode of a stream while its file fails or hangs in the worker: argv = dist of the
// package, directory, scenario, mode before, mode after. Tells what it saw on stdout.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import worker_threads from "node:worker_threads";

const [dist, directory, scenario, before, after] = process.argv.slice(2);
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
const writer = pool.open(file, { mode: before });
writeRange(writer, 1, 10);
await writer.flush();
begin();
writeRange(writer, 11, 20);
// The worker is at the file by now.
await sleep(100);
const beganMs = performance.now();
pool.reconfigure({ streamOptionsOf: () => ({ mode: after }) });
writeRange(writer, 21, 30);
const blockedMs = performance.now() - beganMs;
await sleep(scenario === "full" ? 300 : 600);
const waiting = writer.status();
end();
while (writer.status().state !== "open" || writer.status().queued > 0) await sleep(5);
writeRange(writer, 31, 40);
await writer.flush();
const { accepted, written, dropped } = writer.status();
await pool.close();
fs.writeSync(
  1,
  JSON.stringify({
    ...{ blockedMs, waiting: { state: waiting.state, dropped: waiting.dropped } },
    writer: { accepted, written, dropped },
  }),
);
