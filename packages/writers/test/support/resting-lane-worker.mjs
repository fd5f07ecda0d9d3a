import { parentPort, workerData } from "node:worker_threads";

const { buffers, module, how, timeoutMs } = workerData;
const { LaneReceiver } = await import(module);

const receiver = new LaneReceiver(buffers);
const startedMs = performance.now();
receiver[how](receiver.signal(), timeoutMs);
parentPort.postMessage(performance.now() - startedMs < timeoutMs / 2);
