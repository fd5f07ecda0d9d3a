const smallestCapacity = 256;

function wordsOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * A growing run of bytes that encoders append to and writers hand to the operating system.
 *
 * `bytes` and `words` are replaced when it grows: whoever keeps them in a local variable reads them again after
 * `reserve`.
 */
export class ByteBuffer {
  /** The bytes so far are `bytes[0 … length)`. */
  bytes: Buffer;
  /** The memory of {@link bytes}, for writing several bytes at once. */
  words: DataView;
  /** The length of {@link bytes}. V8 converts that of a typed array to a double and back wherever it is asked for. */
  #capacity: number;
  /** Bytes in use. The owner may set it back to forget a half-written tail. */
  length = 0;

  /** @param capacity - bytes to allocate at first. Default 256. */
  constructor(capacity: number = smallestCapacity) {
    this.#capacity = Math.max(capacity, smallestCapacity);
    this.bytes = Buffer.allocUnsafeSlow(this.#capacity);
    this.words = wordsOf(this.bytes);
  }

  /** Makes room for `count` more bytes; the capacity at least doubles when it grows. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.#capacity) this.#grow(needed);
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.#capacity * 2);
    const grown = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(grown, 0, 0, this.length);
    const words = wordsOf(grown);
    // All at once and last: memory or the stack may have come to their end before.
    this.#capacity = capacity;
    this.bytes = grown;
    this.words = words;
  }

  /** Appends bytes that are already encoded. */
  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** The bytes in use, as a view that is valid until the next change. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
