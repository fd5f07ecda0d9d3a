import type { EntrySource } from "@waybill/protocols";
import { hangMs } from "../lane/hang-watch.ts";
import type { LaneLines, RequestKind, ResultListener } from "../lane/lane-requests.ts";
import type { LanePassenger, LaneSeat } from "../lane/lane-set.ts";
import type { WorkerLane } from "../lane/worker-lane.ts";
import type { LanePassagePorts, PassageStage } from "./lane-passage-ports.ts";
import { SeatCounts } from "./seat-counts.ts";
import { StreamPace } from "./stream-pace.ts";
import { ToldOptions } from "./told-options.ts";

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
  /** What its worker knows. */
  readonly told: ToldOptions;
  #isReopenWanted = false;
  /** How often a worker was left that hung in the stream, since it last entered the first lane. */
  interruptions = 0;
  /** Where the last worker that has opened the files has found them; undefined when none has. */
  activePath: string | undefined;
  #holders = 0;

  constructor(passenger: LanePassenger, ports: LanePassagePorts) {
    this.#passenger = passenger;
    this.#ports = ports;
    this.told = new ToldOptions(ports.options);
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
    this.told.noteUnsynced();
    return this.#enter(isSlow ? this.#ports.lanes.second : this.#ports.lanes.first, source);
  }

  /** Nobody may touch the files until the worker has come back. */
  wait(): void {
    this.#stage = "waiting";
    this.interruptions++;
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
      this.#isReopenWanted = !this.#send("reopen");
    }
    const isTold = this.#stage !== "open" || this.told.tellChange((lines) => this.#send("configure", lines));
    const isMoveDue = this.#pace.isMoveDue || this.told.isModeOutdated;
    if (isMoveDue && this.#stage === "open" && source !== undefined) this.#move(source);
    return isTold && !this.#isReopenWanted && (this.#stage !== "opening" || this.#openRequest !== undefined);
  }

  #send(kind: RequestKind, lines?: LaneLines): boolean {
    return this.#request(kind, () => undefined, lines) !== undefined;
  }

  /** Has the worker try at once what it would try some time later. */
  openAgain(): void {
    if (this.#stage === "unopened") this.#requestOpen();
  }

  reopen(): void {
    this.#isReopenWanted = this.#stage !== "outside";
  }

  /** @param onResult - as of {@link sendFlush}. @returns false when there is no room, or the stream is not open. */
  sendLines(lines: LaneLines, onResult?: ResultListener): boolean {
    if (this.#stage !== "open") return false;
    if (this.#isHanging()) {
      this.#relieve();
      return false;
    }
    // Lines under way wait as much as those in a queue: the memory between the threads is no way around its bound.
    if (this.#bytesUnderWay >= this.#ports.options.queueBytesMax && this.isWriting) return false;
    const { length } = lines.bytes;
    const noteResult: ResultListener = (result) => {
      this.#bytesUnderWay -= length;
      onResult?.(result);
    };
    const number = this.#request("write", noteResult, lines);
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
  sendFlush(kind: "flush" | "seal", onResult: ResultListener): boolean {
    return this.#stage === "open" && this.#request(kind, onResult) !== undefined;
  }

  /** @param onEnd - told whether the files are closed; if not, the worker is gone. @returns false when there is no room. */
  sendClose(onEnd: (isClosed: boolean) => void): boolean {
    if (this.#stage === "moving") return false;
    return this.#request("close", (result) => onEnd(result !== undefined)) !== undefined;
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

  noteOpened(lastSeq: number, activePath = this.activePath): void {
    this.activePath = activePath;
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
    const { lanes, lockFile } = this.#ports;
    // A part file stays one, though the directory may be free by now: what was written is looked for there.
    const path = this.activePath ?? this.#ports.path;
    if (this.#holders > 0) {
      lane.hold();
      this.#lane?.release();
    }
    this.#lane = lane;
    if (!lanes.isSecond(lane)) this.interruptions = 0;
    this.#seat = lanes.takeSeat(this.#passenger);
    const { index: stream, memory: counters, slot } = this.#seat;
    lane.add({ stream, path, lockFile, source, counters, slot, ...this.told.tellAll() });
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
    const isSlow = this.#pace.isAmongSlow !== this.#pace.isMoveDue;
    this.#pace.noteMove();
    if (this.isDegraded) return;
    const number = this.#request("leave", (result) => {
      if (result === undefined) return;
      if (result.outcome === "done") this.#goOn(isSlow, source);
      else {
        this.#stage = "open";
        this.#ports.onStayed();
      }
    });
    if (number !== undefined) this.#stage = "moving";
  }

  /** The worker has let the stream go. */
  #goOn(isSlow: boolean, source: EntrySource): void {
    const { lanes, options, onLeft } = this.#ports;
    this.told.noteLeft();
    this.#leaveSeat();
    if (options.mode === "sync") onLeft();
    else this.#enter((isSlow ? lanes.second : lanes.first) ?? this.#lane, source);
  }

  #request(kind: RequestKind, onResult: ResultListener, lines?: LaneLines): number | undefined {
    const seat = this.#seat;
    if (seat === undefined) return undefined;
    const noteResult: ResultListener = (result) => {
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
