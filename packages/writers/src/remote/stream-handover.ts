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
  readonly createInline: (activePath: string | undefined) => StreamWriter;
}

/** How the entries that a worker had are neither lost nor written twice when somebody else goes on with its stream. */
export class StreamHandover {
  readonly #parts: StreamHandoverParts;
  readonly #returned = new ReturnedLines();
  /** Whether the queue begins with lines that may stand in the files already. */
  #isUnsettled = false;
  /** Whether the numbers given out are final: the files were opened once. */
  #isNumbered = false;
  /** Numbers up to here are given out, whatever the files hold. */
  #usedSeq = 0;

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
    const lines = this.#returned.take();
    // Before the files were opened nothing was sent, and the numbers given out say nothing of what stands in them.
    if (!this.#isNumbered) return;
    this.#parts.intake.queue.putBack(lines);
    this.#isUnsettled = true;
  }

  /** Another writer of this process has given numbers out up to `lastSeq`. Before the files are opened. */
  beginAbove(lastSeq: number): void {
    this.#usedSeq = lastSeq;
  }

  /** A worker has opened the files. @param lastSeq - of the last entry in them. */
  noteOpened(lastSeq: number): void {
    const { intake } = this.#parts;
    this.#settle(lastSeq);
    // Opened once more, in another lane, they may hold a gap record more than was known here.
    const next = intake.queue.firstSeq ?? intake.lastSeq + 1;
    intake.continueAfter(
      this.#isNumbered ? Math.max(0, lastSeq + 1 - next) : Math.max(lastSeq, this.#usedSeq),
    );
    this.#isNumbered = true;
  }

  /** The other worker has opened the files: leaves out what stands in them; what only the one before knew is lost. */
  #settle(lastSeq: number): void {
    if (!this.#isUnsettled) return;
    this.#isUnsettled = false;
    const { intake, passage, queued } = this.#parts;
    passage.counts.addWritten(intake.queue.skipThrough(lastSeq));
    const lost = queued() - intake.queue.entries - intake.queue.encoding;
    if (lost < 0) passage.counts.addWritten(lost);
    else if (lost > 0) intake.noteLostBefore(lost, lastSeq, "worker");
  }

  /**
   * This thread goes on.
   *
   * @param onCreated - takes what goes on before anything is written: failures are told, and who hears them may log.
   */
  toThisThread(onCreated: (inline: InlineContinuation) => void): void {
    const { intake, passage, queued, createInline } = this.#parts;
    const untold = passage.counts.now()?.untold ?? 0;
    passage.leave();
    this.#isUnsettled = false;
    const inline = new InlineContinuation(createInline(passage.activePath), intake);
    onCreated(inline);
    if (!this.#isNumbered) {
      inline.begin(this.#usedSeq);
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
