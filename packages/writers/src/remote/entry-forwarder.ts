import { severityOf } from "@waybill/protocols";
import type { EntryIntake } from "../entry-intake.ts";
import type { QueueBounds } from "../queue-bounds.ts";
import { batchBytes } from "../stream-writer.ts";
import type { ResolvedStreamOptions } from "../writer-options.ts";
import type { LanePassage } from "./lane-passage.ts";
import type { LineSender } from "./line-sender.ts";
import type { RemoteFailures } from "./remote-failures.ts";
import type { WriteThrough } from "./write-through.ts";

/** What a forwarder works with: the parts of one stream. */
export interface EntryForwarderParts {
  readonly options: ResolvedStreamOptions;
  readonly intake: EntryIntake;
  readonly bounds: QueueBounds;
  readonly passage: LanePassage;
  readonly sender: LineSender;
  readonly writeThrough: WriteThrough;
  readonly failures: RemoteFailures;
  /** Has what waits sent with the next flush. */
  readonly schedule: () => void;
}

/** What becomes of an entry that is in the queue: it is written through, sent with its batch, or waits within bounds. */
export class EntryForwarder {
  readonly #parts: EntryForwarderParts;
  /** Whether the last attempt to send has left something here. */
  #isHeldUp = false;
  /** Whether an ERROR waits here that nobody waits for. */
  #isUrgent = false;

  constructor(parts: EntryForwarderParts) {
    this.#parts = parts;
  }

  /** @param seq - of the entry that came last. @returns whether it is still there, or sent. */
  forward(seq: number, severity: number): boolean {
    const { options, intake, passage, writeThrough, schedule } = this.#parts;
    if (severity >= severityOf.ERROR && options.writeThrough) {
      if (writeThrough.allows(severity)) return this.#sendNow(seq);
      this.#isUrgent = true;
    }
    const { queue } = intake;
    const isBatch = queue.length >= batchBytes || queue.lineCount >= options.batchEntriesMax;
    if (isBatch || (this.#isUrgent && !passage.isWriting)) return this.#sendBatch(seq);
    schedule();
    return passage.stage === "open" && !this.#isHeldUp ? true : this.#keep(seq);
  }

  /** Nothing waits here any more. */
  noteSent(): void {
    this.#isHeldUp = false;
    this.#parts.bounds.forget();
  }

  /** Something stayed here. */
  noteHeldUp(): void {
    this.#isHeldUp = true;
    this.#parts.schedule();
  }

  #sendNow(seq: number): boolean {
    if (this.#parts.writeThrough.perform()) {
      this.noteSent();
      return true;
    }
    this.noteHeldUp();
    return this.#keepWithinBounds(seq);
  }

  #sendBatch(seq: number): boolean {
    this.#isUrgent = false;
    if (this.#parts.sender.send()) {
      this.noteSent();
      return true;
    }
    this.noteHeldUp();
    return this.#keep(seq);
  }

  /** A worker that is merely busy is given a moment before anything is dropped. */
  #keep(seq: number): boolean {
    const { sender, bounds, passage } = this.#parts;
    const isTooMuch = sender.isTooMuch || !bounds.areKept();
    if (isTooMuch && !passage.isDegraded && sender.sendPatiently()) {
      this.noteSent();
      return true;
    }
    return this.#keepWithinBounds(seq);
  }

  #keepWithinBounds(seq: number): boolean {
    const { bounds, passage, failures } = this.#parts;
    return bounds.keep(seq, (passage.isDegraded && failures.last?.code) || "queue");
  }
}
