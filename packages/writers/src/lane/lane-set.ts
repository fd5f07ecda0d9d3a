import type { EncodingLimits } from "@waybill/log-tree";
import type { DescriptorShares, LaneRank } from "../descriptor-shares.ts";
import { hangMs } from "./hang-watch.ts";
import type { Allowance } from "./lane-allowance.ts";
import type { LaneStreamEvent } from "./lane-messages.ts";
import type { AbandonedRequest } from "./lane-takeover.ts";
import { StreamCounters, streamsPerTable } from "./stream-counters.ts";
import { WorkerLane } from "./worker-lane.ts";

/** Milliseconds that a worker may take to look at its first request. Some tens are usual. */
const startMsMax = 1500;
/** Workers that may hang at once. A disk that holds more files than that keeps the streams of the last one waiting. */
const hangingMax = 4;

/** Beyond, a stream is given no longer: some four minutes. */
const interruptionsMax = 5;

/** A stream as its lanes see it. */
export interface LanePassenger {
  /** The lane that has the stream now. */
  readonly lane: WorkerLane | undefined;
  /** Whether entries of the stream wait in the worker's own queue. */
  readonly hasQueueInWorker: boolean;
  /** Whether anything of the stream waits to be written, or somebody for that. */
  readonly hasWork: boolean;
  /** How often a worker was left that hung in the stream. */
  readonly interruptions: number;
  onEvent(event: LaneStreamEvent): void;
  /** Its worker is gone or hangs in another stream: it goes on in another lane. @param abandoned - its own, in order. */
  changeLane(abandoned: readonly AbandonedRequest[]): void;
  /** Its worker is gone and no other can be had: it goes on in the thread that logs. */
  continueInline(abandoned: readonly AbandonedRequest[]): void;
  /**
   * Its worker hangs in it, or has its queue in its memory: nobody else may touch its files, until
   * {@link LanePassenger.changeLane}.
   */
  wait(abandoned: readonly AbandonedRequest[]): void;
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
  readonly descriptors: DescriptorShares;
  readonly limits: Partial<EncodingLimits>;
  readonly holder: string;
  /** Bytes of all queues of the pool: half of them for this thread, a quarter for each lane. */
  readonly queuesBytesMax: number;
  readonly idleCloseMs: number;
  /** The account of a `SpaceBudget`; undefined without one. */
  readonly space: SharedArrayBuffer | undefined;
  /** A worker has run short of that; see `PressureBell`. */
  readonly onPressure: (grants: number) => void;
  /** Told once when no worker can be started: permissions, threads or memory forbid it. */
  readonly onUnavailable: (error: unknown) => void;
}

/**
 * The lanes of a pool. Every stream begins in the first; one whose disk is slow moves to the second, where it keeps only
 * its like waiting. A worker is started when the first stream needs it. Of one that hangs, the streams it does not hang
 * in go on with another worker.
 */
export class LaneSet {
  readonly #options: LaneSetOptions;
  readonly #passengers = new Map<number, LanePassenger>();
  #first: WorkerLane | undefined;
  #second: WorkerLane | undefined;
  /** Taken over, and not ended yet. */
  readonly #hanging = new Set<WorkerLane>();
  #queuesBytesMax: number;
  /** Files that each worker may open, until it is gone. In the order in which they were started. */
  readonly #lent = new Map<WorkerLane, { readonly rank: LaneRank; readonly share: number }>();
  #isAvailable = true;
  #nextIndex = 0;
  #table: { readonly memory: SharedArrayBuffer; readonly counters: StreamCounters } | undefined;

  constructor(options: LaneSetOptions) {
    this.#options = options;
    this.#queuesBytesMax = options.queuesBytesMax;
  }

  /** Changes what the lanes may use. The shares of open files have been taken back: they are lent again. */
  divideAnew(queuesBytesMax: number): void {
    const { descriptors } = this.#options;
    this.#queuesBytesMax = queuesBytesMax;
    for (const [lane, { rank }] of this.#lent) {
      const share = descriptors.lend(rank);
      this.#lent.set(lane, { rank, share });
      lane.allowance.set(this.#allowanceOf(share));
    }
  }

  #allowanceOf(share: number): Allowance {
    return { descriptorsMax: share, queuesBytesMax: Math.floor(this.#queuesBytesMax / 4) };
  }

  /** The lane in which streams begin; undefined where no worker can be started. */
  get first(): WorkerLane | undefined {
    this.#first ??= this.#start("first");
    return this.#first;
  }

  /** The lane of slow streams; undefined where no worker can be started. */
  get second(): WorkerLane | undefined {
    this.#second ??= this.#start("second");
    return this.#second;
  }

  isSecond(lane: WorkerLane): boolean {
    return lane === this.#second;
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
   * If the worker of a lane hangs, gives the streams it does not hang in another one. Cheap enough to be asked whenever
   * something finds no way on.
   *
   * Of one that hangs forever, a thread stays behind. It cannot even be ended.
   */
  relieve(lane: WorkerLane): void {
    const stalledMs = lane.stalledMs();
    if (!lane.isOpen || stalledMs < hangMs) return;
    if (lane.busyStream === undefined) {
      if (stalledMs >= startMsMax) this.#giveUp(lane, new Error("the thread that writes does not start"));
      return;
    }
    if (this.#hanging.size >= hangingMax || !this.#isInTheWay(lane, stalledMs)) return;
    this.#hanging.add(lane);
    this.#takeOver(lane, (passenger, abandoned, isBusy) => {
      if (isBusy || passenger.hasQueueInWorker) passenger.wait(abandoned);
      else passenger.changeLane(abandoned);
    });
  }

  /** Files that the workers have open. */
  get descriptors(): number {
    let open = 0;
    for (const lane of this.#lent.keys()) open += lane.descriptors;
    return open;
  }

  /** Ends the workers after what is under way. */
  async close(): Promise<void> {
    await Promise.all([this.#first?.close(), this.#second?.close()]);
  }

  /**
   * Whether what a worker hangs in keeps others waiting. A request that merely takes long, such as opening a large
   * damaged file, would begin anew each time and never end; so a stream is given four times as long after each time.
   */
  #isInTheWay(lane: WorkerLane, stalledMs: number): boolean {
    const { busyStream } = lane;
    const busy = busyStream === undefined ? undefined : this.#passengers.get(busyStream);
    if (stalledMs < hangMs * 4 ** Math.min(busy?.interruptions ?? 0, interruptionsMax)) return false;
    if (lane.isAskedBeside(busyStream)) return true;
    for (const passenger of this.#passengers.values()) {
      if (passenger !== busy && passenger.lane === lane && passenger.hasWork) return true;
    }
    return false;
  }

  #start(rank: LaneRank): WorkerLane | undefined {
    if (!this.#isAvailable) return undefined;
    const share = this.#options.descriptors.lend(rank);
    try {
      const lane: WorkerLane = new WorkerLane({
        ...this.#options,
        allowance: this.#allowanceOf(share),
        onEvent: (event) => {
          if (event.kind === "pressure") this.#options.onPressure(event.grants);
          else this.#passengers.get(event.stream)?.onEvent(event);
        },
        onHang: () => this.relieve(lane),
        onEnd: () => this.#noteEnd(lane),
      });
      this.#lent.set(lane, { rank, share });
      return lane;
    } catch (error) {
      this.#options.descriptors.giveBack(share);
      this.#noteUnavailable(error);
      return undefined;
    }
  }

  #noteUnavailable(error: unknown): void {
    const isNews = this.#isAvailable;
    this.#isAvailable = false;
    if (isNews) this.#options.onUnavailable(error);
  }

  /** All its streams go on in the thread that logs. */
  #giveUp(lane: WorkerLane, error: unknown): void {
    this.#noteUnavailable(error);
    this.#takeOver(lane, (passenger, abandoned) => passenger.continueInline(abandoned));
  }

  #noteEnd(lane: WorkerLane): void {
    this.#options.descriptors.giveBack(this.#lent.get(lane)?.share ?? 0);
    this.#lent.delete(lane);
    if (!this.#hanging.delete(lane)) {
      // One that dies before it has done anything would be started again and again.
      if (lane.isStarting) this.#noteUnavailable(new Error("the thread that writes does not start"));
      this.#takeOver(lane, (passenger, abandoned) => passenger.continueInline(abandoned));
      return;
    }
    for (const passenger of [...this.#passengers.values()]) {
      if (passenger.lane === lane) passenger.changeLane([]);
    }
  }

  #takeOver(
    lane: WorkerLane,
    goOn: (passenger: LanePassenger, abandoned: readonly AbandonedRequest[], isBusy: boolean) => void,
  ): void {
    // First: what a callback logs meanwhile to a new stream goes to a new worker.
    if (lane === this.#first) this.#first = undefined;
    if (lane === this.#second) this.#second = undefined;
    const { abandoned, busyStream } = lane.takeOver();
    for (const [index, passenger] of [...this.#passengers]) {
      if (passenger.lane !== lane) continue;
      const own = abandoned.filter(({ stream }) => stream === index);
      goOn(passenger, own, index === busyStream);
    }
  }
}
