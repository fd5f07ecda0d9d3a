// A thread that knows nothing of correlations: it sends back what it gets.
import { parentPort } from "node:worker_threads";

parentPort.on("message", (message) => parentPort.postMessage(message));
