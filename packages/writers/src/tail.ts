import { parseEntry } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";

const newline = 0x0a;
const openingBrace = 0x7b;
const blockBytes = 65_536;
/** How far back to look for a whole entry. The longest line is 1 MiB; more damage than this is no torn tail. */
const searchedBytesMax = 8_388_608;

/** What the end of a file looks like. */
export interface Tail {
  /** Bytes up to the end of the last whole entry; what follows is torn or damaged. 0 when there is no entry. */
  readonly soundBytes: number;
  /** `seq` of the last whole entry; 0 when there is none. */
  readonly lastSeq: number;
  /**
   * Whether nothing within reach is an entry, and there are lines, or more bytes than a torn line has: not written by
   * us, or damaged beyond repair. Such a file must be kept whole.
   */
  readonly isForeign: boolean;
}

/**
 * Reads a file back from its end to the last line that is an entry.
 *
 * A line without `\n` is torn. A whole last line that is no entry is damage too: after power loss a file may end in
 * zero bytes.
 *
 * @throws what the file system throws.
 */
export function inspectTail(fileSystem: FileSystem, fd: number, size: number): Tail {
  const lowest = Math.max(0, size - searchedBytesMax);
  let from = size;
  let bytes = Buffer.alloc(0);
  while (from > lowest) {
    const step = Math.min(Math.max(blockBytes, bytes.length), from - lowest);
    const block = Buffer.alloc(step);
    readFully(fileSystem, fd, block, from - step);
    bytes = Buffer.concat([block, bytes]);
    from -= step;
    const tail = lastEntryIn(bytes, from);
    if (tail !== undefined) return tail;
  }
  return { soundBytes: 0, lastSeq: 0, isForeign: lowest > 0 || bytes.includes(newline) };
}

/**
 * The last whole entry in some bytes of a file.
 *
 * @param from - offset in the file of the first byte; unless 0, the first line may be half a line and is not judged.
 */
export function lastEntryIn(bytes: Buffer, from: number): Tail | undefined {
  let end = bytes.lastIndexOf(newline);
  while (end !== -1) {
    const before = end === 0 ? -1 : bytes.lastIndexOf(newline, end - 1);
    if (before === -1 && from > 0) return undefined;
    // Asked first: a large file of somebody else's lines would else take seconds.
    const isObject = bytes[before + 1] === openingBrace;
    const entry = isObject ? parseEntry(bytes.toString("utf8", before + 1, end)) : undefined;
    if (entry !== undefined) return { soundBytes: from + end + 1, lastSeq: entry.seq, isForeign: false };
    end = before;
  }
  return undefined;
}

/** Fills `into` from a position of a file. @returns bytes read; fewer only at the end of the file. */
export function readFully(fileSystem: FileSystem, fd: number, into: Buffer, position: number): number {
  let done = 0;
  while (done < into.length) {
    const count = fileSystem.read(fd, into, done, into.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}
