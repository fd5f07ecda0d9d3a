// Fills a queue of so many bytes and has it drop a quarter. Tells how many entries there were, went and are left.
import { parentPort, workerData } from "node:worker_threads";
import { createEntryEncoder } from "@waybill/log-tree";

const { dist, bytes } = workerData;
const { EntryQueue } = await import(new URL("entry-queue.js", dist));

const linesMax = 5000;
const entry = {
  timestampMs: 0,
  level: "INFO",
  message: "entry",
  source: { containerId: "c1", componentName: "app" },
  scope: "component_internal",
  context: { text: "x".repeat(20) },
};
const clock = { now: () => 0 };
const batch = new EntryQueue(createEntryEncoder(), clock, false);
for (let seq = 1; seq <= linesMax; seq++) batch.encode(entry, seq);
const queue = new EntryQueue(createEntryEncoder(), clock, false);
let accepted = 0;
while (queue.length < bytes) {
  queue.appendLines(batch.view(), linesMax);
  accepted += linesMax;
}
const dropped = queue.dropDownTo(bytes * 0.75, "ENOSPC");
parentPort.postMessage({
  accepted,
  dropped,
  left: queue.entries,
  isWithin: queue.length <= bytes * 0.75 + 1000,
});
