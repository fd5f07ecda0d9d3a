import type { Writer, WriterStatus } from "@waybill/protocols";
import type { ContainerQuota } from "./container-quota.ts";

/** How often a writer is asked at most. */
const lookEveryUs = 50_000;
/** The length of a line until the first ones are written: an entry with two or three fields. */
const firstGuessBytes = 256;

/** What a guess weighs against new lines: one gap record must not change it much. */
const inertLines = 8;

/**
 * Makes good in a quota what the lengths of lines, which are known only once they are written, differ from the guess:
 * a mean of those seen so far, in which later ones count more.
 */
export class SizeFeedback {
  readonly #writer: Writer;
  readonly #quota: ContainerQuota;
  #guessBytes = firstGuessBytes;
  /** None at first: what is seen then is better than any guess. */
  #inertLines = 0;
  #written: number;
  #bytesWritten: number;
  /** Bytes that the quota was charged with, of those that the writer has written or will write. */
  #chargedBytes: number;
  #lookUs: number;

  constructor(writer: Writer, quota: ContainerQuota) {
    const { written, queued, bytesWritten } = writer.status();
    this.#writer = writer;
    this.#quota = quota;
    this.#written = written;
    this.#bytesWritten = bytesWritten;
    this.#chargedBytes = bytesWritten + queued * firstGuessBytes;
    this.#lookUs = quota.clock.monotonicUs() + lookEveryUs;
  }

  /** The length that the next line will probably have. */
  get guessBytes(): number {
    return this.#guessBytes;
  }

  /** The quota was charged with one guess. */
  charged(): void {
    this.#chargedBytes += this.#guessBytes;
  }

  look(nowUs: number): void {
    if (nowUs < this.#lookUs) return;
    this.#lookUs = nowUs + lookEveryUs;
    try {
      this.#correct(this.#writer.status());
    } catch {
      // A writer that breaks its contract stays with the guess; a timer, which may be who asks, must not throw.
    }
  }

  #correct({ written, queued, bytesWritten }: WriterStatus): void {
    if (written > this.#written) {
      const lines = written - this.#written;
      const meanBytes = (bytesWritten - this.#bytesWritten) / lines;
      this.#guessBytes += ((meanBytes - this.#guessBytes) * lines) / (lines + this.#inertLines);
      this.#inertLines = inertLines;
      this.#written = written;
      this.#bytesWritten = bytesWritten;
    }
    const owedBytes = bytesWritten + queued * this.#guessBytes;
    this.#quota.correctBytes(owedBytes - this.#chargedBytes);
    this.#chargedBytes = owedBytes;
  }
}
