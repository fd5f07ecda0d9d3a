import type { EntryEncoder } from "@waybill/log-tree";
import {
  type Clock,
  type EntryInput,
  type EntrySource,
  type Gap,
  type GapReason,
  type Level,
  severityOf,
} from "@waybill/protocols";
import { EntryQueue } from "./entry-queue.ts";
import { mergeGaps, shiftGap } from "./gaps.ts";

/** A gap that grows by assignments alone. */
interface LostHere extends Gap {
  dropped: number;
  readonly byLevel: Partial<Record<Level, number>>;
  fromSeq: number;
  toSeq: number;
}

/**
 * Where entries come in: numbers them, encodes them into the queue, and keeps account of what could not be encoded.
 */
export class EntryIntake {
  readonly queue: EntryQueue;
  /** `seq` of the last entry. */
  lastSeq = 0;
  /** Entries taken over, whatever became of them. */
  accepted = 0;
  /** Entries lost here: not encodable, or dropped from the queue. */
  dropped = 0;
  /** Of the last entry. */
  #severity = 0;
  /** Of the most severe entry that was taken while the last one was encoded; 0 when none was. */
  #nestedSeverity = 0;
  /** Entries lost without a place in the queue, until the next entry or flush can tell. */
  #untold: Gap | undefined;
  /** The same of entries that {@link take} lost, which has no calls to spare. */
  #lost: LostHere | undefined;
  readonly #onFailure: (error: unknown) => void;

  /** @param keepsUnsynced - see {@link EntryQueue}. @param onFailure - told what the encoder threw. */
  constructor(
    encoder: EntryEncoder,
    clock: Clock,
    keepsUnsynced: boolean,
    onFailure: (error: unknown) => void,
  ) {
    this.queue = new EntryQueue(encoder, clock, keepsUnsynced);
    this.#onFailure = onFailure;
  }

  /**
   * Takes an entry over, whatever it is. Never throws: what cannot be encoded, or finds the stack at its end, is
   * counted and told as lost.
   *
   * Once the entry is in the queue or has failed, nothing is called any more that the account depends on: a call may
   * throw at the end of the stack, and assignments cannot.
   *
   * @returns the number of the entry; 0 when it was lost; undefined when it waits behind one being encoded.
   */
  take(entry: EntryInput): number | undefined {
    this.accepted++;
    let level: Level | undefined;
    let severity: number | undefined;
    let seq = 0;
    let reason: GapReason = "unencodable";
    let failure: unknown;
    try {
      level = entry.level;
      severity = severityOf[level];
      this.queue.source ??= plainSourceOf(entry.source);
      if (this.queue.encoding === 0) {
        if (this.#untold !== undefined || this.#lost !== undefined) this.tellGap();
        seq = this.lastSeq + 1;
        this.lastSeq = seq;
        this.queue.encode(entry, seq);
        this.#severity = severity;
        return seq;
      }
      // A getter or `toJSON` of the entry that is being encoded has logged to this stream.
      if (this.queue.encodeAside(entry, this.lastSeq + 1)) {
        this.lastSeq++;
        if (severity > this.#nestedSeverity) this.#nestedSeverity = severity;
        return undefined;
      }
      reason = "reentrant";
    } catch (error) {
      // The encoder is built not to throw; what remains are entries that no type allows, and a caller at the end of the
      // stack or of memory.
      failure = error;
    }
    this.dropped++;
    this.#lost ??= { dropped: 0, byLevel: {}, fromSeq: 0, toSeq: 0, reason };
    this.#lost.dropped++;
    if (level !== undefined && typeof severity === "number") {
      this.#lost.byLevel[level] = (this.#lost.byLevel[level] ?? 0) + 1;
    }
    if (this.#lost.fromSeq === 0) this.#lost.fromSeq = seq;
    if (seq > 0) this.#lost.toSeq = seq;
    if (failure !== undefined) this.#report(failure);
    return 0;
  }

  #report(failure: unknown): void {
    try {
      this.#onFailure(failure);
    } catch {
      // Counted it is; there is no stack left to say why.
    }
  }

  /** The severity of an entry that was taken just now, with those that it logged while it was encoded. */
  takeSeverity(): number {
    const severity = Math.max(this.#severity, this.#nestedSeverity);
    this.#nestedSeverity = 0;
    return severity;
  }

  /**
   * Counts entries as lost that came before those in the queue, and has that told in their place.
   *
   * @param lastSeq - of the last entry before them, which is in the file.
   */
  noteLostBefore(lost: number, lastSeq: number, reason: GapReason): void {
    this.dropped += lost;
    const fromSeq = lastSeq + 1;
    const toSeq = (this.queue.firstSeq ?? this.lastSeq + 1) - 1;
    const gap = { dropped: lost, byLevel: {}, reason };
    if (toSeq < fromSeq) this.noteGap({ ...gap, fromSeq: 0, toSeq: 0 });
    else this.queue.prependGap({ ...gap, fromSeq, toSeq }, fromSeq);
  }

  /** Has a gap told behind the entries in the queue. */
  noteGap(gap: Gap): void {
    this.#untold = this.#untold === undefined ? gap : mergeGaps(this.#untold, gap);
  }

  /** Puts the losses that have no place in the queue behind it, under a number of their own. */
  tellGap(): void {
    try {
      this.queue.moveAside();
      this.#noteLost();
      if (this.#untold === undefined || this.queue.encoding > 0) return;
      this.queue.appendGap(this.#untold, this.lastSeq + 1);
      this.lastSeq++;
      this.#untold = undefined;
    } catch {
      // Still at the end of the stack: the next entry tells.
    }
  }

  #noteLost(): void {
    if (this.#lost === undefined) return;
    this.noteGap(this.#lost);
    this.#lost = undefined;
  }

  /** The stream turned out to have entries up to `lastSeq`: all numbers given out so far rise. */
  continueAfter(lastSeq: number): void {
    if (lastSeq === 0) return;
    this.#noteLost();
    if (this.lastSeq > 0) {
      this.queue.renumber(lastSeq);
      this.#untold &&= shiftGap(this.#untold, lastSeq);
    }
    this.lastSeq += lastSeq;
  }
}

/** The names in a source, for another thread: what else an application's object holds may not be fit to be sent. */
function plainSourceOf({ containerId, componentName }: EntrySource): EntrySource {
  return { containerId: `${containerId}`, componentName: `${componentName}` };
}
