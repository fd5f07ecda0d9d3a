import type { EntrySource } from "@waybill/protocols";
import type { LaneResult } from "../lane/lane-requests.ts";
import type { LanePassenger, LaneSeat, LaneSet } from "../lane/lane-set.ts";
import type { StreamCounts } from "../lane/stream-counters.ts";
import type { LaneLines, WorkerLane } from "../lane/worker-lane.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";

/** A request that took longer, in milliseconds, moves its stream to the second lane. */
const slowMs = 50;
/** Milliseconds without progress of the worker after which a stream sends no second batch behind its first. */
const hangingMs = 20;

/**
 * Where a stream is on its way through the lanes.
 * - `outside`: no worker knows it (yet, or any more).
 * - `opening`: a worker opens its files; entries wait.
 * - `unopened`: that failed; the worker tries again by itself.
 * - `open`: lines can be sent.
 * - `moving`: the first lane lets it go; entries wait.
 */
export type PassageStage = "outside" | "opening" | "unopened" | "open" | "moving";

/** What a passage is made with. */
export interface LanePassagePorts {
  readonly lanes: LaneSet;
  readonly path: string;
  readonly lockFile: string | undefined;
  readonly options: ResolvedStreamOptions;
  /** @param lastSeq - `seq` of the last entry in the files. */
  readonly onOpened: (lastSeq: number) => void;
  readonly onUnopened: () => void;
  /** The stream did not move after all. */
  readonly onStayed: () => void;
}

/** The way of one stream through the lanes: its seat, the requests for it, and the move to the second lane. */
export class LanePassage {
  readonly #ports: LanePassagePorts;
  readonly #passenger: LanePassenger;
  #stage: PassageStage = "outside";
  #lane: WorkerLane | undefined;
  #seat: LaneSeat | undefined;
  /** What was counted in seats that the stream has left. */
  #past = { written: 0, dropped: 0, bytesWritten: 0 };
  /** Number of the request that opens the files; undefined when there was no room for it yet. */
  #openRequest: number | undefined;
  /** Number of the last request that carries lines. */
  #lastLines: number | undefined;
  #isSlow = false;
  #isReopenWanted = false;
  #holders = 0;

  constructor(passenger: LanePassenger, ports: LanePassagePorts) {
    this.#passenger = passenger;
    this.#ports = ports;
  }

  get stage(): PassageStage {
    return this.#stage;
  }

  get lane(): WorkerLane {
    return this.#lane ?? this.#ports.lanes.first;
  }

  /** Begins in the first lane. */
  enter(source: EntrySource): void {
    this.#enter(this.#ports.lanes.first, source);
  }

  /** What was counted by the workers, now and before. */
  counts(): Pick<StreamCounts, "written" | "dropped" | "bytesWritten"> {
    const now = this.#now();
    if (now === undefined) return this.#past;
    return {
      written: this.#past.written + now.written,
      dropped: this.#past.dropped + now.dropped,
      bytesWritten: this.#past.bytesWritten + now.bytesWritten,
    };
  }

  /** Takes entries out of account that a worker counted just before it died, and that were found once more. */
  uncount(entries: number): void {
    this.#past.written -= entries;
  }

  get isDegraded(): boolean {
    return this.#stage === "unopened" || this.#now()?.state === "degraded";
  }

  /** Bytes that wait in the worker's own queue, because the files cannot be written. */
  get queuedBytes(): number {
    return this.#now()?.queuedBytes ?? 0;
  }

  /** Makes the requests that wait for room, and the move if one is due. @returns false when one found no room. */
  advance(source: EntrySource | undefined): boolean {
    if (this.#stage === "opening" && this.#openRequest === undefined) this.#requestOpen();
    if (this.#isReopenWanted && this.#stage === "open") {
      this.#isReopenWanted = this.#request("reopen", () => undefined) === undefined;
    }
    if (this.#isSlow && this.#stage === "open" && source !== undefined) this.#move(source);
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
    if (this.#stage !== "open" || this.#isHanging()) return false;
    const number = this.#request("write", () => undefined, lines);
    if (number !== undefined) this.#lastLines = number;
    return number !== undefined;
  }

  /**
   * Whether the worker has not got on for some time while lines of this stream are under way. They may be what it hangs
   * in, and each further request for the same file would keep all other streams waiting as long again.
   */
  #isHanging(): boolean {
    return this.isWriting && this.lane.stalledMs() >= hangingMs;
  }

  /** Whether lines of this stream are under way. */
  get isWriting(): boolean {
    return this.#lastLines !== undefined && !this.lane.isCompleted(this.#lastLines);
  }

  /** @param onResult - takes undefined when the worker is gone. @returns as {@link sendLines}. */
  sendFlush(onResult: (result: LaneResult | undefined) => void): boolean {
    return this.#stage === "open" && this.#request("flush", onResult) !== undefined;
  }

  /** @param onEnd - called when the files are closed, or the worker is gone. @returns false when there is no room. */
  sendClose(onEnd: () => void): boolean {
    return this.#request("close", onEnd) !== undefined;
  }

  /** Flushes before it returns, unless the worker completes nothing for so long. @returns whether it was made. */
  flushNow(stalledMsMax: number): boolean {
    let outcome: string | undefined;
    const request = (): number | undefined =>
      this.#request("flush", (result) => {
        outcome = result?.outcome;
      });
    let number = request();
    while (number === undefined && this.lane.waitForProgress(stalledMsMax)) number = request();
    if (number !== undefined) this.lane.waitWhileAlive(number, stalledMsMax);
    return outcome === "done";
  }

  /** Waits until all lines sent so far are performed. */
  waitForLines(msMax: number): void {
    if (this.#lastLines !== undefined) this.lane.waitFor(this.#lastLines, msMax);
  }

  /**
   * Waits until something has changed for this stream.
   *
   * @param msMax - for how long; with `isPatient`, for how long the worker may complete nothing at all.
   * @returns false when nothing did, or nothing will.
   */
  waitForStep(msMax: number, isPatient = false): boolean {
    if (this.#stage === "unopened" || this.#stage === "outside") return false;
    if (this.#stage === "opening" && this.#openRequest !== undefined) {
      return isPatient
        ? this.lane.waitWhileAlive(this.#openRequest, msMax)
        : this.lane.waitFor(this.#openRequest, msMax);
    }
    const isMoved = this.lane.waitForProgress(msMax);
    if (this.#stage === "opening" && this.#openRequest === undefined) this.#requestOpen();
    return isMoved;
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

  #enter(lane: WorkerLane, source: EntrySource): void {
    const { lanes, path, lockFile, options } = this.#ports;
    if (this.#holders > 0) {
      lane.hold();
      this.#lane?.release();
    }
    this.#lane = lane;
    this.#seat = lanes.takeSeat(this.#passenger);
    const { index: stream, memory: counters, slot } = this.#seat;
    // A worker that waited for room would keep all its streams waiting: that is done in the thread that logs.
    const overflow = options.overflow === "block" ? "drop_least_severe" : options.overflow;
    lane.add({ stream, path, lockFile, options: { ...options, overflow }, source, counters, slot });
    this.#isSlow = false;
    this.#lastLines = undefined;
    this.#requestOpen();
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
    const { lanes } = this.#ports;
    this.#isSlow = false;
    if (this.#lane !== lanes.first || this.isDegraded) return;
    const number = this.#request("leave", (result) => {
      if (result === undefined) return;
      if (result.outcome === "done") {
        this.#leaveSeat();
        this.#enter(lanes.second, source);
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
      if (result !== undefined && result.tookMs >= slowMs && seat === this.#seat) this.#isSlow = true;
      onResult(result);
    };
    return this.#lane?.request(kind, seat.index, noteResult, lines);
  }

  #now(): StreamCounts | undefined {
    return this.#seat?.counters.read(this.#seat.slot);
  }

  #leaveSeat(): void {
    if (this.#seat === undefined) return;
    this.#past = { ...this.counts() };
    this.#ports.lanes.leaveSeat(this.#seat);
    this.#seat = undefined;
  }
}
