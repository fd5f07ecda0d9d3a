import type { EntrySource } from "@waybill/protocols";
import type { EntryIntake } from "./entry-intake.ts";
import type { StreamRest } from "./pooled-writer.ts";
import type { QueueDrain } from "./queue-drain.ts";

/** What the writer of a stream is told of those who had it before, until it opens the files. */
export class StreamStart {
  readonly #intake: EntryIntake;
  readonly #files: QueueDrain;

  constructor(intake: EntryIntake, files: QueueDrain) {
    this.#intake = intake;
    this.#files = files;
  }

  /** Under whose name gap records are written, when no entry comes in here. */
  setSource(source: EntrySource | undefined): void {
    if (source !== undefined) this.#intake.queue.source = source;
  }

  /** See {@link StreamOpening.noteUnsynced}. */
  noteUnsynced(): void {
    this.#files.noteUnsynced();
  }

  /** Goes on with the numbers after `lastSeq`, if that is further than here. */
  adopt(lastSeq: number): void {
    this.#intake.lastSeq = Math.max(this.#intake.lastSeq, lastSeq);
  }

  /** Goes on behind a writer of this process that has ended, whatever the files hold. */
  beginAbove({ lastSeq, source }: StreamRest): void {
    this.setSource(source);
    this.#files.beginAbove(lastSeq);
  }
}
