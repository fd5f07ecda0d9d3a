import { join } from "node:path";
import {
  createTreeLayout,
  isLogFile,
  listSegments,
  readSegment,
  readStreamFloor,
  type Segment,
} from "@waybill/log-tree";
import { gapMessage, type LogEntry, nodeFileSystem } from "@waybill/protocols";
import { createDeletionWatch } from "./deletion-watch.ts";
import type { NumberSet } from "./number-set.ts";

/** What reading every line of a tree says about the entries that were accepted. */
export interface TreeAudit {
  readonly files: number;
  readonly lines: number;
  /** By the numbers of the lines: what streams have ever written. */
  readonly numbered: number;
  /** Of them, those that stood in segments which retention deleted, and told in its manifest. */
  readonly deleted: number;
  /** Of them, those that a gap record tells of. */
  readonly toldLost: number;
  /** Lines that are missing, damaged or stand twice, and what retention and gap records do not explain. */
  readonly faults: readonly string[];
}

interface Sums {
  lines: number;
  numbered: number;
  deleted: number;
  toldLost: number;
  readonly faults: string[];
}

const faultsMax = 20;

/**
 * Reads every line of every file of a tree, archived ones too, and accounts for each number: all lines of a stream are
 * numbered without a hole, so that a hole is a deleted segment, a gap that is told, or a loss. Of a stream whose older
 * segments were all deleted, the newest sealed one could be missing unnoticed: the manifest counts segments, not lines.
 *
 * @param deleted - which segments retention deleted, by stream. Default: as far back as its manifest goes.
 */
export async function auditTree(
  root: string,
  deleted: ReadonlyMap<string, NumberSet> = deletionsOf(root),
): Promise<TreeAudit> {
  const { segments, problems } = await listSegments(root);
  const readable = segments.filter((segment) => !segment.shadowed && isLogFile(segment));
  const sums: Sums = { lines: 0, numbered: 0, deleted: 0, toldLost: 0, faults: [] };
  for (const { path, code } of problems) fault(sums, `${path}: ${code}`);
  const filesOf = groupByStream(readable);
  const layout = createTreeLayout(root);
  for (const stream of new Set([...filesOf.keys(), ...deleted.keys()])) {
    const files = filesOf.get(stream) ?? [];
    const floorSeq = readStreamFloor(
      layout.floorFile(join(layout.root, `${stream}.log`)),
      nodeFileSystem,
    )?.seq;
    await auditStream({ files: files.toSorted(byNumber), deleted: deleted.get(stream), floorSeq }, sums);
  }
  return { files: readable.length, ...sums };
}

function groupByStream(segments: readonly Segment[]): ReadonlyMap<string, readonly Segment[]> {
  const groups = new Map<string, Segment[]>();
  for (const segment of segments) {
    const group = groups.get(segment.stream);
    if (group === undefined) groups.set(segment.stream, [segment]);
    else group.push(segment);
  }
  return groups;
}

/** The active segment has no number yet: it comes last. */
function numberOf({ name }: Segment): number {
  return name.seal?.number ?? Number.POSITIVE_INFINITY;
}

function byNumber(a: Segment, b: Segment): number {
  return numberOf(a) < numberOf(b) ? -1 : 1;
}

function deletionsOf(root: string): ReadonlyMap<string, NumberSet> {
  const watch = createDeletionWatch(root);
  watch.look(true);
  return watch.deleted;
}

/** A stream as it is found. */
interface FoundStream {
  /** From the oldest to the newest. */
  readonly files: readonly Segment[];
  /** Numbers of its segments that retention deleted. */
  readonly deleted: NumberSet | undefined;
  /** The last number that is taken though no file may show it any more. */
  readonly floorSeq: number | undefined;
}

async function auditStream({ files, deleted, floorSeq = 0 }: FoundStream, sums: Sums): Promise<void> {
  let last = { seq: 0, segment: 0 };
  for (const file of files) {
    const segment = file.name.seal?.number ?? Math.max(last.segment, deleted?.largest ?? 0) + 1;
    const wasDeleted = isCovered(last.segment + 1, segment - 1, deleted);
    const reading = readSegment(file);
    let isFirst = true;
    for await (const { entry } of reading) {
      sums.lines += 1;
      const missing = entry.seq - last.seq - 1;
      if (missing < 0) fault(sums, `${file.path}: ${entry.seq} follows ${last.seq}`);
      else if (missing > 0 && isFirst && wasDeleted) sums.deleted += missing;
      else if (missing > 0 && tellsOf(entry, last.seq + 1)) sums.toldLost += missing;
      else if (missing > 0) fault(sums, `${file.path}: ${missing} missing before ${entry.seq}`);
      last = { seq: Math.max(last.seq, entry.seq), segment: last.segment };
      isFirst = false;
    }
    for (const { code } of reading.report.problems) fault(sums, `${file.path}: ${code}`);
    last = { seq: last.seq, segment };
  }
  // The newest sealed segments may be gone, and nothing was written since.
  sums.deleted += Math.max(0, floorSeq - last.seq);
  sums.numbered += Math.max(floorSeq, last.seq);
}

/** Whether there is anything between two segments, and all of it was deleted. */
function isCovered(from: number, to: number, deleted: NumberSet | undefined): boolean {
  if (to < from) return false;
  for (let number = from; number <= to; number += 1) if (deleted?.has(number) !== true) return false;
  return true;
}

function tellsOf({ message, context }: LogEntry, seq: number): boolean {
  const gap = context["gap"];
  if (message !== gapMessage || typeof gap !== "object" || gap === null) return false;
  return "from_seq" in gap && "to_seq" in gap && Number(gap.from_seq) <= seq && seq <= Number(gap.to_seq);
}

function fault(sums: Sums, text: string): void {
  if (sums.faults.length < faultsMax) sums.faults.push(text);
}
