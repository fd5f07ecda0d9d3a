import type { EncodingLimits } from "@waybill/log-tree";
import type { LaneEvent } from "./lane-messages.ts";
import { StreamCounters, streamsPerTable } from "./stream-counters.ts";
import { type AbandonedRequest, WorkerLane } from "./worker-lane.ts";

/** Why a stream goes on in the thread that logs. */
export type TakeOverReason = "death" | "exit";

/** A stream as its lanes see it. */
export interface LanePassenger {
  /** The lane that has the stream now. */
  readonly lane: WorkerLane;
  onEvent(event: Exclude<LaneEvent, { readonly kind: "idle" }>): void;
  /** The worker of its lane is gone, or given up. @param abandoned - the stream's own requests, in order. */
  continueInline(abandoned: readonly AbandonedRequest[], reason: TakeOverReason): void;
}

/** A stream's place in a lane. */
export interface LaneSeat {
  /** By which both threads know the stream; never used again. */
  readonly index: number;
  readonly counters: StreamCounters;
  readonly memory: SharedArrayBuffer;
  readonly slot: number;
}

/** What all lanes of a pool are made with. */
export interface LaneSetOptions {
  readonly descriptorsMax: number;
  readonly limits: Partial<EncodingLimits>;
  readonly holder: string;
  /** Bytes of all queues of the pool: half of them for this thread, a quarter for each lane. */
  readonly queuesBytesMax: number;
}

/**
 * The two lanes of a pool. Every stream begins in the first; one whose disk is slow moves to the second, where it keeps
 * only its like waiting. A worker is started when the first stream needs it.
 */
export class LaneSet {
  readonly #options: LaneSetOptions;
  readonly #passengers = new Map<number, LanePassenger>();
  #first: WorkerLane | undefined;
  #second: WorkerLane | undefined;
  #nextIndex = 0;
  #table: { readonly memory: SharedArrayBuffer; readonly counters: StreamCounters } | undefined;

  constructor(options: LaneSetOptions) {
    this.#options = options;
  }

  get first(): WorkerLane {
    this.#first ??= this.#start();
    return this.#first;
  }

  get second(): WorkerLane {
    this.#second ??= this.#start();
    return this.#second;
  }

  /** A new place, for a stream that enters a lane. */
  takeSeat(passenger: LanePassenger): LaneSeat {
    const index = this.#nextIndex++;
    const slot = index % streamsPerTable;
    if (slot === 0 || this.#table === undefined) {
      const memory = StreamCounters.createMemory();
      this.#table = { memory, counters: new StreamCounters(memory) };
    }
    this.#passengers.set(index, passenger);
    return { index, slot, ...this.#table };
  }

  leaveSeat(seat: LaneSeat): void {
    this.#passengers.delete(seat.index);
  }

  /**
   * For the last moment of the process, when a worker does not answer: its streams go on in this thread, except for the
   * one that the worker hangs in, which this thread would hang in too.
   *
   * @param stalledMs - only of workers that have completed nothing for so long.
   */
  takeOverStalled(stalledMs: number): void {
    for (const lane of [this.#first, this.#second]) {
      if (lane !== undefined && lane.stalledMs() >= stalledMs) this.#takeOver(lane, "exit");
    }
  }

  /** Ends the workers after what is under way. */
  async close(): Promise<void> {
    await Promise.all([this.#first?.close(), this.#second?.close()]);
  }

  #start(): WorkerLane {
    const lane: WorkerLane = new WorkerLane({
      ...this.#options,
      queuesBytesMax: Math.floor(this.#options.queuesBytesMax / 4),
      descriptorsMax: Math.max(8, Math.floor(this.#options.descriptorsMax / 2)),
      onEvent: (event) => this.#passengers.get(event.stream)?.onEvent(event),
      onDeath: () => this.#takeOver(lane, "death"),
    });
    return lane;
  }

  #takeOver(lane: WorkerLane, reason: TakeOverReason): void {
    // First: what a callback logs meanwhile to a new stream goes to a new worker.
    if (lane === this.#first) this.#first = undefined;
    if (lane === this.#second) this.#second = undefined;
    const abandoned = lane.takeOver();
    for (const [index, passenger] of this.#passengers) {
      if (passenger.lane !== lane) continue;
      this.#passengers.delete(index);
      passenger.continueInline(
        abandoned.filter(({ stream }) => stream === index),
        reason,
      );
    }
  }
}
