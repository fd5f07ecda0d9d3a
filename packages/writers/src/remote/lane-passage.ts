import type { EntrySource } from "@waybill/protocols";
import { hangMs } from "../lane/hang-watch.ts";
import type { LaneResult, Outcome } from "../lane/lane-requests.ts";
import type { LanePassenger, LaneSeat } from "../lane/lane-set.ts";
import type { LaneLines, WorkerLane } from "../lane/worker-lane.ts";
import type { LanePassagePorts, PassageStage } from "./lane-passage-ports.ts";
import { SeatCounts } from "./seat-counts.ts";
import { StreamPace } from "./stream-pace.ts";

/** Milliseconds without progress of the worker after which a stream sends no second batch behind its first. */
const hangingMs = 20;

/** The way of one stream through the lanes: its seat, the requests for it, and the move to the second lane. */
export class LanePassage {
  readonly #ports: LanePassagePorts;
  readonly #passenger: LanePassenger;
  #stage: PassageStage = "outside";
  #lane: WorkerLane | undefined;
  #seat: LaneSeat | undefined;
  readonly #counts = new SeatCounts();
  /** Number of the request that opens the files; undefined when there was no room for it yet. */
  #openRequest: number | undefined;
  /** Number of the last request that carries lines. */
  #lastLines: number | undefined;
  /** Of lines, until it is heard what became of them. */
  #bytesUnderWay = 0;
  readonly #pace = new StreamPace();
  /** Whether a worker had to be left that may not have synced what it wrote. */
  #hasChanged = false;
  #isReopenWanted = false;
  #holders = 0;

  constructor(passenger: LanePassenger, ports: LanePassagePorts) {
    this.#passenger = passenger;
    this.#ports = ports;
  }

  get stage(): PassageStage {
    return this.#stage;
  }

  /** The lane that has the stream now. */
  get lane(): WorkerLane | undefined {
    return this.#lane;
  }

  /** Begins in the first lane. @returns false where no worker can be started. */
  enter(source: EntrySource): boolean {
    return this.#enter(this.#ports.lanes.first, source);
  }

  /** The worker is gone, or hangs: the stream goes on in another lane. @returns as {@link enter}. */
  changeLane(source: EntrySource): boolean {
    // Behind a worker that hung in it, it goes on among its like.
    const isSlow = this.#stage === "waiting" || this.#pace.isAmongSlow;
    this.#leaveSeat();
    this.#hasChanged = true;
    return this.#enter(isSlow ? this.#ports.lanes.second : this.#ports.lanes.first, source);
  }

  /** Nobody may touch the files until the worker has come back. */
  wait(): void {
    this.#stage = "waiting";
  }

  /** Whether the worker has not yet completed anything. */
  get isStarting(): boolean {
    return this.#lane?.isStarting === true;
  }

  /** Milliseconds for which the worker has completed nothing although something is under way. */
  stalledMs(): number {
    return this.#lane?.stalledMs() ?? 0;
  }

  /** What was counted by the workers, now and before. */
  get counts(): SeatCounts {
    return this.#counts;
  }

  get isDegraded(): boolean {
    return (
      this.#stage === "unopened" || this.#stage === "waiting" || this.#counts.now()?.state === "degraded"
    );
  }

  /** Bytes that wait in the worker's own queue, because the files cannot be written. */
  get queuedBytes(): number {
    return this.#counts.now()?.queuedBytes ?? 0;
  }

  /** Makes the requests that wait for room, and the move if one is due. @returns false when one found no room. */
  advance(source: EntrySource | undefined): boolean {
    if (this.#stage === "opening" && this.#openRequest === undefined) this.#requestOpen();
    if (this.#isReopenWanted && this.#stage === "open") {
      this.#isReopenWanted = this.#request("reopen", () => undefined) === undefined;
    }
    if (this.#pace.isMoveDue && this.#stage === "open" && source !== undefined) this.#move(source);
    return !this.#isReopenWanted && (this.#stage !== "opening" || this.#openRequest !== undefined);
  }

  /** Has the worker try at once what it would try some time later. */
  openAgain(): void {
    if (this.#stage === "unopened") this.#requestOpen();
  }

  reopen(): void {
    this.#isReopenWanted = this.#stage !== "outside";
  }

  /** @returns false when there is no room, or the stream is not open. */
  sendLines(lines: LaneLines): boolean {
    if (this.#stage !== "open") return false;
    if (this.#isHanging()) {
      this.#relieve();
      return false;
    }
    // Lines under way wait as much as those in a queue: the memory between the threads is no way around its bound.
    if (this.#bytesUnderWay >= this.#ports.options.queueBytesMax && this.isWriting) return false;
    const { length } = lines.bytes;
    const number = this.#request("write", () => (this.#bytesUnderWay -= length), lines);
    if (number === undefined) return false;
    this.#lastLines = number;
    this.#bytesUnderWay += length;
    return true;
  }

  /**
   * Whether the worker has not got on for some time while lines of this stream are under way. They may be what it hangs
   * in, and each further request for the same file would keep all other streams waiting as long again.
   */
  #isHanging(): boolean {
    return this.isWriting && this.stalledMs() >= hangingMs;
  }

  /** Whether lines of this stream are under way. */
  get isWriting(): boolean {
    return this.#lastLines !== undefined && this.#lane?.isCompleted(this.#lastLines) === false;
  }

  /** @param onResult - takes undefined when the worker is gone. @returns as {@link sendLines}. */
  sendFlush(onResult: (result: LaneResult | undefined) => void): boolean {
    return this.#stage === "open" && this.#request("flush", onResult) !== undefined;
  }

  /** @param onEnd - told whether the files are closed; if not, the worker is gone. @returns false when there is no room. */
  sendClose(onEnd: (isClosed: boolean) => void): boolean {
    if (this.#stage === "moving") return false;
    return this.#request("close", (result) => onEnd(result !== undefined)) !== undefined;
  }

  /**
   * Flushes before it returns.
   *
   * @param stalledMsMax - for how long the worker may complete nothing.
   * @returns how the flush ended; `again` when the stream is in another lane now; undefined when it was not made.
   */
  flushNow(stalledMsMax: number): Outcome | "again" | undefined {
    let outcome: Outcome | "again" | undefined;
    const noteResult = (result: LaneResult | undefined): void => {
      outcome = result?.outcome ?? "again";
    };
    while (this.#request("flush", noteResult) === undefined) {
      if (!this.waitForStep(stalledMsMax, true)) return undefined;
    }
    while (outcome === undefined) {
      if (!this.waitForStep(stalledMsMax, true)) return undefined;
    }
    return outcome;
  }

  /** Waits until all lines sent so far are performed. */
  waitForLines(msMax: number): void {
    if (this.#lastLines !== undefined) this.#lane?.waitFor(this.#lastLines, msMax);
  }

  /**
   * Waits until something has changed for this stream.
   *
   * @param msMax - for how long; with `isPatient`, for how long the worker may complete nothing at all.
   * @returns false when nothing did, or nothing will.
   */
  waitForStep(msMax: number, isPatient = false): boolean {
    const lane = this.#lane;
    if (lane === undefined || this.#stage === "unopened") return false;
    if (this.#stage === "waiting") return isPatient && lane.waitForEnd(Math.max(0, msMax - lane.silentMs));
    const waitMs = isPatient ? Math.min(msMax - lane.stalledMs(), hangMs) : msMax;
    if (waitMs <= 0) return false;
    const isOpening = this.#stage === "opening" && this.#openRequest !== undefined;
    const hasMoved = isOpening
      ? lane.waitFor(this.#openRequest as number, waitMs)
      : lane.waitForProgress(waitMs);
    if (this.#stage === "opening" && this.#openRequest === undefined) this.#requestOpen();
    if (hasMoved || !isPatient) return hasMoved;
    this.#relieve();
    return true;
  }

  /** If the worker hangs in another stream, this one may go on elsewhere. */
  #relieve(): void {
    if (this.#lane !== undefined) this.#ports.lanes.relieve(this.#lane);
  }

  /** Keeps the process alive until {@link release}, in whichever lane the stream is meanwhile. */
  hold(): void {
    if (this.#holders++ === 0) this.#lane?.hold();
  }

  release(): void {
    if (--this.#holders === 0) this.#lane?.release();
  }

  noteOpened(lastSeq: number): void {
    if (this.#stage !== "opening" && this.#stage !== "unopened") return;
    this.#stage = "open";
    this.#ports.onOpened(lastSeq);
  }

  /** Leaves the lanes; what the worker does from now on is not counted. */
  leave(): void {
    this.#leaveSeat();
    if (this.#holders > 0) this.#lane?.release();
    this.#lane = undefined;
    this.#stage = "outside";
  }

  #enter(lane: WorkerLane | undefined, source: EntrySource): boolean {
    if (lane === undefined) return false;
    const { lanes, path, lockFile, options } = this.#ports;
    if (this.#holders > 0) {
      lane.hold();
      this.#lane?.release();
    }
    this.#lane = lane;
    this.#seat = lanes.takeSeat(this.#passenger);
    const { index: stream, memory: counters, slot } = this.#seat;
    // A worker that waited for room would keep all its streams waiting: that is done in the thread that logs.
    const overflow = options.overflow === "block" ? "drop_lowest_level" : options.overflow;
    const mayBeUnsynced = this.#hasChanged;
    const message = { stream, path, lockFile, mayBeUnsynced, source, counters, slot };
    lane.add({ ...message, options: { ...options, overflow } });
    this.#counts.take(this.#seat);
    this.#pace.begin(lanes.isSecond(lane));
    this.#lastLines = undefined;
    this.#requestOpen();
    return true;
  }

  #requestOpen(): void {
    this.#stage = "opening";
    this.#openRequest = this.#request("open", (result) => {
      if (result?.outcome === "done") this.noteOpened(result.lastSeq);
      else if (result !== undefined && this.#stage === "opening") {
        this.#stage = "unopened";
        this.#ports.onUnopened();
      }
    });
  }

  #move(source: EntrySource): void {
    this.#pace.noteMove();
    if (this.isDegraded) return;
    const number = this.#request("leave", (result) => {
      if (result === undefined) return;
      const { lanes } = this.#ports;
      const target = (this.#pace.isAmongSlow ? lanes.first : lanes.second) ?? this.#lane;
      if (result.outcome === "done") {
        this.#leaveSeat();
        this.#enter(target, source);
      } else {
        this.#stage = "open";
        this.#ports.onStayed();
      }
    });
    if (number !== undefined) this.#stage = "moving";
  }

  #request(
    kind: "open" | "write" | "flush" | "reopen" | "leave" | "close",
    onResult: (result: LaneResult | undefined) => void,
    lines?: LaneLines,
  ): number | undefined {
    const seat = this.#seat;
    if (seat === undefined) return undefined;
    const noteResult = (result: LaneResult | undefined): void => {
      // Only noted: results come in the midst of other requests of the stream, which a move would leave behind it.
      if (result !== undefined && kind === "write" && seat === this.#seat) this.#pace.note(result.tookMs);
      onResult(result);
    };
    return this.#lane?.request(kind, seat.index, noteResult, lines);
  }

  #leaveSeat(): void {
    if (this.#seat === undefined) return;
    this.#counts.leave();
    this.#ports.lanes.leaveSeat(this.#seat);
    this.#seat = undefined;
  }
}
