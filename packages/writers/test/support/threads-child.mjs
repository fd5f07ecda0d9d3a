// An application that logs into one file from three worker threads of its own, one after the other, none of which closes
// its pool: argv = dist of the package, directory, placement, how the threads end. `busy`: one thread, which logs until it is
// terminated; tells on stdout how many milliseconds before that it logged the oldest entry that is not in the file.
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { parentPort, Worker, workerData } from "node:worker_threads";

const [dist, directory, placement, ending, logged] = workerData ?? process.argv.slice(2);
const file = path.join(directory, "app.log");

async function logOn() {
  const { createWriterPool } = await import(dist);
  const writer = createWriterPool({ placement }).open(file);
  const source = { containerId: "c1", componentName: "app" };
  const atMs = new Float64Array(logged);
  for (let n = 1; n < atMs.length; n++) {
    atMs[n] = Date.now();
    writer.write({
      ...{ timestampMs: atMs[n], level: "INFO", message: "entry", source, scope: "component_internal" },
      context: { n },
    });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function terminateBusy() {
  const logged = new SharedArrayBuffer(8 * 100_000);
  const thread = new Worker(new URL(import.meta.url), {
    workerData: [...process.argv.slice(2, 6), logged],
  });
  while (!fs.existsSync(file) || fs.statSync(file).size < 20_000) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // It comes in the midst of the next batch.
  await new Promise((resolve) => setTimeout(resolve, 25));
  const endMs = Date.now();
  await thread.terminate();
  const lines = fs.readFileSync(file, "utf8").split("\n").slice(0, -1);
  const inOrder = lines.every((line, at) => JSON.parse(line).context.n === at + 1);
  const oldestLostMs = new Float64Array(logged)[lines.length + 1];
  fs.writeSync(1, JSON.stringify({ inOrder, lostForMs: oldestLostMs === 0 ? 0 : endMs - oldestLostMs }));
}

async function log() {
  const { createWriterPool } = await import(dist);
  const writer = createWriterPool({ placement }).open(file);
  const source = { containerId: "c1", componentName: "app" };
  for (let n = 1; n <= 10; n++) {
    writer.write({
      ...{ timestampMs: Date.now(), level: "INFO", message: "entry", source, scope: "component_internal" },
      context: { n },
    });
  }
  process.on("exit", () => {
    writer.write({
      ...{ timestampMs: Date.now(), level: "INFO", message: "late", source, scope: "component_internal" },
      context: { n: 11 },
    });
  });
  if (ending === "terminated") {
    await writer.flush();
    parentPort.postMessage("flushed");
    setInterval(() => undefined, 1000);
  } else if (ending === "exit") process.exit(0);
}

if (workerData !== null) await (ending === "busy" ? logOn() : log());
else if (ending === "busy") await terminateBusy();
else {
  for (let run = 0; run < 3; run++) {
    const thread = new Worker(new URL(import.meta.url), { workerData: process.argv.slice(2) });
    const ended = new Promise((resolve) => thread.once("exit", resolve));
    if (ending === "terminated") {
      await new Promise((resolve) => thread.once("message", resolve));
      await thread.terminate();
    }
    await ended;
  }
}
