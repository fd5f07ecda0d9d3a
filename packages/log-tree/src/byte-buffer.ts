const smallestCapacity = 256;

/**
 * A growing run of bytes that encoders append to and writers hand to the operating system.
 *
 * `bytes` is replaced when it grows: whoever keeps it in a local variable reads it again after `reserve`.
 */
export class ByteBuffer {
  /** The bytes so far are `bytes[0 … length)`. */
  bytes: Buffer;
  /** Bytes in use. The owner may set it back to forget a half-written tail. */
  length = 0;

  /** @param capacity - bytes to allocate at first. Default 256. */
  constructor(capacity: number = smallestCapacity) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(capacity, smallestCapacity));
  }

  /** Makes room for `count` more bytes; the capacity at least doubles when it grows. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
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
