// Takes from an account as a thread that writes does, and looks each time whether more is taken than was granted.
import { parentPort, workerData } from "node:worker_threads";

const { url, memory, seed } = workerData;
const { SpaceAccount } = await import(url);
const account = new SpaceAccount(memory);
const cells = new BigInt64Array(memory);
const [ceilingAt, takenAt] = [0, 1];
let random = seed;
const next = (below) => {
  random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
  return random % below;
};
const result = { bytes: 0, takes: 0, refused: 0, over: 0 };
const endMs = performance.now() + 300;
while (performance.now() < endMs) {
  const bytes = 1 + next(5000);
  if (!account.take(bytes)) {
    result.refused++;
    continue;
  }
  // The ceiling only rises here, so it is read last.
  const taken = Atomics.load(cells, takenAt);
  if (taken > Atomics.load(cells, ceilingAt)) result.over++;
  const written = next(4) === 0 ? next(bytes) : bytes;
  account.settle(bytes, written);
  result.bytes += written;
  result.takes++;
}
parentPort.postMessage(result);
