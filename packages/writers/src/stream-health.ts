import type { Clock, Timer, WriterState } from "@waybill/protocols";
import { describeFailure, retryDelayMs, type WriterFailure } from "./failure.ts";

/** Who is told, and what is tried. */
export interface StreamHealthPorts {
  readonly clock: Clock;
  /** Told once when a stream begins to fail and with every new kind of failure. */
  readonly onFailure: (failure: WriterFailure) => void;
  /** Told when a failed stream has caught up. */
  readonly onRecovered: (path: string) => void;
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
    this.#failures++;
    this.#retry?.cancel();
    this.#retry = this.#ports.clock.setTimer(this.#tryAgain, retryDelayMs(this.#failures));
    if (isNew) this.#ports.onFailure(failure);
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
