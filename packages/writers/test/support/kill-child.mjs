// Logs one entry each millisecond or so, tells on stdout when each was logged, until it is killed.
import { writeSync } from "node:fs";
import process from "node:process";

const [copy, file] = process.argv.slice(2);
const { openFileWriter } = await import(copy);
const writer = openFileWriter({ path: file, flushIntervalMs: 50 });
let n = 0;
setInterval(() => {
  n++;
  writer.write({
    timestampMs: Date.now(),
    level: "INFO",
    message: "entry",
    source: { containerId: "c1", componentName: "app" },
    scope: "component_internal",
    context: { n },
  });
  writeSync(1, `${n} ${Date.now()}\n`);
}, 1);
