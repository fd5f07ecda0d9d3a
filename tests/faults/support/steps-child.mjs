// Does one kind of work on one tree after the other, each time with another call to the operating system disturbed:
// `steps-child.mjs <Errand as JSON>`, see steps.ts. Prints what it was promised at
// once, as `Partial<WorkEnd>`.
import { writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { beginToDisturb, endDisturbing, quietFor, readdirSync } from "./disturbed-calls.mjs";

const { compressSegment, createWriterPool } = await import("@waybill/writers");
const { work, run, trees, ...disturbance } = JSON.parse(process.argv[2]);

/** Above the first wait of what tries again, 20 ms. */
const quietMs = 30;
const segmentBytesMax = 1024;

const directoryOf = (root) => join(root, "containers/c0");
const fileOf = (root) => join(directoryOf(root), "load.log");
const sealedIn = (root) => readdirSync(directoryOf(root)).filter((name) => /^load\.\d.*\.log$/.test(name));

function tell(root, more) {
  writeSync(1, `${JSON.stringify({ root, ...more })}\n`);
}

function write(writer, n) {
  writer.write({
    timestampMs: Date.now(),
    level: "INFO",
    message: "work",
    source: { containerId: "c0", componentName: "load" },
    scope: "component_internal",
    context: { n, run, pad: "x".repeat(100) },
  });
}

const succeeds = (promise) =>
  promise.then(
    () => true,
    () => false,
  );

const works = {
  async compress(root) {
    for (const sealed of sealedIn(root)) await succeeds(compressSegment(join(directoryOf(root), sealed)));
  },

  async recover(root) {
    const pool = createWriterPool({ placement: "inline" });
    const options = { mode: "sync", segmentBytesMax, compress: true, compressDelayMs: 0 };
    const writer = pool.open(fileOf(root), options);
    for (let n = 0; n < 3; n += 1) {
      write(writer, n);
      if (writer.status().queued > 0) await quietFor(quietMs);
      const { written } = writer.status();
      if (written === n + 1) tell(root, { safe: written });
    }
    await quietFor(quietMs, () => sealedIn(root).length === 0);
    await succeeds(pool.close());
  },

  async rotate(root) {
    const pool = createWriterPool();
    const writer = pool.open(fileOf(root), { mode: "durable", segmentBytesMax, flushIntervalMs: 60_000 });
    const entries = 6;
    for (let n = 0; n < entries; n += 1) {
      write(writer, n);
      if (n % 3 === 2 && (await succeeds(writer.flush()))) tell(root, { safe: n + 1 });
    }
    if ((await succeeds(pool.close())) && writer.status().dropped === 0) tell(root, { safe: entries });
  },
};

for (const { root, at } of trees) {
  beginToDisturb({ ...disturbance, under: root, at });
  await works[work](root);
  tell(root, endDisturbing());
}
