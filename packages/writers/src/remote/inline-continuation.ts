import type { WriterStatus } from "@waybill/protocols";
import type { EntryIntake } from "../entry-intake.ts";
import { countLines } from "../lane/lines-behind.ts";
import type { AbandonedRequest } from "../lane/worker-lane.ts";
import type { StreamWriter } from "../stream-writer.ts";

/** How a stream goes on in the thread that logs, with what its worker has left undone. */
export class InlineContinuation {
  readonly writer: StreamWriter;
  readonly #intake: EntryIntake;
  /** Lines handed over, which the writer counts as accepted once more. */
  #handedOver = 0;

  /** @param intake - of the stream so far: its numbers go on. */
  constructor(writer: StreamWriter, intake: EntryIntake) {
    this.writer = writer;
    this.#intake = intake;
    writer.setSource(intake.queue.source);
  }

  /** The writer's status, without what was counted before. */
  status(): WriterStatus {
    const status = this.writer.status();
    return { ...status, accepted: status.accepted - this.#handedOver };
  }

  /** The worker had not opened the files: numbers are final once that is done here. */
  begin(): void {
    this.#intake.continueAfter(this.writer.open() ?? 0);
  }

  /** What the worker has not told to be written is, unless it stands in the file already. */
  continueLines(abandoned: readonly AbandonedRequest[]): void {
    const unfinished = abandoned.filter(({ kind }) => kind === "write").map(({ lines }) => lines);
    const lines = Buffer.concat(unfinished);
    const count = countLines(lines);
    this.#handedOver += count;
    this.writer.continueStream(lines, count);
  }

  /**
   * Takes over what waits.
   *
   * @param lost - entries that were in the worker's memory alone.
   * @returns gap records among it.
   */
  takeQueue(lost: number): number {
    const { queue } = this.#intake;
    queue.detachEncoding();
    if (lost > 0) {
      this.#intake.dropped += lost;
      this.#intake.noteGap({ dropped: lost, byLevel: {}, fromSeq: 0, toSeq: 0, reason: "worker" });
    }
    this.#intake.tellGap();
    const { lineCount, entries } = queue;
    this.writer.adopt(this.#intake.lastSeq);
    if (lineCount > 0) {
      this.#handedOver += lineCount;
      this.writer.writeLines(Buffer.from(queue.view()), lineCount);
    }
    queue.clear();
    return lineCount - entries;
  }
}
