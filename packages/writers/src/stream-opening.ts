import type { EntryIntake } from "./entry-intake.ts";
import { damageGap, type Gap } from "./gap-entry.ts";
import type { Damage } from "./segment-ports.ts";
import type { SegmentStream } from "./segment-stream.ts";

/** Who is told of an opened stream. */
export interface StreamOpeningPorts {
  readonly onOpened: (lastSeq: number) => void;
  /** Entries in the queue turned out to be written. */
  readonly onFound: (entries: number) => void;
  readonly onGap: (gap: Gap) => void;
}

/** Opens the files of a stream once, and fits the numbers of its queue to what they hold. */
export class StreamOpening {
  readonly #stream: SegmentStream;
  readonly #intake: EntryIntake;
  readonly #ports: StreamOpeningPorts;
  #isOpened = false;
  #isContinued = false;

  constructor(stream: SegmentStream, intake: EntryIntake, ports: StreamOpeningPorts) {
    this.#stream = stream;
    this.#intake = intake;
    this.#ports = ports;
  }

  get isOpened(): boolean {
    return this.#isOpened;
  }

  /** The numbers in the queue are final, and its first lines may stand in the file. */
  continueNumbers(): void {
    this.#isContinued = true;
  }

  /**
   * Entries that were encoded before, because opening has failed so far, get the numbers that they would have had.
   *
   * @throws what the file system throws.
   */
  open(): void {
    const { lastSeq, damage } = this.#stream.open();
    this.#isOpened = true;
    if (this.#isContinued) this.#continueBehind(lastSeq, damage);
    else this.#beginBehind(lastSeq, damage);
    this.#ports.onOpened(this.#intake.lastSeq);
  }

  #beginBehind(lastSeq: number, damage: Damage | undefined): void {
    this.#intake.continueAfter(lastSeq + (damage === undefined ? 0 : 1));
    if (damage !== undefined) this.#intake.queue.prependGap(damageGap(damage), lastSeq + 1);
  }

  /** A torn line is no damage then: it is the first in the queue. */
  #continueBehind(lastSeq: number, damage: Damage | undefined): void {
    this.#ports.onFound(this.#intake.queue.skipThrough(lastSeq));
    this.#intake.lastSeq = Math.max(this.#intake.lastSeq, lastSeq);
    if (damage !== undefined && damage.reason !== "torn") this.#ports.onGap(damageGap(damage));
  }
}
