import { ByteBuffer, createEntryEncoder, type EncodingLimits } from "@waybill/log-tree";
import type { EntryInput } from "@waybill/protocols";

/** A buffer that one large entry has grown is given back. */
const keptBufferBytesMax = 65_536;

/** Entries that are being encoded at once: each but the first is logged by a getter or `toJSON` of the one before. */
const nestedMax = 8;

/** Any `seq` will do: the writer of the stream gives the real one. */
const noSeq = 1;

/** Makes an entry a text that no longer depends on the objects of the caller; `entryOfLine` is the way back. */
export class LineRecorder {
  readonly #encoder: ReturnType<typeof createEntryEncoder>;
  #buffer = new ByteBuffer();
  #nested = 0;

  /** @throws {RangeError} when a limit is no integer of its range. */
  constructor(limits: Partial<EncodingLimits>) {
    this.#encoder = createEntryEncoder(limits);
  }

  /**
   * @returns the bytes of the line, one per character, so that its length is the memory it takes; a small buffer would
   * keep the whole slab alive that it was cut from. Undefined when entries that log while they are encoded have come
   * too deep.
   */
  encode(entry: EntryInput): string | undefined {
    if (this.#nested === nestedMax) return undefined;
    const into = this.#nested === 0 ? this.#buffer : new ByteBuffer();
    this.#nested++;
    try {
      into.length = 0;
      this.#encoder.encode(into, entry, noSeq);
      return into.bytes.toString("latin1", 0, into.length);
    } finally {
      this.#nested--;
      if (this.#buffer.bytes.length > keptBufferBytesMax) this.#buffer = new ByteBuffer();
    }
  }
}
