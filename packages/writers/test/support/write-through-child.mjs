// Logs errors through a worker, and tells what stands in the file after each call: `write-through-child.mjs <dist> <dir> <scenario>`.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const [dist, directory, scenario] = process.argv.slice(2);
const { createWriterPool } = await import(dist);

const pool = createWriterPool();
const file = join(directory, "app.log");
const source = { containerId: "c", componentName: "app" };
const ids = { correlationId: undefined, eventId: undefined, traceId: undefined, spanId: undefined };
// Nothing is written by the clock while this runs.
const open = (options) =>
  pool.open(file, { flushIntervalMs: 60_000, batchEntriesMax: 1_000_000, ...options });
const log = (writer, level, n) =>
  writer.write({
    timestampMs: Date.now(),
    level,
    message: "m",
    source,
    scope: "component_internal",
    ...ids,
    context: { n },
  });
const linesInFile = () => readFileSync(file, "utf8").split("\n").length - 1;

const scenarios = {
  async copies() {
    const writer = open({ writeThrough: false });
    log(writer, "INFO", 1);
    await writer.flush();
    log(writer, "CRITICAL", 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { atOnce: linesInFile() };
  },
  async storm() {
    const writer = open({});
    log(writer, "INFO", 0);
    await writer.flush();
    const late = { ERROR: 0, CRITICAL: 0 };
    for (let n = 1; n <= 40_000; n++) {
      const level = n % 1000 === 0 ? "CRITICAL" : "ERROR";
      log(writer, level, n);
      if (n % 500 !== 0) continue;
      const { size } = statSync(file);
      await writer.flush();
      if (statSync(file).size > size) late[level]++;
    }
    return { hasLateErrors: late.ERROR > 0, lateCriticals: late.CRITICAL };
  },
  async calm() {
    const writer = open({});
    log(writer, "INFO", 0);
    await writer.flush();
    const seen = { late: 0, missing: [] };
    for (let n = 1; n <= 20; n++) {
      log(writer, "INFO", n);
      const beganMs = performance.now();
      log(writer, "ERROR", n);
      const tookMs = performance.now() - beganMs;
      // A call waits 20 ms at most, which a busy machine can take.
      if (tookMs >= 20) seen.late++;
      else if (linesInFile() !== 2 * n + 1) seen.missing.push(n);
      // Until what it has waited is saved up again: all waits may take 2 % of the time.
      await new Promise((resolve) => setTimeout(resolve, 10 + tookMs * 50));
    }
    return seen;
  },
};

const told = await scenarios[scenario]();
await pool.close();
process.stdout.write(JSON.stringify(told));
