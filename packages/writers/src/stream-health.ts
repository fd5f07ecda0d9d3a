import type { Clock, Timer, WriterState } from "@waybill/protocols";
import { describeFailure, retryDelayMs, type WriterFailure } from "./failure.ts";
import type { RoomWatch } from "./space/room-watch.ts";
import { isSpaceExhausted } from "./space/space-exhausted.ts";

/** Who is told, and what is tried. */
export interface StreamHealthPorts {
  readonly clock: Clock;
  /** Told once when a stream begins to fail and with every new kind of failure. */
  readonly onFailure: (failure: WriterFailure) => void;
  /** Told when a failed stream has caught up. */
  readonly onRecovered: (path: string) => void;
  /** Where the streams of this thread wait for space; undefined without a budget. */
  readonly room?: RoomWatch | undefined;
}

/** Whether a stream can be written, and when to try again while it cannot. */
export class StreamHealth {
  readonly #path: () => string;
  readonly #ports: StreamHealthPorts;
  readonly #tryAgain: () => void;
  #state: WriterState = "open";
  #failures = 0;
  #retry: Timer | undefined;
  #lastFailure: WriterFailure | undefined;

  /**
   * @param path - where the stream lies now: it may turn out to be a part file.
   * @param tryAgain - called some time after each failure; must report what came of it.
   */
  constructor(path: () => string, ports: StreamHealthPorts, tryAgain: () => void) {
    this.#path = path;
    this.#ports = ports;
    this.#tryAgain = tryAgain;
  }

  get state(): WriterState {
    return this.#state;
  }

  /** Failures since the stream could last be written. */
  get failures(): number {
    return this.#failures;
  }

  get lastFailure(): WriterFailure | undefined {
    return this.#lastFailure;
  }

  /** Notes a failure that keeps the stream from being written. */
  fail(error: unknown): void {
    const before = this.#lastFailure;
    const failure = this.note(error);
    const isNew = this.#state === "open" || before?.code !== failure.code;
    this.#state = "degraded";
    this.#retry?.cancel();
    this.#retry = this.#retryAfter(error);
    if (isNew) this.#ports.onFailure(failure);
  }

  /** Of a device nobody tells when it can be written again; of the space that streams share, there is an account. */
  #retryAfter(error: unknown): Timer {
    const { clock, room } = this.#ports;
    if (room !== undefined && isSpaceExhausted(error)) {
      // However often it was asked: that says nothing of the device.
      this.#failures = 1;
      return room.wait(clock, this.#tryAgain);
    }
    this.#failures++;
    return clock.setTimer(this.#tryAgain, retryDelayMs(this.#failures));
  }

  /** Notes a failure that does not. */
  note(error: unknown): WriterFailure {
    this.#lastFailure = describeFailure(this.#path(), error, this.#ports.clock.now());
    return this.#lastFailure;
  }

  /** Notes that all that waited was written. */
  recover(): void {
    if (this.#state !== "degraded") return;
    this.#state = "open";
    this.#failures = 0;
    this.#retry?.cancel();
    this.#ports.onRecovered(this.#path());
  }

  end(): void {
    this.#state = "closed";
    this.#retry?.cancel();
  }
}
