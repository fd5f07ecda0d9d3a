import type { Gap } from "@waybill/protocols";
import type { EntryIntake } from "./entry-intake.ts";
import { damageGap } from "./gaps.ts";
import type { Damage } from "./segment-ports.ts";
import type { SegmentStream } from "./segment-stream.ts";

/** Entries that a worker had in its memory when it died. */
export interface LostEntries {
  readonly entries: number;
  /** Entries lost before, of which the gap records were in that memory too. */
  readonly untold: number;
  /** `seq` of the last entry that can be among them; those behind it wait. */
  readonly lastSeq: number;
}

/** Who is told of an opened stream. */
export interface StreamOpeningPorts {
  readonly onOpened: (lastSeq: number, activePath: string) => void;
  /** Entries in the queue turned out to be written. */
  readonly onFound: (entries: number) => void;
  readonly onGap: (gap: Gap) => void;
  /** What was in the files of a durable stream before could not be synced. */
  readonly onUnsynced: (error: unknown) => void;
}

/** Opens the files of a stream once, and fits the numbers of its queue to what they hold. */
export class StreamOpening {
  readonly #stream: SegmentStream;
  readonly #intake: EntryIntake;
  readonly #isDurable: boolean;
  readonly #ports: StreamOpeningPorts;
  #isOpened = false;
  #isContinued = false;
  #mayBeUnsynced = false;
  /** Numbers up to here are given out, whatever the files hold. */
  #usedSeq = 0;
  #lost: LostEntries | undefined;

  constructor(stream: SegmentStream, intake: EntryIntake, isDurable: boolean, ports: StreamOpeningPorts) {
    this.#stream = stream;
    this.#intake = intake;
    this.#isDurable = isDurable;
    this.#ports = ports;
  }

  get isOpened(): boolean {
    return this.#isOpened;
  }

  /** Whether another thread may have left something unsynced in the files. */
  get mayBeUnsynced(): boolean {
    return this.#mayBeUnsynced;
  }

  /**
   * The numbers in the queue are final, and its first lines may stand in the file.
   *
   * @param lost - to be told before them.
   */
  continueNumbers(lost: LostEntries | undefined): void {
    this.#isContinued = true;
    this.#lost = lost;
    this.noteUnsynced();
  }

  /** Another writer of this process has given numbers out up to `lastSeq`, and may not have synced all of it. */
  beginAbove(lastSeq: number): void {
    this.#usedSeq = lastSeq;
    this.noteUnsynced();
  }

  /** Another thread has written to the files, and may not have synced all of it. */
  noteUnsynced(): void {
    this.#mayBeUnsynced = true;
  }

  /**
   * Entries that were encoded before, because opening has failed so far, get the numbers that they would have had.
   *
   * @throws what the file system throws.
   */
  open(): void {
    const { lastSeq, damage } = this.#stream.open();
    this.#isOpened = true;
    if (this.#isDurable && this.#mayBeUnsynced) this.#syncFound();
    if (this.#isContinued) this.#continueBehind(lastSeq, damage);
    else this.#beginBehind(Math.max(lastSeq, this.#usedSeq), damage);
    this.#ports.onOpened(this.#intake.lastSeq, this.#stream.path.active);
  }

  #beginBehind(lastSeq: number, damage: Damage | undefined): void {
    this.#intake.continueAfter(lastSeq + (damage === undefined ? 0 : 1));
    if (damage !== undefined) this.#intake.queue.prependGap(damageGap(damage), lastSeq + 1);
  }

  /** A torn line is no damage then: it is the first in the queue. */
  #continueBehind(lastSeq: number, damage: Damage | undefined): void {
    this.#ports.onFound(this.#intake.queue.skipThrough(lastSeq));
    this.#intake.lastSeq = Math.max(this.#intake.lastSeq, lastSeq);
    if (this.#lost !== undefined) this.#tellLost(this.#lost, lastSeq);
    if (damage !== undefined && damage.reason !== "torn") this.#ports.onGap(damageGap(damage));
  }

  /** From here on what is found counts as synced, and a segment that is full already would be sealed without an fsync. */
  #syncFound(): void {
    try {
      this.#stream.sync();
    } catch (error) {
      // Nothing was written since, so there is nothing to be written again.
      this.#stream.leaveSuspect();
      this.#ports.onUnsynced(error);
    }
  }

  /** The worker may have written some of what it had after it last said so: no more is lost than numbers are missing. */
  #tellLost({ entries, untold, lastSeq: toSeq }: LostEntries, lastSeq: number): void {
    this.#lost = undefined;
    const missing = Math.max(0, toSeq - lastSeq);
    const found = Math.max(0, entries - missing);
    this.#intake.dropped -= found;
    this.#ports.onFound(found);
    const dropped = entries - found + untold;
    if (missing === 0 || dropped === 0) return;
    const fromSeq = lastSeq + 1;
    this.#intake.queue.prependGap({ dropped, byLevel: {}, fromSeq, toSeq, reason: "worker" }, fromSeq);
  }
}
