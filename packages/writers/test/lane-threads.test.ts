import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createLaneBuffers } from "../src/lane/lane-memory.ts";
import { LaneSender } from "../src/lane/lane-sender.ts";

const requests = 100_000;
const dataBytes = 65_536;
const lengthMax = 3000;
/** A lost wake-up ends here. */
const waitMs = 10_000;

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

function startEcho(lastNumber: number) {
  const buffers = createLaneBuffers(dataBytes, lastNumber);
  const module = new URL("../dist/lane/lane-receiver.js", import.meta.url).href;
  const worker = new Worker(new URL("./support/echo-lane-worker.mjs", import.meta.url), {
    workerData: { buffers, module },
    execArgv: [],
  });
  workers.push(worker);
  return { sender: new LaneSender(buffers), worker };
}

/** Lengths without order, 0 among them. */
const lengthOf = (n: number) => (Math.imul(n, 2_654_435_761) >>> 8) % lengthMax;

interface Sent {
  readonly n: number;
  readonly number: number;
}

/** Sends all, at most `underWayMax` at once; the fewer, the more often the worker falls asleep. */
function sendAll(sender: LaneSender, count: number, underWayMax: number) {
  const template = Array.from({ length: 256 }, (_, byte) => new Uint8Array(lengthMax).fill(byte));
  const sent: Sent[] = [];
  const failures = { lost: 0, torn: 0, disordered: 0 };
  const reapOldest = () => {
    const { n, number } = sent.shift() as Sent;
    if (!sender.waitFor(number, waitMs)) failures.lost++;
    const result = sender.resultOf(number);
    if (result.outcome !== "done") failures.torn++;
    if (result.lastSeq !== lengthOf(n) || sender.linesOf(number).length !== lengthOf(n))
      failures.disordered++;
    sender.reclaim();
  };
  for (let n = 0; n < count; n++) {
    const lines = (template[n & 0xff] as Uint8Array).subarray(0, lengthOf(n));
    while (sent.length >= underWayMax && failures.lost === 0) reapOldest();
    let number = sender.send("write", n, lines);
    while (number === undefined && failures.lost === 0) {
      reapOldest();
      number = sender.send("write", n, lines);
    }
    if (number === undefined) return failures;
    sent.push({ n, number });
  }
  while (sent.length > 0 && failures.lost === 0) reapOldest();
  return failures;
}

describe("a lane between two threads", () => {
  it.each([
    ["with as much under way as there is room for", requests, Number.POSITIVE_INFINITY],
    ["one by one", requests / 4, 1],
    ["two at once", requests / 4, 2],
  ])(
    "loses no request and no wake-up and tears nothing: %s",
    { timeout: 60_000 },
    async (_, count, underWayMax) => {
      // The numbers wrap around on the way.
      const { sender, worker } = startEcho(2 ** 31 - 1000);
      expect(sendAll(sender, count, underWayMax)).toEqual({ lost: 0, torn: 0, disordered: 0 });
      const ended = once(worker, "exit");
      sender.send("stop", 0);
      await ended;
    },
  );

  it("wakes the sender whenever it asks", { timeout: 60_000 }, async () => {
    const { sender, worker } = startEcho(0);
    let woken = 0;
    for (let n = 0; n < 500; n++) {
      const idle = once(worker, "message");
      const number = sender.send("write", n, new Uint8Array(n).fill(n & 0xff)) as number;
      sender.wantWake();
      await idle;
      woken += Number(sender.isCompleted(number));
      sender.reclaim();
    }
    expect(woken).toBe(500);
  });
});
