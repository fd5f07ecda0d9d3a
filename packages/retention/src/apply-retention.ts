import * as path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createEventLoopTurn, type SegmentState } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem, systemClock } from "@waybill/protocols";
import { deleteBatch, removeContainerDirectory, settleDirectories } from "./delete-batch.ts";
import { createDeletionManifest } from "./deletion-manifest.ts";
import { type HoldLookup, lookUpHolds } from "./hold.ts";
import { readHolds } from "./hold-files.ts";
import { keepSequence } from "./keep-sequence.ts";
import { readMountPoints } from "./mount-points.ts";
import { createOutcomeTally, type OutcomeTally, type RetentionOutcome } from "./retention-outcome.ts";
import type { RetentionPlan, RetentionStep } from "./retention-plan.ts";
import type { RetainedSegment } from "./retention-state.ts";
import { openTreeGuard, type SkipReason, type TreeGuard } from "./tree-guard.ts";

/** Deletions that share one fsync of their intents. Few large ones, for unlinking takes milliseconds then. */
const batchMax = 128;
const batchBytesMax = 67_108_864;

const deletable: readonly SegmentState[] = ["sealed", "archived", "aside", "temporary"];

/** What an archiver tells of a segment. */
export interface ArchivedCopy {
  /** Absolute. */
  readonly path: string;
  /** Bytes on disk. */
  readonly bytes: number;
}

/** Who does what this package does not do itself, and what it asks before each step. */
export interface RetentionPorts {
  /**
   * Has the writer of the stream seal its active segment. Rejects when that fails. Without it seals are skipped.
   */
  seal?(segment: RetainedSegment, signal: AbortSignal | undefined): Promise<void>;
  /**
   * Compresses a sealed segment into `archived/` and removes the source, once the copy is verified. Rejects when that
   * fails, and then the source is still there. Without it archiving is skipped.
   */
  archive?(segment: RetainedSegment, signal: AbortSignal | undefined): Promise<ArchivedCopy>;
  /** Told of the bytes that a deletion has freed, at once: whoever waits for room need not wait for all of the plan. */
  onFreed?(bytes: number): void;
  /** Whether a writer or archiver has the file open now. Default: as the plan says. */
  isLive?(segment: RetainedSegment): boolean;
  /** Absolute paths that are never entered. Default: those that Linux tells; elsewhere none. */
  mountPoints?(root: string): readonly string[];
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
  /** Default: that of this process. */
  readonly clock?: Clock;
}

/** Options of {@link applyRetention}. */
export interface ApplyRetentionOptions {
  /** Ends the run before its next step; what was done is told. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Bytes of `deletions.ndjson` from which on a run begins a new one; it and the one before it count to the tree.
   * Default 16 MiB, about 25,000 deletions.
   */
  readonly manifestBytesMax?: number | undefined;
}

interface Run {
  readonly guard: TreeGuard;
  readonly ports: RetentionPorts;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly tally: OutcomeTally;
  readonly signal: AbortSignal | undefined;
  readonly manifestBytesMax: number | undefined;
}

/**
 * Carries out a plan, step by step, in its order.
 *
 * Before each step it looks again: the file must still be the planned one (path, inode, size), below real directories
 * on the disk of the tree, not open in a writer, and not held now. What is not is skipped and told. A step that fails
 * does not stop the others. Applying a plan twice deletes nothing more; killed anywhere, every segment is either whole
 * or gone, and `.waybill/manifests/deletions.ndjson` says which after the next run.
 *
 * Lets the event loop turn every few milliseconds.
 *
 * @param root - directory of the tree that the plan is about.
 * @throws {WaybillError} `WAYBILL_TREE_NOT_FOUND` when it has no `.waybill/tree.json` or is a link: nothing is deleted
 *   there. `WAYBILL_TREE_FORMAT_UNKNOWN` for a tree of another version.
 */
export async function applyRetention(
  root: string,
  plan: RetentionPlan,
  ports: RetentionPorts = {},
  { signal, manifestBytesMax }: ApplyRetentionOptions = {},
): Promise<RetentionOutcome> {
  const { fileSystem = nodeFileSystem, clock = systemClock } = ports;
  const guard = openTreeGuard(root, fileSystem, (ports.mountPoints ?? readMountPoints)(path.resolve(root)));
  const tally = createOutcomeTally();
  const run: Run = { guard, ports, fileSystem, clock, tally, signal, manifestBytesMax };
  const deletions = plan.steps.filter(({ action }) => action === "delete");
  const others = plan.steps.filter(({ action }) => action !== "delete");
  let reached = await applyDeletions(deletions, run);
  for (const step of others) {
    if (signal?.aborted === true) break;
    reached += 1;
    await applyOther(step, run);
  }
  tally.addUnreached(plan.steps.length - reached);
  return tally.outcome;
}

/** @returns steps reached. */
async function applyDeletions(steps: readonly RetentionStep[], run: Run): Promise<number> {
  const { guard, fileSystem, clock, tally } = run;
  let reached = 0;
  const manifest = createDeletionManifest(guard.layout, fileSystem, clock, run.manifestBytesMax);
  const onFreed = (bytes: number): void => run.ports.onFreed?.(bytes);
  const shared = { guard, manifest, fileSystem, clock, tally, directories: new Map(), onFreed };
  try {
    manifest.recover();
    for (const batch of batchesOf(steps)) {
      if (run.signal?.aborted === true) break;
      const ready = await keepSequences(batch, run);
      await deleteBatch(ready, { ...shared, refusalOf: refusals(run) });
      reached += batch.length;
      await nextTurn();
    }
    await settleDirectories({ ...shared, refusalOf: refusals(run) });
  } finally {
    manifest.close();
  }
  return reached;
}

/** @returns the steps that may go on: of the others the sequence could not be kept. */
async function keepSequences(steps: readonly RetentionStep[], run: Run): Promise<RetentionStep[]> {
  const ready: RetentionStep[] = [];
  const refusalOf = refusals(run);
  const turn = createEventLoopTurn();
  for (const step of steps) {
    // Each floor that is raised waits for the disk.
    await turn();
    const { action, segment } = step;
    try {
      if (step.raisesFloor && refusalOf(step) === undefined) {
        await keepSequence(segment, run.guard.layout, run.fileSystem);
      }
      ready.push(step);
    } catch (error) {
      run.tally.fail(action, segment.path, error);
    }
  }
  return ready;
}

function* batchesOf(steps: readonly RetentionStep[]): Generator<readonly RetentionStep[]> {
  let batch: RetentionStep[] = [];
  let bytes = 0;
  for (const step of steps) {
    batch.push(step);
    bytes += step.segment.bytes;
    if (batch.length < batchMax && bytes < batchBytesMax) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

async function applyOther({ action, cause, segment, raisesFloor }: RetentionStep, run: Run): Promise<void> {
  const { ports, tally, signal } = run;
  try {
    if (action === "seal") {
      const refusal = ports.seal === undefined ? "no_port" : run.guard.refusalOf(segment, ["active"]);
      if (refusal !== undefined) return tally.skip(action, segment.path, refusal);
      await ports.seal?.(segment, signal);
      return tally.count(action, 0);
    }
    const refusal = ports.archive === undefined ? "no_port" : refusals(run)({ action, segment });
    if (refusal !== undefined) return tally.skip(action, segment.path, refusal);
    if (raisesFloor) await keepSequence(segment, run.guard.layout, run.fileSystem);
    const copy = await ports.archive?.(segment, signal);
    if (cause === "unregistered")
      removeContainerDirectory(path.dirname(segment.path), run.guard.layout, run.fileSystem);
    return tally.count("archive", segment.bytes - (copy?.bytes ?? 0));
  } catch (error) {
    // Cut off, and not failed: the next run does it.
    if (signal?.aborted === true) return tally.addUnreached(1);
    return tally.fail(action, segment.path, error);
  }
}

/** Asks the disk, the writers and the holds as they are now; the holds are read once for each batch. */
function refusals({
  guard,
  ports,
  fileSystem,
  clock,
}: Run): (step: Pick<RetentionStep, "action" | "segment">) => SkipReason | undefined {
  let holdOf: HoldLookup | undefined;
  return ({ action, segment }) => {
    const isLive = ports.isLive === undefined ? segment.isLive === true : ports.isLive(segment);
    if (isLive) return "live";
    holdOf ??= lookUpHolds(readHolds(guard.layout, fileSystem), clock.now());
    if (holdOf(segment) !== undefined) return "held";
    return guard.refusalOf(segment, action === "archive" ? ["sealed"] : deletable);
  };
}
