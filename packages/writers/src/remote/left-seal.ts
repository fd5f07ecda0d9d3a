import type { WaybillError } from "@waybill/protocols";
import type { WriterFailure } from "../failure.ts";
import { FilesTurn } from "../files-turn.ts";
import { throwIf } from "../flush-errors.ts";
import type { LaneStreamEvent } from "../lane/lane-messages.ts";
import type { LanePassenger, LaneSeat, LaneSet } from "../lane/lane-set.ts";
import type { WorkerLane } from "../lane/worker-lane.ts";
import type { Predecessor } from "../predecessor.ts";
import type { StreamWriter } from "../stream-writer.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import { exitWaitMs } from "./line-sender.ts";
import { nobody } from "./nobody.ts";
import { RemoteFailures } from "./remote-failures.ts";
import { closeMsMax, settledWithin } from "./settled-within.ts";

/** Milliseconds between two tries to find room for the request. */
const retryMs = 5;

/** What a left seal works with. */
export interface LeftSealPorts {
  readonly path: string;
  readonly lockFile: string | undefined;
  readonly options: ResolvedStreamOptions;
  /** Undefined where no worker writes. */
  readonly lanes: LaneSet | undefined;
  /** Writes the stream in this thread, where no worker does. */
  readonly createInline: () => StreamWriter;
  readonly onOpened: (lastSeq: number, activePath: string) => void;
  readonly onFailure: (failure: WriterFailure) => void;
  readonly onSealed: (sealedPath: string) => void;
}

/**
 * Seals what an earlier run has left in the active segment of a stream that this one has not opened. Whoever opens the
 * stream meanwhile has to wait.
 */
export class LeftSeal implements Predecessor, LanePassenger {
  readonly #ports: LeftSealPorts;
  readonly #failures: RemoteFailures;
  readonly #turn: FilesTurn;
  #lane: WorkerLane | undefined;
  #seat: LaneSeat | undefined;
  /** The request that is under way, in the present seat. */
  #request: number | undefined;
  /** Nobody waits for it any more. */
  #isLate = false;
  #settle: (error: WaybillError | undefined) => void = () => undefined;
  readonly hasQueueInWorker = false;
  interruptions = 0;
  isReleased = false;
  readonly released: Promise<void>;
  /** Resolves when nothing is left; rejects after 5 s at most when that could not be had. */
  readonly made: Promise<void>;

  /** @param before - who may still be at the files. */
  constructor(before: Predecessor | undefined, ports: LeftSealPorts) {
    this.#ports = ports;
    this.#failures = new RemoteFailures(ports.path);
    const outcome = new Promise<WaybillError | undefined>((resolve) => {
      this.#settle = resolve;
    });
    this.released = outcome.then(() => undefined);
    this.made = this.#within(outcome);
    this.#turn = new FilesTurn(before, () => this.#begin());
    if (this.#turn.before === undefined) this.#begin();
  }

  get lane(): WorkerLane | undefined {
    return this.#lane;
  }

  get hasWork(): boolean {
    return !this.isReleased;
  }

  onEvent(event: LaneStreamEvent): void {
    if (event.kind === "opened") this.#ports.onOpened(event.lastSeq, event.activePath);
    else if (event.kind === "sealed") this.#ports.onSealed(event.sealedPath);
    else if (event.kind === "unsealed") this.#failures.unsealed = event.failure;
    else if (event.kind === "failed") {
      this.#failures.last = event.failure;
      this.#ports.onFailure(event.failure);
    }
  }

  wait(): void {
    this.interruptions++;
  }

  changeLane(): void {
    const { lanes } = this.#ports;
    this.#leaveSeat();
    this.#enter(this.interruptions > 0 ? lanes?.second : lanes?.first);
  }

  continueInline(): void {
    this.#leaveSeat();
    const writer = this.#ports.createInline();
    const failure = writer.sealNow();
    writer.endNow();
    this.#release(failure);
  }

  /** At the end of the process: what is being made is waited for, what has not begun is left. */
  flushSync(): boolean {
    if (this.#seat === undefined && !this.isReleased) {
      this.#turn.pass();
      if (this.#turn.before === undefined) this.#release(this.#failures.notSealed());
    } else if (this.#request !== undefined) this.#lane?.waitWhileAlive(this.#request, exitWaitMs);
    return this.isReleased;
  }

  async #within(outcome: Promise<WaybillError | undefined>): Promise<void> {
    let failure: WaybillError | undefined = this.#failures.notSealed();
    const noted = outcome.then((known) => {
      failure = known;
    });
    // It keeps the process alive meanwhile, too.
    await settledWithin(noted, closeMsMax);
    this.#isLate = true;
    throwIf(failure);
  }

  #begin(): void {
    if (this.isReleased) return;
    if (this.#isLate) this.#release(this.#failures.notSealed());
    else this.#enter(this.#ports.lanes?.first);
  }

  #enter(lane: WorkerLane | undefined): void {
    if (lane === undefined) {
      this.continueInline();
      return;
    }
    const { lanes, path, lockFile, options } = this.#ports;
    this.#lane = lane;
    this.#seat = lanes?.takeSeat(this);
    if (this.#seat === undefined) return;
    const { index: stream, memory: counters, slot } = this.#seat;
    const message = { stream, path, lockFile, options, counters, slot };
    lane.add({ ...message, mayBeUnsynced: false, source: nobody });
    this.#ask(lane, this.#seat);
  }

  #ask(lane: WorkerLane, seat: LaneSeat): void {
    // Without a result the worker is gone: it is asked for in another lane, see changeLane.
    this.#request = lane.request("sealLeft", seat.index, (result) => {
      if (result !== undefined) this.#release(this.#failures.of(result, 0));
    });
    if (this.#request !== undefined) return;
    setTimeout(() => {
      if (this.#seat !== seat) return;
      if (this.#isLate) this.#release(this.#failures.notSealed());
      else this.#ask(lane, seat);
    }, retryMs);
  }

  #leaveSeat(): void {
    if (this.#seat !== undefined) this.#ports.lanes?.leaveSeat(this.#seat);
    this.#seat = undefined;
    this.#request = undefined;
  }

  /** Nobody is at the files any more. */
  #release(failure: WaybillError | undefined): void {
    this.#leaveSeat();
    this.isReleased = true;
    this.#settle(failure);
  }
}
