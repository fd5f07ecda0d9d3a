import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Inventory, isLogFile, listSegments, readSegment, type Segment } from "@waybill/log-tree";
import type { Level } from "@waybill/protocols";
import { gapMessage } from "@waybill/writers";

/** What a child was told of one entry. */
export interface Acknowledged {
  readonly key: string;
  readonly run: number;
  readonly container: string;
  readonly n: number;
  readonly severity: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** The side file of children on one tree. */
export interface Acknowledgements {
  readonly accepted: readonly Acknowledged[];
  readonly refused: number;
  /** Keys behind a `flush()` that resolved. */
  readonly flushed: ReadonlySet<string>;
  /** Time of the last note of each run. */
  readonly lastMs: ReadonlyMap<number, number>;
}

const noteBytes = 32;
const keyOf = (run: number, container: string, n: number): string => `${run}:${container}:${n}`;

/** Reads side files; a note that a kill has cut is none. */
export function readAcknowledgements(...files: readonly string[]): Acknowledgements {
  const accepted: Acknowledged[] = [];
  const flushed = new Set<string>();
  const lastMs = new Map<number, number>();
  let refused = 0;
  for (const file of files) {
    const bytes = readFileSync(file);
    for (let at = 0; at + noteBytes <= bytes.length; at += noteBytes) {
      const run = bytes.readUInt32LE(at);
      const container = `c${bytes.readUInt32LE(at + 4)}`;
      const n = bytes.readUInt32LE(at + 8);
      const severity = bytes.readUInt32LE(at + 12);
      const atMs = bytes.readDoubleLE(at + 16);
      const kind = bytes.readUInt32LE(at + 24);
      lastMs.set(run, Math.max(atMs, lastMs.get(run) ?? 0));
      if (kind === 2)
        for (let behind = 0; behind < n; behind += 1) flushed.add(keyOf(run, container, behind));
      else if (kind === 1)
        accepted.push({ key: keyOf(run, container, n), run, container, n, severity, atMs });
      else refused += 1;
    }
  }
  return { accepted, refused, flushed, lastMs };
}

/** One entry as it was found. */
export interface FoundEntry {
  readonly key: string;
  readonly container: string;
  readonly level: Level;
  readonly seq: number;
  readonly timestampMs: number;
}

/** What lies in a tree, read by the family's own readers. */
export interface Found {
  /** By stream, in the order of its segments. */
  readonly streams: ReadonlyMap<string, readonly FoundEntry[]>;
  readonly keys: ReadonlyMap<string, number>;
  /** Entries that gap records tell as lost. */
  readonly told: number;
  /** Of every gap record, also of those that tell of bytes only. */
  readonly gapReasons: readonly string[];
  /** Gap records that tell of entries: each takes one of the numbers of what it tells. */
  readonly gaps: number;
  /** Lines that are no entries, torn bytes, cut or corrupt files; what a reader would stumble over. */
  readonly damage: readonly string[];
  /** Places where `seq` does not rise. */
  readonly inversions: number;
  /** Numbers that are missing within a stream. */
  readonly holes: number;
  readonly inventory: Inventory;
}

/** Reads every segment of a tree, and further files that an outsider moved out of it, in front of a stream. */
export async function readFound(root: string, moved: Readonly<Record<string, string>> = {}): Promise<Found> {
  const inventory = await listSegments(root);
  const streams = new Map<string, FoundEntry[]>();
  const keys = new Map<string, number>();
  const damage = inventory.problems.map(({ path, code }) => `${basename(path)}: ${code}`);
  const gapReasons: string[] = [];
  let told = 0;
  let gaps = 0;
  const readInto = async (stream: string, segment: Segment | string): Promise<void> => {
    const entries = streams.get(stream) ?? [];
    streams.set(stream, entries);
    const reading = readSegment(segment);
    for await (const { entry } of reading) {
      const { seq, level, timestampMs, containerId: container, context } = entry;
      const gap = context["gap"] as { dropped: number; reason: string } | undefined;
      const isGap = entry.message === gapMessage && gap !== undefined;
      const key = isGap ? "gap" : keyOf(Number(context["run"]), container, Number(context["n"]));
      entries.push({ key, container, level, seq, timestampMs });
      if (!isGap) keys.set(key, (keys.get(key) ?? 0) + 1);
      told += isGap ? gap.dropped : 0;
      gaps += isGap && gap.dropped > 0 ? 1 : 0;
      if (isGap) gapReasons.push(gap.reason);
    }
    for (const { file, code, count } of reading.report.problems) {
      damage.push(`${basename(file)}: ${code} ×${count}`);
    }
  };
  for (const [stream, file] of Object.entries(moved)) await readInto(stream, file);
  for (const segment of inventory.segments) {
    if (segment.shadowed || !isLogFile(segment)) continue;
    await readInto(segment.stream, segment);
  }
  let inversions = 0;
  let holes = 0;
  for (const entries of streams.values()) {
    for (const [at, { seq }] of entries.entries()) {
      const before = entries[at - 1]?.seq ?? seq - 1;
      if (seq <= before) inversions += 1;
      else holes += seq - before - 1;
    }
  }
  return { streams, keys, told, gapReasons, gaps, damage, inversions, holes, inventory };
}

/** Both sides of the conservation law. */
export interface Balance {
  readonly accepted: number;
  readonly found: number;
  /** Accepted and not found. */
  readonly lost: readonly Acknowledged[];
  /** Entries found twice or more. */
  readonly duplicates: number;
  /** Lost and told by nobody; below 0 what was told as lost and is there. */
  readonly unaccounted: number;
  readonly lostBehindFlush: number;
}

/**
 * Accepted = on disk + told as dropped.
 *
 * @param dropped - what `status()` told, where the writer was still alive to tell.
 */
export function balance(acks: Acknowledgements, found: Found, dropped = 0): Balance {
  const lost = acks.accepted.filter(({ key }) => !found.keys.has(key));
  return {
    accepted: acks.accepted.length,
    found: acks.accepted.length - lost.length,
    lost,
    duplicates: [...found.keys.values()].filter((count) => count > 1).length,
    unaccounted: lost.length + acks.refused - Math.max(found.told, dropped),
    lostBehindFlush: lost.filter(({ key }) => acks.flushed.has(key)).length,
  };
}

/** How far off the counters of a closed pool are that nothing but this tree was written by. */
export interface Miscount {
  readonly accepted: number;
  readonly written: number;
  readonly queued: number;
  readonly dropped: number;
}

/** Of a pool that has counted right. */
export const noMiscount: Miscount = { accepted: 0, written: 0, queued: 0, dropped: 0 };

/**
 * Compares what a closed pool has counted with what lies in the tree. Its own sum tells nothing: what a worker has not
 * written is computed from it.
 *
 * @param removed - entries that somebody has taken out of the tree.
 */
export function miscountOf(status: Miscount, acks: Acknowledgements, found: Found, removed = 0): Miscount {
  const entries = [...found.keys.values()].reduce((sum, count) => sum + count, 0);
  const missing = acks.accepted.filter(({ key }) => !found.keys.has(key)).length;
  return {
    accepted: status.accepted - acks.accepted.length - acks.refused,
    written: status.written - entries - removed,
    queued: status.queued,
    dropped: status.dropped - missing - acks.refused + removed,
  };
}
