import type { EntryInput } from "@waybill/protocols";
import type { ByteBuffer } from "./byte-buffer.ts";

/** Bytes of the longest head that is kept. Longer ones have long messages, of which most of the time is the copying. */
const keptBytesMax = 1024;

/**
 * The head of the last line, that is everything before its `seq`, for the case that the next entry has the same: a
 * coordinator writes most entries a second time into `master.log`, and many a third time into `correlations/`, without
 * their context. To copy the head takes a fifth of the time of encoding it; to keep it is done only once such copies
 * have been seen, so that who writes none pays nothing (`benchmarks/src/write --fan-out`: 2.77 to 2.4 µs an entry).
 */
export class LineHead {
  #entry: EntryInput | undefined;
  readonly #bytes = Buffer.allocUnsafeSlow(keptBytesMax);
  /** Bytes kept; 0 when the head of the last line is not. */
  #length = 0;
  #areCopiesSeen = false;

  /** Appends the head of this entry, if it is that of the last. @returns whether it was. */
  appendIfSame(into: ByteBuffer, entry: EntryInput): boolean {
    if (this.#entry === undefined || !this.#isSame(this.#entry, entry)) return false;
    if (this.#length === 0) {
      this.#areCopiesSeen = true;
      return false;
    }
    into.reserve(this.#length);
    into.bytes.set(this.#bytes.subarray(0, this.#length), into.length);
    into.length += this.#length;
    return true;
  }

  #isSame(last: EntryInput, entry: EntryInput): boolean {
    try {
      return isSameHead(last, entry);
    } catch {
      // A proxy that was revoked since, or getters that throw: the last entry must not be in the way of the next.
      return false;
    }
  }

  /** Keeps the head of the entry that was just encoded from `start` on. */
  keep(from: ByteBuffer, start: number, entry: EntryInput): void {
    this.#entry = entry;
    this.#length = 0;
    const length = from.length - start;
    if (!this.#areCopiesSeen || length > keptBytesMax) return;
    this.#bytes.set(from.bytes.subarray(start, from.length));
    this.#length = length;
  }
}

/** Compares by identity where the logger passes on what it has, so that this costs a few nanoseconds. */
function isSameHead(a: EntryInput, b: EntryInput): boolean {
  return (
    a.source === b.source &&
    a.timestampMs === b.timestampMs &&
    a.message === b.message &&
    a.level === b.level &&
    a.correlationId === b.correlationId &&
    a.scope === b.scope &&
    a.eventId === b.eventId &&
    a.traceId === b.traceId &&
    a.spanId === b.spanId
  );
}
