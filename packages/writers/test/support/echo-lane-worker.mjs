// The other end of a lane: completes every request with the number of its bytes and whether they are all its number's.
import { parentPort, workerData } from "node:worker_threads";

const { LaneReceiver } = await import(workerData.module);
const receiver = new LaneReceiver(workerData.buffers);
const done = { outcome: "done", tookMs: 0 };
for (;;) {
  const seen = receiver.signal();
  const request = receiver.take();
  if (request === undefined) {
    if (receiver.takeWakeWanted()) parentPort.postMessage("idle");
    receiver.sleep(seen, Number.POSITIVE_INFINITY);
    continue;
  }
  const { number, bytes, kind, stream } = request;
  const isWhole = bytes.every((byte) => byte === (stream & 0xff));
  receiver.complete(number, { ...done, outcome: isWhole ? "done" : "unwritten", lastSeq: bytes.length });
  if (kind === "stop") break;
}
