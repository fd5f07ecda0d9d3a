import type { ByteBuffer } from "./byte-buffer.ts";

/** Bytes of one word, the unit in which prepared text is copied. */
const wordBytes = 8;

/**
 * Text as it stands on disk, ready to be copied many times.
 *
 * It is kept as numbers of eight bytes, because V8 stores eight bytes as fast as one. For 12 bytes that takes a third
 * of the time of a loop over the bytes, and less than half of the call of `Uint8Array.prototype.set`, which is faster
 * only beyond 70 bytes (`benchmarks/src/encode-parts`).
 *
 * A number would change on the way if it were a NaN, but then its last byte would be `0x7f` or `0xff`. The text has
 * neither: DEL is escaped, and UTF-8 has no `0xff`.
 */
export class PreparedText {
  /** Bytes of the text; the last word may have some more. */
  readonly length: number;
  /** An array of doubles, not a `Float64Array`: V8 asks that at each access whether it is detached. */
  readonly words: readonly number[];

  /** @param bytes - copied; UTF-8 without DEL. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    const count = Math.ceil(bytes.length / wordBytes);
    const padded = Buffer.alloc(count * wordBytes);
    padded.set(bytes);
    this.words = Array.from({ length: count }, (_, index) => padded.readDoubleLE(index * wordBytes));
  }
}

/** Prepares text that is ASCII and needs no escape. */
export function prepareAscii(text: string): PreparedText {
  return new PreparedText(Buffer.from(text, "latin1"));
}

/** Appends a prepared text; some bytes behind it, which are not in use yet, are overwritten. */
export function appendPrepared(into: ByteBuffer, text: PreparedText): void {
  const { words } = text;
  const wordCount = words.length;
  into.reserve(wordCount * wordBytes);
  const target = into.words;
  let at = into.length;
  for (let index = 0; index < wordCount; index++) {
    target.setFloat64(at, words[index] as number, true);
    at += wordBytes;
  }
  into.length += text.length;
}
