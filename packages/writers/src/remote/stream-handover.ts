import type { EntryIntake } from "../entry-intake.ts";
import type { AbandonedRequest } from "../lane/lane-takeover.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { InlineContinuation } from "./inline-continuation.ts";
import type { LanePassage } from "./lane-passage.ts";
import { ReturnedLines } from "./returned-lines.ts";

/** What a handover works with: the parts of one stream. */
export interface StreamHandoverParts {
  readonly intake: EntryIntake;
  readonly passage: LanePassage;
  /** Entries that are accepted and neither written nor dropped, by the counters. */
  readonly queued: () => number;
  readonly createInline: () => StreamWriter;
}

/** How the entries that a worker had are neither lost nor written twice when somebody else goes on with its stream. */
export class StreamHandover {
  readonly #parts: StreamHandoverParts;
  readonly #returned = new ReturnedLines();
  /** Whether the queue begins with lines that may stand in the files already. */
  #isUnsettled = false;

  constructor(parts: StreamHandoverParts) {
    this.#parts = parts;
  }

  /** See {@link ReturnedLines.addQueue}. */
  addQueue(lines: Uint8Array): void {
    this.#returned.addQueue(lines);
  }

  /** See {@link ReturnedLines.addAbandoned}. */
  addAbandoned(requests: readonly AbandonedRequest[]): void {
    this.#returned.addAbandoned(requests);
  }

  /** Another worker goes on: what came back is sent once more, when it has opened the files. */
  toWorker(): void {
    this.#parts.intake.queue.putBack(this.#returned.take());
    this.#isUnsettled = true;
  }

  /**
   * The other worker has opened the files: leaves out what stands in them; what only the worker before knew is lost.
   *
   * @param lastSeq - of the last entry in the files.
   */
  settle(lastSeq: number): void {
    if (!this.#isUnsettled) return;
    this.#isUnsettled = false;
    const { intake, passage, queued } = this.#parts;
    passage.counts.addWritten(intake.queue.skipThrough(lastSeq));
    const lost = queued() - intake.queue.entries;
    if (lost < 0) passage.counts.addWritten(lost);
    else if (lost > 0) intake.noteLostBefore(lost, lastSeq, "worker");
  }

  /**
   * This thread goes on.
   *
   * @param isNumbered - whether the numbers given out are final.
   * @param onCreated - takes what goes on before anything is written: failures are told, and who hears them may log.
   */
  toThisThread(isNumbered: boolean, onCreated: (inline: InlineContinuation) => void): void {
    const { intake, passage, queued, createInline } = this.#parts;
    const untold = passage.counts.now()?.untold ?? 0;
    passage.leave();
    this.#isUnsettled = false;
    const inline = new InlineContinuation(createInline(), intake);
    onCreated(inline);
    if (!isNumbered) {
      inline.begin();
      inline.takeQueue();
      return;
    }
    const { queue } = intake;
    queue.putBack(this.#returned.take());
    // What the worker had taken and not written when it died is gone with its memory.
    const lost = queued() - queue.entries - queue.encoding;
    // It died after it had counted what it wrote and before it could say so: the lines are found in the file.
    if (lost < 0) passage.counts.addWritten(lost);
    inline.continueQueue(Math.max(0, lost), untold);
  }
}
