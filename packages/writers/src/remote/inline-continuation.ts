import type { WriterStatus } from "@waybill/protocols";
import type { EntryIntake } from "../entry-intake.ts";
import type { StreamWriter } from "../stream-writer.ts";

/** How a stream goes on in the thread that logs, with what its worker has left undone. */
export class InlineContinuation {
  readonly writer: StreamWriter;
  readonly #intake: EntryIntake;
  /** Entries handed over, which the writer counts as accepted once more. */
  #handedOver = 0;

  /** @param intake - of the stream so far: its numbers go on. */
  constructor(writer: StreamWriter, intake: EntryIntake) {
    this.writer = writer;
    this.#intake = intake;
    writer.start.setSource(intake.queue.source);
  }

  /** The writer's status, without what was counted before. */
  status(): WriterStatus {
    const status = this.writer.status();
    return { ...status, accepted: status.accepted - this.#handedOver };
  }

  /** The worker had not opened the files: numbers are final once that is done here. @param usedSeq - given out before. */
  begin(usedSeq: number): void {
    if (usedSeq > 0) this.writer.start.beginAbove({ lastSeq: usedSeq, source: this.#intake.queue.source });
    this.#intake.continueAfter(this.writer.open() ?? 0);
  }

  /** Takes over what waits in a stream whose files the worker had not opened. */
  takeQueue(): void {
    const { lines, entries } = this.#take();
    this.#handedOver += entries;
    this.writer.writeLines(lines, entries);
  }

  /**
   * Takes over what waits. The first of it may stand in the files, because the worker has not told so.
   *
   * @param lost - entries that were in the worker's memory alone.
   * @param untold - entries lost before, of which the gap records were.
   */
  continueQueue(lost: number, untold: number): void {
    const { queue } = this.#intake;
    const lastSeq = (queue.firstSeq ?? this.#intake.lastSeq + 1) - 1;
    const { lines, entries } = this.#take();
    this.#handedOver += entries + lost;
    this.writer.continueStream(lines, entries, { entries: lost, untold, lastSeq });
  }

  #take(): { readonly lines: Uint8Array; readonly entries: number } {
    const { queue } = this.#intake;
    queue.detachEncoding();
    this.#intake.tellGap();
    const taken = { lines: Buffer.from(queue.view()), entries: queue.entriesIn(queue.length) };
    this.writer.start.adopt(this.#intake.lastSeq);
    queue.clear();
    return taken;
  }
}
