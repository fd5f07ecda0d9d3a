import type { Clock, Timer } from "@waybill/protocols";
import type { PooledWriter } from "./pooled-writer.ts";
import type { SharedStream } from "./shared-stream.ts";

/** Milliseconds between two looks whether a stream can be written again. */
const lookMs = 100;

/** What a replacement works with. */
export interface WriterReplacementPorts {
  readonly clock: Clock;
  /** Makes a writer by the options of the stream as they are now. */
  readonly create: (stream: SharedStream) => PooledWriter;
  /** Whether the pool still has the stream open. */
  readonly isOpen: (stream: SharedStream) => boolean;
}

/**
 * Has another writer go on with each stream whose mode was changed, behind the same handles.
 *
 * A writer ends with nothing left in memory. One that cannot be written goes on until it can, so that no entry is lost
 * on the way, and no flush is rejected for it.
 */
export class WriterReplacement {
  readonly #ports: WriterReplacementPorts;
  readonly #waiting = new Set<SharedStream>();
  #timer: Timer | undefined;

  constructor(ports: WriterReplacementPorts) {
    this.#ports = ports;
  }

  /** Replaces the writer of a stream, now or once it can be, if its mode is another than that of the options. */
  begin(stream: SharedStream): void {
    if (this.#isDone(stream)) return;
    this.#waiting.add(stream);
    this.#timer ??= this.#ports.clock.setTimer(() => this.#look(), lookMs);
  }

  /** Replaces none any more. */
  end(): void {
    this.#timer?.cancel();
    this.#waiting.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of waiting) this.begin(stream);
  }

  #isDone(stream: SharedStream): boolean {
    if (stream.writer.mode === stream.options.mode || !this.#ports.isOpen(stream)) return true;
    const rest = stream.writer.endIfSaved();
    if (rest === undefined) return false;
    stream.replaceWriter(this.#ports.create(stream));
    if (rest.lastSeq > 0) stream.writer.continueBehind(rest);
    return true;
  }
}
