import { formatCheckedLine, parseCheckedLine } from "@waybill/log-tree";
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

/** The line of a record, with its `\n`. */
export function formatDeletionLine(record: DeletionRecord): string {
  const { phase, atMs, file, stream, number, bytes, identity, cause, rule } = record;
  const at = new Date(atMs).toISOString();
  return `${formatCheckedLine({ phase, at, file, stream, number, bytes, identity, cause, rule })}\n`;
}

/** Reads a line without its `\n`. @returns undefined when it is damaged. */
export function parseDeletionLine(line: string): DeletionRecord | undefined {
  const fields = parseCheckedLine(line);
  if (fields === undefined) return undefined;
  // The checksum says that this package wrote it.
  const { at, ...record } = fields as Omit<DeletionRecord, "atMs"> & { readonly at: string };
  return { ...record, number: record.number, atMs: Date.parse(at) };
}
