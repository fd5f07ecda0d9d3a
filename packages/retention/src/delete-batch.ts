import * as path from "node:path";
import { createEventLoopTurn, type TreeLayout } from "@waybill/log-tree";
import type { Clock, FileSystem } from "@waybill/protocols";
import type { DeletionPhase, DeletionRecord } from "./deletion-line.ts";
import type { DeletionManifest } from "./deletion-manifest.ts";
import { errorCodeOf, type OutcomeTally } from "./retention-outcome.ts";
import type { RetentionStep } from "./retention-plan.ts";
import { slowCallsOf } from "./slow-calls.ts";
import type { SkipReason, TreeGuard } from "./tree-guard.ts";

/** Directories that are synced at once: each takes three turns of the event loop, and a descriptor. */
const syncsAtOnce = 32;

/** What deletions need. */
export interface DeletionContext {
  readonly guard: TreeGuard;
  readonly manifest: DeletionManifest;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly tally: OutcomeTally;
  /** Those that something was deleted in, and whether they are of containers that are gone; it is added to. */
  readonly directories: Map<string, boolean>;
  /** Told of the bytes of each deletion, at once. */
  readonly onFreed: (bytes: number) => void;
  /** Looks at a step once more, on disk, in the writers and in the holds. */
  readonly refusalOf: (step: RetentionStep) => SkipReason | undefined;
}

/**
 * Deletes some segments: intent lines, one fsync, unlink, `done` lines. After a crash anywhere each file is whole or
 * gone, and the next run writes the ends that are missing. {@link settleDirectories} comes after the last batch.
 *
 * A disk without room for the intent lines is when deletions matter most: then they come first, and their lines after.
 */
export async function deleteBatch(steps: readonly RetentionStep[], context: DeletionContext): Promise<void> {
  const { manifest, tally, directories } = context;
  const turn = createEventLoopTurn();
  const open: RetentionStep[] = [];
  for (const step of steps) {
    await turn();
    if (isAllowed(step, context)) open.push(step);
  }
  if (open.length === 0) return;
  const isPlanned = await planLines(open, context);
  if (isPlanned === "failed") return;
  const records: DeletionRecord[] = [];
  for (const step of open) {
    await turn();
    // Again: the fsync may have taken seconds.
    const isDeleted = isAllowed(step, context) && unlink(step, context);
    if (isDeleted) directories.set(path.dirname(step.segment.path), step.cause === "unregistered");
    records.push(recordOf(step, isDeleted ? "done" : "failed", context));
  }
  try {
    manifest.append(records);
  } catch {
    // With its intent line each is ended by the next run.
    if (isPlanned === "no_room") tally.addUnlogged(records.filter(({ phase }) => phase === "done").length);
  }
}

function isAllowed(step: RetentionStep, { refusalOf, tally }: DeletionContext): boolean {
  try {
    const refusal = refusalOf(step);
    if (refusal !== undefined) tally.skip("delete", step.segment.path, refusal);
    return refusal === undefined;
  } catch (error) {
    tally.fail("delete", step.segment.path, error);
    return false;
  }
}

/** Puts the intents on stable storage. */
async function planLines(
  steps: readonly RetentionStep[],
  context: DeletionContext,
): Promise<"planned" | "no_room" | "failed"> {
  try {
    context.manifest.append(steps.map((step) => recordOf(step, "intent", context)));
    await context.manifest.sync();
    return "planned";
  } catch (error) {
    if (["ENOSPC", "EDQUOT"].includes(errorCodeOf(error))) return "no_room";
    for (const step of steps) context.tally.fail("delete", step.segment.path, error);
    return "failed";
  }
}

function unlink({ segment }: RetentionStep, { fileSystem, tally, onFreed }: DeletionContext): boolean {
  try {
    const isLastName = fileSystem.lstat(segment.path)?.links === 1;
    fileSystem.unlink(segment.path);
    const freed = isLastName ? segment.bytes : 0;
    tally.count("delete", freed);
    onFreed(freed);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") tally.skip("delete", segment.path, "vanished");
    else tally.fail("delete", segment.path, error);
    return false;
  }
}

function recordOf(
  { segment, cause, rule }: RetentionStep,
  phase: DeletionPhase,
  { guard, clock }: DeletionContext,
): DeletionRecord {
  return {
    phase,
    atMs: clock.now(),
    file: path.relative(guard.layout.root, segment.path).split(path.sep).join("/"),
    stream: segment.stream,
    number: segment.name.seal?.number,
    bytes: segment.bytes,
    identity: `${segment.device}:${segment.inode}`,
    cause,
    rule,
  };
}

/**
 * Makes the deletions durable, and takes directories away that have become empty: those of the archive below
 * `archived/<kind>`, and that of a container that is gone.
 */
export async function settleDirectories(context: DeletionContext): Promise<void> {
  const left = context.directories.entries();
  const settleSome = async (): Promise<void> => {
    for (const [directory, isGone] of left) await settleDirectory(directory, isGone, context);
  };
  await Promise.all(Array.from({ length: syncsAtOnce }, settleSome));
}

async function settleDirectory(directory: string, isGone: boolean, context: DeletionContext): Promise<void> {
  const { archived } = context.guard.layout;
  const { fileSystem } = context;
  try {
    await slowCallsOf(fileSystem).syncDirectory(directory);
    if (isGone) removeContainerDirectory(directory, context.guard.layout, fileSystem);
    let current = directory;
    while (path.dirname(path.dirname(current)).startsWith(archived)) {
      fileSystem.rmdir(current);
      current = path.dirname(current);
    }
  } catch {
    // Not empty, or gone already. A deletion that is not durable is found and repeated after a power loss.
    return;
  }
}

/** Takes the directory of a container that is gone away, when it is empty. */
export function removeContainerDirectory(
  directory: string,
  { root }: TreeLayout,
  fileSystem: FileSystem,
): void {
  if (path.dirname(directory) !== path.join(root, "containers")) return;
  try {
    fileSystem.rmdir(directory);
  } catch {
    // Not empty, or gone already.
    return;
  }
}
