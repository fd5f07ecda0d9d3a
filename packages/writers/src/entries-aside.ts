import { ByteBuffer, type EntryEncoder } from "@waybill/log-tree";
import type { EntryInput } from "@waybill/protocols";

/** Bytes of what one entry may log while it is encoded. */
const bytesMax = 65_536;

/** What a getter or `toJSON` of an entry logs while that entry is encoded, until it can follow it. */
export class EntriesAside {
  readonly #encoder: EntryEncoder;
  #lines = new ByteBuffer();
  /** How many wait. Only changed here; a field, because a call may find the stack at its end. */
  count = 0;
  #isEncoding = false;

  constructor(encoder: EntryEncoder) {
    this.#encoder = encoder;
  }

  /** Whether an entry is being encoded here at this moment. */
  get isEncoding(): boolean {
    return this.#isEncoding;
  }

  /** @returns false when it was not taken: too many bytes, or logged while such an entry was encoded. */
  encode(entry: EntryInput, seq: number): boolean {
    const start = this.#lines.length;
    if (this.#isEncoding || start >= bytesMax) return false;
    this.#isEncoding = true;
    try {
      this.#encoder.encode(this.#lines, entry, seq);
      this.count++;
      return true;
    } catch {
      this.#lines.length = start;
      return false;
    } finally {
      this.#isEncoding = false;
    }
  }

  /** Moves all behind other lines, or none when it throws. @returns how many they were. */
  moveTo(lines: ByteBuffer): number {
    const { count } = this;
    const empty = new ByteBuffer();
    lines.append(this.#lines.view());
    this.#lines = empty;
    this.count = 0;
    return count;
  }

  clear(): void {
    this.#lines = new ByteBuffer();
    this.count = 0;
  }
}
