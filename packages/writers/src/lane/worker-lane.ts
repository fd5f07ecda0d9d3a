import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { EncodingLimits } from "@waybill/log-tree";
import { createLaneBuffers, LaneSender } from "./lane-memory.ts";
import type { LaneEvent, LaneStreamMessage, LaneWorkerData } from "./lane-messages.ts";
import type { LaneResult, RequestKind } from "./lane-requests.ts";

/** Lines under way between the threads, bytes: some tens of milliseconds of the fastest producer. */
const laneDataBytes = 8_388_608;
/** Milliseconds that a worker is given to end; one that hangs in a disk cannot even be terminated. */
const endMsMax = 5000;
/** A worker needs little memory of its own: the bytes that it moves lie outside its heap. */
const workerHeapMb = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 };

const workerFile = new URL("./lane-worker.js", import.meta.url);

/** Whether a worker can be started here: not from a bundle that left the worker's file behind. */
export function canStartLaneWorker(): boolean {
  return workerFile.protocol === "file:" && existsSync(fileURLToPath(workerFile));
}

/** What a lane is made with. */
export interface WorkerLaneOptions {
  readonly descriptorsMax: number;
  readonly limits: Partial<EncodingLimits>;
  readonly holder: string;
  readonly queuesBytesMax: number;
  readonly onEvent: (event: Exclude<LaneEvent, { readonly kind: "idle" }>) => void;
  /** The worker has ended although nobody asked it to: `takeOver` hands out what it left undone. */
  readonly onDeath: () => void;
}

/** A request that its worker has not completed and never will. */
export interface AbandonedRequest {
  readonly stream: number;
  readonly kind: RequestKind;
  /** Whether the worker may have begun it. */
  readonly mayHaveBegun: boolean;
  readonly lines: Uint8Array;
}

/** Whole encoded lines. */
export interface LaneLines {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** Takes the result of a request; undefined when its worker is gone. */
export type ResultListener = (result: LaneResult | undefined) => void;

interface UnderWay {
  readonly number: number;
  readonly stream: number;
  readonly kind: RequestKind;
  readonly onResult: ResultListener | undefined;
}

/** One worker thread that writes the files of many streams, and the way to it. Requests are performed in order. */
export class WorkerLane {
  readonly #sender: LaneSender;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #options: WorkerLaneOptions;
  readonly #underWay: UnderWay[] = [];
  #isWakeWanted = false;
  #isReaping = false;
  #isStopped = false;
  #lastProgressMs = 0;
  #holders = 0;
  #isStarting = true;

  constructor(options: WorkerLaneOptions) {
    this.#options = options;
    const buffers = createLaneBuffers(laneDataBytes);
    this.#sender = new LaneSender(buffers);
    const { port1, port2 } = new MessageChannel();
    const { descriptorsMax, limits, holder, queuesBytesMax } = options;
    const workerData: LaneWorkerData = {
      buffers,
      descriptorsMax,
      limits,
      holder,
      queuesBytesMax,
      port: port2,
    };
    this.#port = port1;
    this.#worker = new Worker(workerFile, {
      name: "waybill-lane",
      workerData,
      transferList: [port2],
      // The application's loaders and inspector flags are not for this thread.
      execArgv: [],
      resourceLimits: workerHeapMb,
    });
    port1.on("message", (event: LaneEvent) => this.#onEvent(event));
    this.#worker.on("error", () => this.#onEnd());
    this.#worker.on("exit", () => this.#onEnd());
    port1.unref();
    this.#worker.unref();
  }

  /** Makes a stream known under an index that is not used again. */
  add(message: LaneStreamMessage): void {
    this.#port.postMessage(message);
  }

  /**
   * @param lines - copied before this returns.
   * @returns the number of the request; undefined when there is no room, or no worker any more.
   */
  request(
    kind: RequestKind,
    stream: number,
    onResult?: ResultListener,
    lines?: LaneLines,
  ): number | undefined {
    if (this.#isStopped) return undefined;
    this.reap();
    const number = this.#sender.send(kind, stream, lines?.bytes, lines?.count);
    if (number === undefined) return undefined;
    if (this.#underWay.length === 0) this.#lastProgressMs = performance.now();
    this.#underWay.push({ number, stream, kind, onResult });
    // What became of lines is delivered with the next request; nobody waits for it.
    if (!this.#isWakeWanted && kind !== "write") {
      this.#isWakeWanted = true;
      this.#sender.wantWake();
    }
    return number;
  }

  /** Has the worker look for requests now, which it else does within some milliseconds. */
  wakeUp(): void {
    if (!this.#isStopped) this.#sender.wakeUp();
  }

  /** Whether the worker has not yet completed anything. */
  get isStarting(): boolean {
    return this.#isStarting;
  }

  /** Keeps the process alive until {@link release}: somebody awaits a result, or the news that there will be none. */
  hold(): void {
    if (this.#holders++ > 0 || this.#isStopped) return;
    this.#port.ref();
    this.#worker.ref();
  }

  release(): void {
    if (--this.#holders > 0 || this.#isStopped) return;
    this.#port.unref();
    this.#worker.unref();
  }

  /** Whether the worker is done with a request; its result may not have been delivered yet. */
  isCompleted(number: number): boolean {
    return this.#sender.isCompleted(number);
  }

  /**
   * Blocks until a request is completed, and delivers what is.
   *
   * @returns false when `timeoutMs` passed before, or there is no worker any more.
   */
  waitFor(number: number, timeoutMs: number): boolean {
    const isCompleted = this.#sender.waitFor(number, this.#isStopped ? 0 : timeoutMs);
    this.reap();
    return isCompleted;
  }

  /**
   * Blocks until a request is completed, however long that takes, as long as the worker completes anything.
   *
   * @returns false when it has completed nothing for `stalledMsMax`, or there is no worker any more.
   */
  waitWhileAlive(number: number, stalledMsMax: number): boolean {
    for (;;) {
      const stalledMs = this.stalledMs();
      if (this.waitFor(number, stalledMsMax - stalledMs)) return true;
      if (this.#isStopped || this.stalledMs() >= stalledMsMax) return false;
    }
  }

  /** Blocks until anything is completed. @returns false when nothing was within `timeoutMs`, or is under way. */
  waitForProgress(timeoutMs: number): boolean {
    const oldest = this.#underWay[0];
    return oldest !== undefined && this.waitFor(oldest.number, timeoutMs);
  }

  /** Delivers what the worker has told, at a moment when the event loop does not. */
  deliverEvents(): void {
    for (;;) {
      const received: { readonly message: LaneEvent } | undefined = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#onEvent(received.message);
    }
  }

  /** Delivers the results that have come in since. */
  reap(): void {
    if (this.#isReaping) return;
    this.#isReaping = true;
    try {
      for (;;) {
        const oldest = this.#underWay[0];
        if (oldest === undefined || !this.#sender.isCompleted(oldest.number)) return;
        this.#underWay.shift();
        this.#isStarting = false;
        this.#lastProgressMs = performance.now();
        const result = this.#sender.resultOf(oldest.number);
        this.#sender.reclaim();
        oldest.onResult?.(result);
      }
    } finally {
      this.#isReaping = false;
    }
  }

  /** Milliseconds for which nothing was completed although something is under way; 0 when idle. */
  stalledMs(): number {
    this.reap();
    return this.#underWay.length === 0 ? 0 : performance.now() - this.#lastProgressMs;
  }

  /** Keeps the worker from beginning anything more, and hands out what it leaves undone. */
  takeOver(): readonly AbandonedRequest[] {
    const completed = this.#sender.halt();
    this.reap();
    this.#isStopped = true;
    const underWay = this.#underWay.splice(0);
    const abandoned = underWay.map(({ number, stream, kind }) => ({
      stream,
      kind,
      mayHaveBegun: number === ((completed + 1) | 0) && this.#sender.hasBegun(number),
      lines: Uint8Array.from(this.#sender.linesOf(number)),
    }));
    for (const { onResult } of underWay) onResult?.(undefined);
    return abandoned;
  }

  /** Ends the worker after what is under way, or leaves it to the end of the process if it hangs. */
  async close(): Promise<void> {
    if (this.#isStopped) return;
    const number = this.#sender.send("stop", -1);
    if (number === undefined) this.#sender.halt();
    this.#isStopped = true;
    // While the application waits for this, the worker must not be let go.
    this.#worker.ref();
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, Math.max(0, endMsMax - this.stalledMs()));
      this.#worker.once("exit", () => {
        clearTimeout(patience);
        resolve();
      });
    });
    this.#sender.halt();
    this.#worker.unref();
    this.#port.close();
  }

  #onEvent(event: LaneEvent): void {
    if (event.kind !== "idle") {
      this.#options.onEvent(event);
      return;
    }
    this.reap();
    // What was requested after the worker had sent this wants a message of its own.
    this.#isWakeWanted = this.#underWay.some(({ kind }) => kind !== "write");
    if (this.#isWakeWanted) this.#sender.wantWake();
  }

  #onEnd(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#options.onDeath();
  }
}
