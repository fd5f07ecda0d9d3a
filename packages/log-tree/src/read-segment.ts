import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { createDescriptorPool } from "./descriptor-pool.ts";
import { createEventLoopTurn } from "./event-loop-turn.ts";
import type { LineReaderTarget } from "./line-reader.ts";
import { createReadReport, type ReadReport } from "./read-report.ts";
import type { Segment } from "./segment.ts";
import { createSegmentCursor, type ReadEntry } from "./segment-cursor.ts";

/** Options of all readers. */
export interface ReadOptions {
  /**
   * Only lines with these bytes are parsed, which is much faster than parsing all. It is compared with the line as it
   * stands in the file, so a quote in it must be escaped as in JSON. Default: all lines.
   */
  readonly contains?: string;
  /** Bytes, integer ≥ 1. Longer lines are passed over and counted. Default 8 MiB. */
  readonly lineBytesMax?: number;
  /** Bytes read at once, integer ≥ 1. Default 256 KiB; `readEntries` takes less of each of many streams. */
  readonly chunkBytes?: number;
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
}

/** Entries, once: a second iteration finds nothing. Leaving the loop early closes what is open. */
export interface EntryReading extends AsyncIterable<ReadEntry> {
  /** A live view; final when the iteration has ended. */
  readonly report: ReadReport;
}

/**
 * Reads one segment, plain or `.gz`, up to its last complete line. An active one is read up to its size at opening,
 * and whole, though it is sealed meanwhile.
 *
 * Never throws for what is in the file, or for its absence: `report` says what could not be read. Holds one piece of
 * the file (256 KiB) and its longest line in memory.
 *
 * @param segment - as listed, or a path; a path that ends in `.gz` is uncompressed.
 */
export function readSegment(segment: Segment | string, options: ReadOptions = {}): EntryReading {
  const { report, add } = createReadReport();
  const entries = async function* (): AsyncGenerator<ReadEntry, void, undefined> {
    const pool = createDescriptorPool(options.fileSystem ?? nodeFileSystem, 1);
    const cursor = createSegmentCursor(targetOf(segment), pool, options);
    const turn = createEventLoopTurn();
    try {
      while (await cursor.load()) {
        for (let found = cursor.take(); found !== undefined; found = cursor.take()) yield found;
        await turn();
      }
    } finally {
      cursor.close();
      add(cursor.tally);
    }
  };
  const iterator = entries();
  return { report, [Symbol.asyncIterator]: () => iterator };
}

/** What a line reader has to know of a segment. */
export function targetOf(segment: Segment | string): LineReaderTarget {
  if (typeof segment === "string") {
    return { path: segment, compressed: segment.endsWith(".gz"), identity: undefined };
  }
  const { path, name, inode, device, bytes } = segment;
  return { path, compressed: name.compressed, identity: { inode, device, size: bytes } };
}
