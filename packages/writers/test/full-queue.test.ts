import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";

/** Half of what the worker that writes has, see worker-lane.ts. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };
const queueBytes = 134_217_728;

it("a queue of 128 MiB drops within half of the heap that a worker has", { timeout: 60_000 }, async () => {
  const worker = new Worker(new URL("./support/full-queue-worker.mjs", import.meta.url), {
    workerData: {
      dist: new URL("../dist/", import.meta.url).href,
      bytes: queueBytes,
    },
    execArgv: [],
    resourceLimits,
  });
  const [told] = (await once(worker, "message")) as [Readonly<Record<string, number>>];
  await worker.terminate();
  expect(told).toMatchObject({ isWithin: true, left: (told["accepted"] ?? 0) - (told["dropped"] ?? 0) });
  expect(told["accepted"]).toBeGreaterThan(500_000);
});
