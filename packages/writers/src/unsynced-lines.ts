import { ByteBuffer, forEachLine, seqOfLine } from "@waybill/log-tree";
import type { Gap } from "@waybill/protocols";

/**
 * What was written and not yet synced, in order.
 *
 * After a failed fsync Linux may drop the dirty pages and report success the next time, so the bytes are kept until
 * they are known to be on the device; then alone they can be written once more, into a new segment.
 */
export class UnsyncedLines {
  #bytes = new ByteBuffer();
  #gaps = new Map<number, Gap>();

  get length(): number {
    return this.#bytes.length;
  }

  add(bytes: Uint8Array): void {
    this.#bytes.append(bytes);
  }

  /** Notes which of the lines are gap records. */
  addGaps(gaps: ReadonlyMap<number, Gap>): void {
    for (const [seq, gap] of gaps) this.#gaps.set(seq, gap);
  }

  /** Forgets all but the last `count` bytes, which begin with a line. */
  keepLast(count: number): void {
    const { bytes, length } = this.#bytes;
    const synced = length - count;
    if (synced <= 0) return;
    if (count === 0) {
      this.take();
      return;
    }
    forEachLine(bytes, 0, synced, (start, end) => {
      this.#gaps.delete(seqOfLine(bytes, start, end));
    });
    bytes.copyWithin(0, synced, length);
    this.#bytes.length = count;
  }

  /** Hands everything over. The last line may be cut. */
  take(): { readonly bytes: Uint8Array; readonly gaps: ReadonlyMap<number, Gap> } {
    const taken = { bytes: this.#bytes.view(), gaps: this.#gaps };
    this.#bytes = new ByteBuffer();
    this.#gaps = new Map();
    return taken;
  }
}
