import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { createLaneBuffers } from "../src/lane/lane-memory.ts";
import { LaneSender } from "../src/lane/lane-sender.ts";

/** Where the control memory says how the worker rests; 0 while it is awake. */
const restAt = 6;

/** Whether what `act` does wakes a worker that rests. */
async function wakes(
  how: "sleep" | "doze",
  act: (sender: LaneSender) => void,
  timeoutMs: number,
): Promise<boolean> {
  const buffers = createLaneBuffers(100);
  const control = new Int32Array(buffers.control);
  const module = new URL("../dist/lane/lane-receiver.js", import.meta.url).href;
  const worker = new Worker(new URL("./support/resting-lane-worker.mjs", import.meta.url), {
    workerData: { buffers, module, how, timeoutMs },
    execArgv: [],
  });
  const answer = once(worker, "message");
  while (Atomics.load(control, restAt) === 0) await setImmediate();
  // It says how it rests just before it does: a signal in between would be seen as one that came before.
  await new Promise((resolve) => setTimeout(resolve, 20));
  act(new LaneSender(buffers));
  const [isWoken] = await answer;
  await worker.terminate();
  return isWoken;
}

const lines = (length: number) => new Uint8Array(length);

it.each<readonly [string, "sleep" | "doze", (sender: LaneSender) => void]>([
  ["lines, when it sleeps", "sleep", (sender) => sender.send("write", 0, lines(1))],
  ["a flush, when it sleeps", "sleep", (sender) => sender.send("flush", 0)],
  ["a flush, when it dozes", "doze", (sender) => sender.send("flush", 0)],
  ["lines that fill a quarter of the memory", "doze", (sender) => sender.send("write", 0, lines(25))],
  [
    "lines that are waited for",
    "doze",
    (sender) => sender.waitFor(sender.send("write", 0, lines(1)) ?? 0, 1),
  ],
  ["being told to look", "doze", (sender) => sender.wakeUp()],
  ["the wish for a message", "doze", (sender) => sender.wantWake()],
  ["the halt", "doze", (sender) => sender.halt()],
])("the worker is woken by %s", async (_, how, act) => {
  expect(await wakes(how, act, 10_000)).toBe(true);
});

it("the worker is not woken by lines alone when it dozes", async () => {
  expect(await wakes("doze", (sender) => sender.send("write", 0, lines(24)), 200)).toBe(false);
});
