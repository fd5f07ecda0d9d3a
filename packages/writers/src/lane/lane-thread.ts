import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { LaneEvent, LaneStreamMessage, LaneWorkerData } from "./lane-messages.ts";

/** The bytes that a worker moves lie outside its heap; each stream takes some 6 KB of it. A bound and no reserve. */
const workerHeapMb = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 2 };

/** The worker's file; undefined where a bundle has no place of its own. */
function findWorkerFile(): URL | undefined {
  try {
    const file = new URL("./lane-worker.js", import.meta.url);
    return file.protocol === "file:" && existsSync(fileURLToPath(file)) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Whether there is a worker to be started: not in a bundle that left its file behind. */
export function canStartLaneThread(): boolean {
  return findWorkerFile() !== undefined;
}

/** Who hears of a thread. */
export interface LaneThreadListeners {
  readonly onEvent: (event: LaneEvent) => void;
  /** It has ended, for whatever reason. May be told twice. */
  readonly onEnd: () => void;
}

/** The thread of a lane and the port to it. Does not keep the process alive unless told to. */
export class LaneThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;

  /** @throws when no worker can be started: permissions, threads or memory forbid it. */
  constructor(data: Omit<LaneWorkerData, "port">, { onEvent, onEnd }: LaneThreadListeners) {
    const { port1, port2 } = new MessageChannel();
    const workerData: LaneWorkerData = { ...data, port: port2 };
    this.#port = port1;
    this.#worker = new Worker(findWorkerFile() ?? "", {
      name: "waybill-lane",
      workerData,
      transferList: [port2],
      // The application's loaders and inspector flags are not for this thread.
      execArgv: [],
      resourceLimits: workerHeapMb,
    });
    port1.on("message", onEvent);
    this.#worker.on("error", onEnd);
    this.#worker.on("exit", onEnd);
    this.unref();
  }

  /** Has it keep the process alive. */
  ref(): void {
    this.#port.ref();
    this.#worker.ref();
  }

  unref(): void {
    this.#port.unref();
    this.#worker.unref();
  }

  post(message: LaneStreamMessage): void {
    this.#port.postMessage(message);
  }

  /** What it has told and the event loop has not delivered; undefined when there is nothing. */
  receive(): LaneEvent | undefined {
    const received: { readonly message: LaneEvent } | undefined = receiveMessageOnPort(this.#port);
    return received?.message;
  }

  /** Resolves when it has ended, or after so many milliseconds: one that hangs in a disk cannot even be terminated. */
  async ended(msMax: number): Promise<void> {
    // Whoever waits for this keeps the process, and a thread that was let go would not be waited for.
    this.#worker.ref();
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, msMax);
      this.#worker.once("exit", () => {
        clearTimeout(patience);
        resolve();
      });
    });
    this.#worker.unref();
  }

  closePort(): void {
    this.#port.close();
  }
}
