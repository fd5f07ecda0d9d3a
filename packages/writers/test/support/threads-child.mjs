// An application that logs into one file from three worker threads of its own, one after the other, none of which closes
// its pool: argv = dist of the package, directory, placement, how the threads end.
import path from "node:path";
import process from "node:process";
import { parentPort, Worker, workerData } from "node:worker_threads";

const [dist, directory, placement, ending] = workerData ?? process.argv.slice(2);

async function log() {
  const { createWriterPool } = await import(dist);
  const writer = createWriterPool({ placement }).open(path.join(directory, "app.log"));
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

if (workerData !== null) await log();
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
