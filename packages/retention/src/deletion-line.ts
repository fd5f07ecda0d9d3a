import { crc32 } from "node:zlib";
import type { RetentionCause } from "./retention-plan.ts";

/**
 * How far a deletion came.
 * - `intent`: on stable storage before the file is unlinked.
 * - `done`: the file is gone.
 * - `failed`: the file was left; also what recovery writes when it finds the file of an intent still there.
 */
export type DeletionPhase = "intent" | "done" | "failed";

/** One line of the manifest of deletions. */
export interface DeletionRecord {
  readonly phase: DeletionPhase;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Path below the root, with `/`. */
  readonly file: string;
  readonly stream: string;
  /** Of the segment. */
  readonly number: number | undefined;
  readonly bytes: number;
  /** `<device>:<inode>`, decimal: tells the file from a later one of the same name. */
  readonly identity: string;
  readonly cause: RetentionCause;
  readonly rule: string;
}

const ending = /,"crc":"([0-9a-f]{8})"\}$/;

/** The line of a record, with its `\n`. The checksum is over all before its own key. */
export function formatDeletionLine(record: DeletionRecord): string {
  const { phase, atMs, file, stream, number, bytes, identity, cause, rule } = record;
  const at = new Date(atMs).toISOString();
  const text = JSON.stringify({ phase, at, file, stream, number, bytes, identity, cause, rule }).slice(0, -1);
  return `${text},"crc":"${checksumOf(text)}"}\n`;
}

/** Reads a line without its `\n`. @returns undefined when it is damaged. */
export function parseDeletionLine(line: string): DeletionRecord | undefined {
  const match = ending.exec(line);
  if (match === null || checksumOf(line.slice(0, match.index)) !== match[1]) return undefined;
  try {
    // The checksum says that this package wrote it.
    const { at, ...record } = JSON.parse(line) as Omit<DeletionRecord, "atMs"> & { at: string; crc?: string };
    delete record.crc;
    return { ...record, number: record.number, atMs: Date.parse(at) };
  } catch {
    return undefined;
  }
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
