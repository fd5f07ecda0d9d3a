import * as path from "node:path";
import type { Clock, FileSystem } from "@waybill/protocols";
import type { DeletionPhase, DeletionRecord } from "./deletion-line.ts";
import type { DeletionManifest } from "./deletion-manifest.ts";
import { errorCodeOf, type OutcomeTally } from "./retention-outcome.ts";
import type { RetentionStep } from "./retention-plan.ts";
import type { SkipReason, TreeGuard } from "./tree-guard.ts";

/** What deletions need. */
export interface DeletionContext {
  readonly guard: TreeGuard;
  readonly manifest: DeletionManifest;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly tally: OutcomeTally;
  /** Looks at a step once more, on disk, in the writers and in the holds. */
  readonly refusalOf: (step: RetentionStep) => SkipReason | undefined;
}

/**
 * Deletes some segments: intent lines, one fsync, unlink, fsync of the directories, `done` lines. After a crash
 * anywhere each file is whole or gone, and the next run writes the ends that are missing.
 *
 * A disk without room for the intent lines is when deletions matter most: then they come first, and their lines after.
 */
export function deleteBatch(steps: readonly RetentionStep[], context: DeletionContext): void {
  const { manifest, tally } = context;
  const open = steps.filter((step) => isAllowed(step, context));
  if (open.length === 0) return;
  const isPlanned = planLines(open, context);
  if (isPlanned === "failed") return;
  const records: DeletionRecord[] = [];
  const directories = new Map<string, boolean>();
  for (const step of open) {
    // Again: the fsync may have taken seconds.
    const isDeleted = isAllowed(step, context) && unlink(step, context);
    if (isDeleted) directories.set(path.dirname(step.segment.path), step.cause === "unregistered");
    records.push(recordOf(step, isDeleted ? "done" : "failed", context));
  }
  for (const [directory, isGone] of directories) settleDirectory(directory, isGone, context);
  try {
    manifest.append(records, false);
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
function planLines(
  steps: readonly RetentionStep[],
  context: DeletionContext,
): "planned" | "no_room" | "failed" {
  try {
    context.manifest.append(
      steps.map((step) => recordOf(step, "intent", context)),
      true,
    );
    return "planned";
  } catch (error) {
    if (["ENOSPC", "EDQUOT"].includes(errorCodeOf(error))) return "no_room";
    for (const step of steps) context.tally.fail("delete", step.segment.path, error);
    return "failed";
  }
}

function unlink({ segment }: RetentionStep, { fileSystem, tally }: DeletionContext): boolean {
  try {
    const isLastName = fileSystem.lstat(segment.path)?.links === 1;
    fileSystem.unlink(segment.path);
    tally.count("delete", isLastName ? segment.bytes : 0);
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
function settleDirectory(directory: string, isGone: boolean, context: DeletionContext): void {
  const { archived, root } = context.guard.layout;
  const { fileSystem } = context;
  try {
    fileSystem.syncDirectory(directory);
    if (isGone && path.dirname(directory) === path.join(root, "containers")) fileSystem.rmdir(directory);
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
