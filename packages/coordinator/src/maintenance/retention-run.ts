import * as path from "node:path";
import { archivePlaceOf, archiveSegment, recordRemoval } from "@waybill/archive";
import type { Segment, TreeLedger } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem } from "@waybill/protocols";
import {
  type ArchivedCopy,
  applyRetention,
  type CorrelationSearch,
  type LevelSearch,
  listHolds,
  type PlanRetentionOptions,
  planRetentionInSlices,
  type RetainedSegment,
  type RetentionOutcome,
  type RetentionPlan,
  type RetentionPolicy,
  type RetentionPorts,
  type RetentionStep,
} from "@waybill/retention";
import type { SpaceBudget, WriterPool } from "@waybill/writers";
import { activeFileOf } from "./active-file-of.ts";
import type { CompressingSegments } from "./compressing-segments.ts";
import type { ReportTally } from "./maintenance-report.ts";
import type { OthersInTree } from "./others-in-tree.ts";
import type { SizeLimits } from "./retention-policy.ts";
import type { SegmentKnowledge, SegmentLookup } from "./segment-knowledge.ts";
import type { DeviceRoom, SpaceKeeper } from "./space-keeper.ts";

/** Seals make the next plan delete; each round halves at least what is in the way, so few suffice. */
const roundsMax = 8;

/** The lists of deletions take at most about twice this share of the total. */
const manifestShare = 0.01;
const manifestBytesRange = [65_536, 16_777_216] as const;

/** More than the list of deletions grows by one, and how many are noted before the first of them is carried out. */
const notedBytes = 1024;
const notedAhead = 128;

/** Reasons that will still hold at the next plan. */
const lastingSkips: ReadonlySet<string> = new Set(["foreign", "link", "mount_point"]);

/** Which containers there are, for what becomes of those that are gone. */
export interface ContainerRoll {
  /** Undefined = unknown: nothing is done about containers that are gone. */
  registered(): ReadonlySet<string> | undefined;
  /** When containers were unregistered, milliseconds since the epoch, by id. */
  unregistered(): ReadonlyMap<string, number>;
  /** Type of a container by its id. */
  typeOf(container: string): string | undefined;
}

/** What retention works with in a tree that this process writes. */
export interface RetentionRunParts {
  readonly ledger: TreeLedger;
  readonly keeper: SpaceKeeper;
  readonly space: SpaceBudget;
  readonly pool: Pick<WriterPool, "streams" | "seal">;
  readonly knowledge: SegmentKnowledge;
  readonly levels: LevelSearch;
  readonly correlations: CorrelationSearch;
  readonly compressing: CompressingSegments;
  readonly containers: ContainerRoll;
  readonly others: OthersInTree;
  readonly clock: Clock;
  /** Undefined = that of this machine, whose slow calls then run beside the event loop. */
  readonly fileSystem?: FileSystem | undefined;
}

/** What a plan is made by. */
export interface PlanTerms {
  readonly limits: SizeLimits;
  readonly policy: RetentionPolicy;
  /** Ends it before its next step. */
  readonly signal: AbortSignal;
}

/** What holds during one run. */
export interface RetentionTerms extends PlanTerms {
  /** Ends archiving before its next step, for room is needed at once. */
  readonly urgent: AbortSignal;
  /** Told of each plan before it is carried out. */
  readonly onPlan: (plan: RetentionPlan) => void;
}

/** Decides and does; the plan can be had without the deed. */
export interface RetentionRun {
  /** Does nothing, and lets nobody write more or less. */
  plan(terms: PlanTerms, options?: PlanRetentionOptions): Promise<RetentionPlan>;
  /** Plans and applies, again while that makes room that is missing. @returns the last plan. */
  perform(terms: RetentionTerms, tally: ReportTally): Promise<RetentionPlan>;
  /** Tries again what could not be touched before. */
  forgetRefusals(): void;
}

/** @param parts - see {@link RetentionRunParts}. */
export function createRetentionRun(parts: RetentionRunParts): RetentionRun {
  const { ledger, keeper, space, pool, knowledge, levels, correlations, compressing, containers, others } =
    parts;
  const { clock, fileSystem: disk = nodeFileSystem } = parts;
  const { layout } = ledger;
  /** Files that could not be deleted or sealed, and why: planning with them would free nothing again and again. */
  const refusals = new Map<string, string>();
  /** Those that could not be archived. They can be deleted all the same: on a full disk just that makes room. */
  const unarchivable = new Set<string>();
  const files = parts.fileSystem === undefined ? {} : { fileSystem: parts.fileSystem };

  /** @param room - what the disk has. */
  async function planWith(
    room: DeviceRoom | undefined,
    { limits, policy, signal }: PlanTerms,
    options: PlanRetentionOptions = {},
  ): Promise<RetentionPlan> {
    const nowMs = clock.now();
    const { bytes, stateBytes } = ledger.totals;
    const known = await knowledge.complete(await ledger.segmentsInSlices(), lookup(), signal);
    const holds = listHolds(layout.root, files);
    const searched = await correlations.search(known, holds, signal);
    const segments = await levels.search(searched, policy, nowMs, signal);
    const registered = containers.registered();
    const listed = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const state = {
      nowMs,
      segments,
      // What grew since counts as well.
      otherBytes: Math.max(stateBytes, bytes - listed),
      freeBytes: room?.freeBytes,
      capacityBytes: room?.capacityBytes,
      holds,
      registered: registered && (await others.withTheirs(registered, segments, signal)),
      unregistered: containers.unregistered(),
    };
    // Archiving takes room before it makes some: when room is needed, it is not counted on.
    const isShort = bytes > limits.roomFromBytes;
    const terms = isShort ? { ...policy, archivedPercent: 100 } : policy;
    return planRetentionInSlices(state, terms, { ...options, signal });
  }

  function lookup(): SegmentLookup {
    const written = new Map(pool.streams().map(({ path, lastWriteMs }) => [path, lastWriteMs]));
    return {
      lastWriteMs: (file) => written.get(file),
      typeOf: containers.typeOf,
      refusalOf(segment) {
        if (isBeingMade(segment)) return "its writer is making it";
        const isOthers = segment.state === "active" && !written.has(segment.path);
        return refusals.get(segment.path) ?? (isOthers ? others.refusalOf(segment) : undefined);
      },
    };
  }

  /** The time of a temporary file is that of the disk, and may be far from that of the clock. */
  function isBeingMade({ state, path: file }: Segment): boolean {
    return state === "temporary" && compressing.has(file.replace(/\.gz\.part$/, ""));
  }

  /** Room first; archiving takes long, and takes room before it makes some. */
  async function apply(current: RetentionPlan, terms: RetentionTerms, tally: ReportTally): Promise<number> {
    const { signal, urgent } = terms;
    const first = current.steps.filter(({ action }) => action !== "archive");
    const deletions = first.filter(({ action }) => action === "delete").length;
    space.add(-notedBytes * Math.min(notedAhead, deletions));
    const outcome = await applyRetention(layout.root, { ...current, steps: first }, ports, {
      signal,
      manifestBytesMax: manifestBytesOf(terms.limits),
    });
    await note(first, outcome);
    await keeper.refresh();
    tally.add(outcome);
    const later = current.steps.filter(({ action }) => action === "archive");
    const ready = later.filter(isReady);
    tally.postpone(later.length - ready.length);
    if (urgent.aborted) tally.postpone(ready.length);
    else if (ready.length > 0) await archiveAll({ ...current, steps: ready }, terms, tally);
    return outcome.sealed;
  }

  /** The writer is not at it, it did not fail before, and there is room for a copy while the source stands. */
  function isReady({ segment }: RetentionStep): boolean {
    if (unarchivable.has(segment.path)) return false;
    return !compressing.has(segment.path) && segment.bytes <= space.remainingBytes;
  }

  async function archiveAll(plan: RetentionPlan, terms: RetentionTerms, tally: ReportTally): Promise<void> {
    const signal = AbortSignal.any([terms.signal, terms.urgent]);
    const outcome = await applyRetention(layout.root, plan, ports, { signal });
    await note(plan.steps, outcome);
    // What was noted of a thousand archived files takes some hundred KiB.
    await keeper.refresh();
    tally.add(outcome);
    tally.postpone(outcome.unreached);
  }

  /** Tells the ledger what became of the files, and the archive which of its own are gone. */
  async function note(steps: readonly RetentionStep[], outcome: RetentionOutcome): Promise<void> {
    for (const skip of outcome.skips) if (lastingSkips.has(skip.reason)) refusals.set(skip.path, skip.reason);
    for (const { action, path: file, code, message } of outcome.errors) {
      if (action === "archive") unarchivable.add(file);
      else refusals.set(file, code || message);
    }
    for (const { segment } of steps) ledger.note(segment.path);
    const removed = steps
      .filter(({ action, segment }) => action === "delete" && segment.state === "archived")
      .map(({ segment }) => segment.path)
      .filter((file) => disk.lstat(file) === undefined);
    // On a full disk it fails; the next start makes up for it.
    await recordRemoval(removed, { layout, clock, ...files }).catch(() => undefined);
    noteOwnState(steps);
  }

  /** What is noted of a run takes room too: a thousand deletions some hundred KiB. */
  function noteOwnState(steps: readonly RetentionStep[]): void {
    for (const { raisesFloor, segment } of steps)
      if (raisesFloor) ledger.note(layout.floorFile(activeFileOf(segment.path)));
    for (const { name } of listQuietly(disk, layout.manifests))
      ledger.note(path.join(layout.manifests, name));
  }

  async function archive(segment: RetainedSegment, signal: AbortSignal | undefined): Promise<ArchivedCopy> {
    // Both stand until the copy is verified.
    space.add(-segment.bytes);
    let freed = 0;
    try {
      const options = signal === undefined ? {} : { signal };
      const copy = await archiveSegment(segment, { layout, clock, ...files }, options);
      knowledge.noteArchived(copy);
      freed = segment.bytes - copy.bytes;
      return copy;
    } finally {
      ledger.note(segment.path);
      // One that failed at its end has left a copy beside the source.
      const place = archivePlaceOf(segment, layout);
      if (place !== undefined) ledger.note(place);
      space.add(segment.bytes + freed);
    }
  }

  const ports: RetentionPorts = {
    seal: (segment) => pool.seal(segment.path),
    archive,
    // Who waits for room goes on at once; the refresh after the run sets it right to the byte.
    onFreed: (bytes) => space.add(Math.max(0, bytes - notedBytes)),
    clock,
    ...files,
  };

  return {
    plan: async (terms, options) => planWith(await keeper.look(), terms, options),
    forgetRefusals() {
      refusals.clear();
      unarchivable.clear();
    },
    async perform(terms, tally) {
      for (let round = 1; ; round++) {
        tally.beginRound();
        const current = await planWith(await keeper.refresh(), terms);
        terms.onPlan(current);
        const sealed = await apply(current, terms, tally);
        const isOpen = current.unmet.length > 0 && sealed > 0;
        if (!isOpen || round === roundsMax || terms.signal.aborted) return current;
      }
    },
  };
}

function listQuietly(disk: FileSystem, directory: string): ReturnType<FileSystem["readdir"]> {
  try {
    return disk.readdir(directory);
  } catch {
    // The next rescan counts what lies there.
    return [];
  }
}

function manifestBytesOf({ maxTotalBytes }: SizeLimits): number {
  const [least, most] = manifestBytesRange;
  return Math.max(least, Math.min(most, maxTotalBytes * manifestShare));
}
