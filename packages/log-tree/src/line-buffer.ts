/** Complete lines in a piece of a file. Valid until the next piece is asked for: the bytes are used again. */
export interface LineBatch {
  readonly bytes: Buffer;
  /** Position of `bytes[0]` in the (uncompressed) file. */
  readonly offset: number;
  /** Start and end of each line in `bytes`, one pair after the other, without the `\n`. */
  readonly ranges: readonly number[];
}

/** Cuts a flow of bytes into lines. */
export interface LineBuffer {
  /** Free space, at least one byte. What is written there counts once {@link accept} is told. */
  space(): Buffer;
  /** Takes the first `length` bytes of the last {@link space}. @returns the lines that are now complete. */
  accept(length: number): LineBatch;
  /** Lines that were over the limit and passed over, so far. */
  readonly oversizedLines: number;
  /** Bytes behind the last `\n`: a torn line. */
  readonly tornBytes: number;
}

/** Limits of {@link createLineBuffer}. */
export interface LineBufferOptions {
  /** Bytes, integer ≥ 1. A longer line is passed over and counted. Default 8 MiB. */
  readonly lineBytesMax?: number;
  /** Bytes, integer ≥ 1, that the buffer starts with; it grows for longer lines only. Default 256 KiB. */
  readonly chunkBytes?: number;
}

const newline = 10;

/**
 * Makes a buffer that takes bytes at its end and gives lines at its front, without copying lines: a torn end is moved
 * to the front when space is asked for. Never holds more than twice the longest allowed line plus a chunk.
 */
export function createLineBuffer(options: LineBufferOptions = {}): LineBuffer {
  const { lineBytesMax = 8 * 1024 * 1024, chunkBytes = 256 * 1024 } = options;
  let bytes = Buffer.allocUnsafeSlow(chunkBytes);
  /** `bytes[start, end)` is the unfinished line; `offset` is the position of `bytes[0]` in the file. */
  let start = 0;
  let end = 0;
  let offset = 0;
  /** Bytes of an over-long line that were thrown away; 0 when the unfinished line is whole. */
  let discarded = 0;
  let oversizedLines = 0;

  const space = (): Buffer => {
    if (start > 0) {
      bytes.copyWithin(0, start, end);
      offset += start;
      end -= start;
      start = 0;
    }
    if (end > lineBytesMax || discarded > 0) {
      if (discarded === 0) oversizedLines += 1;
      discarded += end;
      offset += end;
      end = 0;
    }
    if (end === bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(bytes.length * 2, lineBytesMax + chunkBytes));
      bytes.copy(larger, 0, 0, end);
      bytes = larger;
    }
    return bytes.subarray(end);
  };

  const accept = (length: number): LineBatch => {
    const ranges: number[] = [];
    const filled = end + length;
    let searchFrom = end;
    for (
      let at = indexOfNewline(bytes, searchFrom, filled);
      at >= 0;
      at = indexOfNewline(bytes, searchFrom, filled)
    ) {
      if (discarded > 0) discarded = 0;
      else if (at - start > lineBytesMax) oversizedLines += 1;
      else ranges.push(start, at);
      start = at + 1;
      searchFrom = start;
    }
    end = filled;
    return { bytes, offset, ranges };
  };

  return {
    space,
    accept,
    get oversizedLines() {
      return oversizedLines;
    },
    get tornBytes() {
      return discarded + end - start;
    },
  };
}

function indexOfNewline(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(newline, from);
  return at < to ? at : -1;
}
