import type { Hold } from "@waybill/retention";
import type { MaintenanceRound, TreeLook } from "./simulated-round.ts";
import type { SimulatedTree } from "./simulated-tree.ts";
import type { TrueSegment } from "./simulated-writers.ts";

const dayMs = 86_400_000;
/** What is noted of 128 deletions before they make room. Other segments are larger than those of the simulation. */
const notesBytesMax = 65_536;

/** What was configured, as far as it decides what may go. */
export interface TruePolicy {
  readonly maxAgeDays: number;
  readonly quotaKb: number | undefined;
  readonly onUnregister: string;
}

const newestMs = ({ entries }: TrueSegment): number => Math.max(...entries.map(({ timeMs }) => timeMs));

/** Written once more, from the README instead of the code. */
function trueLimitMs({ address, entries }: TrueSegment, { maxAgeDays }: TruePolicy): number {
  if (address.kind === "system") return 30 * dayMs;
  const isError = entries.some(({ level }) => level === "ERROR");
  if (isError || (address.kind === "flow" && address.tier === "reliable")) return 3 * maxAgeDays * dayMs;
  return (address.kind === "flow" ? Math.min(7, maxAgeDays) : maxAgeDays) * dayMs;
}

function isTrulyHeld({ address, entries }: TrueSegment, holds: readonly Hold[], nowMs: number): boolean {
  const ofContainer = address.kind === "container" ? address.container : undefined;
  return holds.some((hold) => {
    if (hold.expiresMs !== undefined && hold.expiresMs <= nowMs) return false;
    if (hold.container !== undefined && hold.container !== ofContainer) return false;
    return entries.some(
      ({ timeMs, correlationId }) =>
        (hold.correlationId === undefined || hold.correlationId === correlationId) &&
        timeMs >= (hold.fromMs ?? timeMs) &&
        timeMs <= (hold.toMs ?? timeMs),
    );
  });
}

/** As retention can know it: by the first and the last time of a segment, between which the clock may have been set back. */
function mayBeHeld(segment: TrueSegment, holds: readonly Hold[], nowMs: number): boolean {
  const times = segment.entries.map(({ timeMs }) => timeMs);
  const [firstMs, lastMs] = [Math.min(...times), Math.max(...times)];
  const reaching = holds.filter(({ fromMs = 0, toMs = lastMs }) => lastMs >= fromMs && firstMs <= toMs);
  const anyTime = reaching.map((hold) => ({ ...hold, fromMs: undefined, toMs: undefined }));
  return isTrulyHeld(segment, anyTime, nowMs);
}

/** What happened between two looks. */
export interface Passage {
  readonly tree: SimulatedTree;
  readonly policy: TruePolicy;
  readonly before: TreeLook;
  readonly after: TreeLook;
  readonly round: MaintenanceRound;
  readonly isFaulty: boolean;
  /** Rounds since the last with a fault: the ledger learns of what a failure has left at the next rescan. */
  readonly cleanRounds: number;
  readonly wasSetBack: boolean;
  /** Why each segment is gone that stood before or was sealed since. */
  readonly gone: ReadonlyMap<string, string | undefined>;
}

/** Of each that is gone: whether it might go, for the cause that the manifest tells. */
export function* faultsOfDeletions(passage: Passage): Generator<string> {
  const { tree, policy, before, after, round, gone } = passage;
  const upperBytes = before.bytes + round.written;
  for (const [key, cause] of gone) {
    const segment = tree.writers.sealed.get(key);
    if (segment === undefined) continue;
    if (cause === undefined) yield `${key} is gone and nothing tells why`;
    if (isTrulyHeld(segment, after.holds, after.nowMs)) yield `${key} was held`;
    const isExpired = after.nowMs - newestMs(segment) > trueLimitMs(segment, policy);
    if (cause === "age" && !isExpired) yield `${key} was not expired`;
    const { address } = segment;
    const isGone = address.kind === "container" && !tree.present.has(address.container);
    if (cause === "unregistered" && !(isGone && (isExpired || policy.onUnregister === "delete")))
      yield `${key} is registered`;
    if (cause === "total_size" && upperBytes <= tree.limits.roomFromBytes) yield `${key}: size was kept`;
    if (cause === "container_quota" && policy.quotaKb === undefined) yield `${key}: no quota`;
    if (cause === "free_space") yield `${key}: nobody asked for free space`;
  }
}

/** The declared order: nothing that should have gone earlier is left behind by what went to make room. */
export function* faultsOfOrder(passage: Passage): Generator<string> {
  const { tree, before, after, round, wasSetBack, gone } = passage;
  const { sealed } = tree.writers;
  const isFree = (key: string, segment: TrueSegment): boolean =>
    !mayBeHeld(segment, before.holds, before.nowMs) &&
    !mayBeHeld(segment, after.holds, after.nowMs) &&
    !before.copied.has(key) &&
    !after.copied.has(key);
  const rankOf = (state: string | undefined, { address }: TrueSegment): number =>
    (address.kind === "system" ? 2 : 0) + (state === "archived" ? 0 : 1);
  const left = [...after.readable].flatMap(([key, { state }]) => {
    const segment = sealed.get(key);
    const stateBefore = before.readable.get(key)?.state;
    if (segment === undefined || stateBefore === undefined || !isFree(key, segment)) return [];
    return [
      {
        key,
        newest: newestMs(segment),
        rank: Math.max(rankOf(state, segment), rankOf(stateBefore, segment)),
      },
    ];
  });
  for (const [file, cause] of round.deletions) {
    const key = tree.keyOf(file);
    const segment = sealed.get(key);
    if (cause !== "total_size" || segment === undefined || after.readable.has(key)) continue;
    if (!gone.has(key)) continue;
    const rank = rankOf(file.startsWith("archived/") ? "archived" : "sealed", segment);
    const earlier = left.filter(
      (other) =>
        other.rank < rank || (!wasSetBack && other.rank === rank && other.newest < newestMs(segment)),
    );
    if (earlier.length > 0) yield `${key} went before ${earlier.map((other) => other.key).join(", ")}`;
  }
}

/** Why each segment is gone that stood before or was sealed since. */
export function causesOf({
  tree,
  before,
  after,
  round,
}: Omit<Passage, "gone">): Map<string, string | undefined> {
  const gone = new Map<string, string | undefined>();
  const told = new Map<string, string>();
  for (const [file, cause] of round.deletions) {
    told.set(tree.keyOf(file), cause);
  }
  for (const key of tree.writers.sealed.keys()) {
    if (after.readable.has(key)) continue;
    if (before.readable.has(key) || !tree.writers.known.has(key)) gone.set(key, told.get(key));
  }
  return gone;
}

/** What the counters, the ledger and the limits say, against what lies there. */
export function* faultsOfNumbers(passage: Passage): Generator<string> {
  const { tree, before, after, round, isFaulty, cleanRounds, gone } = passage;
  yield* after.problems;
  if (
    tree.largestBytes >
    Math.max(tree.limits.maxTotalBytes, before.bytes) + tree.segmentBytes + notesBytesMax
  )
    yield `${tree.largestBytes} bytes, over ${tree.limits.maxTotalBytes}`;
  if (isFaulty) return;
  if (cleanRounds > 1) yield* round.drifts.map((drift) => `nobody told the ledger: ${drift}`);
  yield* round.ledgerFaults;
  if (cleanRounds < 2) return;
  if (round.counted.deleted !== gone.size) yield `${round.counted.deleted} deleted, in truth ${gone.size}`;
  yield* [...after.copied].map((key) => `${key} stands in two files`);
  const freed = before.segmentBytes + round.written - round.compressedAway - after.segmentBytes;
  if (round.counted.freedBytes !== freed) yield `${round.counted.freedBytes} bytes freed, in truth ${freed}`;
  if (after.bytes > tree.limits.maxTotalBytes && !round.isUnmet)
    yield `${after.bytes} bytes, and nobody says so`;
}

/** What should be gone and is not. */
export function* faultsOfLeaving({ tree, policy, after, isFaulty }: Passage): Generator<string> {
  if (isFaulty) return;
  for (const [key, { state, name }] of after.readable) {
    const segment = tree.writers.sealed.get(key);
    if (segment === undefined || after.copied.has(key)) continue;
    // The end of what a writer has compressed is not read: its seal stands in for it, which may be much later.
    if (state === "sealed" && name.compressed) continue;
    if (mayBeHeld(segment, after.holds, after.nowMs)) continue;
    if (after.nowMs - newestMs(segment) > trueLimitMs(segment, policy) + 10_000) yield `${key} is expired`;
  }
}
