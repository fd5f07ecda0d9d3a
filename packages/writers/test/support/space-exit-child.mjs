// Logs more than it may write and ends: argv = dist of the package, directory, placement, bytes.
import path from "node:path";
import process from "node:process";

const [dist, directory, placement, bytes] = process.argv.slice(2);
const { createSpaceBudget, createWriterPool } = await import(dist);
const space = createSpaceBudget();
space.set(Number(bytes));
const pool = createWriterPool({ placement, space });
const writer = pool.open(path.join(directory, "app.log"), { flushIntervalMs: 60_000 });
for (let n = 1; n <= 1000; n++) {
  writer.write({
    timestampMs: 1,
    level: "INFO",
    message: "entry",
    source: { containerId: "c1", componentName: "app" },
    scope: "component_internal",
    context: { n },
  });
}
process.exit(0);
