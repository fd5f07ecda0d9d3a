import type { EntryEncoder } from "@waybill/log-tree";
import type { Clock, EntryInput, Level } from "@waybill/protocols";
import { EntryQueue } from "./entry-queue.ts";
import { type Gap, type GapReason, mergeGaps, shiftGap } from "./gap-entry.ts";

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
  /** Entries lost without a place in the queue, until the next entry or flush can tell. */
  #untold: Gap | undefined;
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

  /** @returns the number of the entry; 0 when it was lost; undefined when it waits behind one being encoded. */
  take(entry: EntryInput): number | undefined {
    this.queue.source ??= entry.source;
    this.accepted++;
    if (this.queue.encoding > 0) return this.#takeNested(entry);
    if (this.#untold !== undefined) this.tellGap();
    const seq = ++this.lastSeq;
    try {
      this.queue.encode(entry, seq);
      return seq;
    } catch (error) {
      // The encoder is built not to throw; what remains is a caller at the end of the stack or of memory, and the
      // logging path must not be where it falls over.
      this.#onFailure(error);
      this.noteLost(entry.level, "unencodable", seq);
      return 0;
    }
  }

  /** A getter or `toJSON` of the entry that is being encoded has logged to this stream: its entries follow that one. */
  #takeNested(entry: EntryInput): number | undefined {
    if (this.queue.encodeAside(entry, this.lastSeq + 1)) {
      this.lastSeq++;
      return undefined;
    }
    this.noteLost(entry.level, "reentrant", 0);
    return 0;
  }

  /** Counts one entry as lost, to be told by a gap record. @param seq - its number; 0 when it never had one. */
  noteLost(level: Level | undefined, reason: GapReason, seq: number): void {
    this.dropped++;
    const byLevel = level === undefined ? {} : { [level]: 1 };
    this.noteGap({ dropped: 1, byLevel, fromSeq: seq, toSeq: seq, reason });
  }

  /** Has a gap told behind the entries in the queue. */
  noteGap(gap: Gap): void {
    this.#untold = this.#untold === undefined ? gap : mergeGaps(this.#untold, gap);
  }

  /** Puts the losses that have no place in the queue behind it, under a number of their own. */
  tellGap(): void {
    if (this.#untold === undefined || this.queue.encoding > 0) return;
    try {
      this.queue.appendGap(this.#untold, this.lastSeq + 1);
      this.lastSeq++;
      this.#untold = undefined;
    } catch {
      // Still at the end of the stack: the next entry tells.
    }
  }

  /** The stream turned out to have entries up to `lastSeq`: all numbers given out so far rise. */
  continueAfter(lastSeq: number): void {
    if (lastSeq === 0) return;
    if (this.lastSeq > 0) {
      this.queue.renumber(lastSeq);
      this.#untold &&= shiftGap(this.#untold, lastSeq);
    }
    this.lastSeq += lastSeq;
  }
}
