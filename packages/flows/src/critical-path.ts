import type { PlacedDelivery } from "./causal-order.ts";
import type { ContainerShare } from "./flow.ts";
import { unknownContainer } from "./flow-record.ts";
import { elapsedUs, sameClock } from "./instant.ts";

/** Where the time of a flow went. */
export interface CriticalPath {
  /** Indexes from the start to the end. */
  readonly path: readonly number[];
  readonly shares: readonly ContainerShare[];
  /** Microseconds, the sum of the shares. */
  readonly totalUs: number;
  /** Whether a share was measured between two clocks. */
  readonly acrossClocks: boolean;
}

/**
 * Finds the chain that ends with the latest end of all *last* hops, those that caused no other.
 *
 * Only last hops count, because on a synchronous bus every hop encloses the hops it causes: the first would always end
 * last and hide them. Internal events that were published only mark a moment; they are not an end.
 *
 * @param hops - in causal order, not empty.
 */
export function findCriticalPath(hops: readonly PlacedDelivery[]): CriticalPath {
  const startsUs = startOffsetsUs(hops);
  const path = pathTo(endOf(hops, startsUs), hops);
  const shares: ContainerShare[] = [];
  let totalUs = 0;
  let acrossClocks = false;
  const addShare = (container: string, hop: number | undefined, us: number | undefined) => {
    shares.push({ container, hop, ms: us === undefined ? undefined : us / 1000 });
    totalUs += us ?? 0;
  };
  path.forEach((index, step) => {
    const hop = hops[index];
    if (hop === undefined) return;
    if (step === 0) {
      const originUs = hops[0]?.publish?.originUs;
      const laterUs = startsUs[index] ?? 0;
      addShare(
        hop.first.source,
        undefined,
        originUs === undefined && laterUs === 0 ? undefined : (originUs ?? 0) + laterUs,
      );
    }
    const next = hops[path[step + 1] ?? -1]?.first ?? hop.last;
    acrossClocks ||= next !== hop.first && !sameClock(hop.first, next);
    addShare(hop.target ?? unknownContainer, index, elapsedUs(hop.first, next));
  });
  return { path, shares, totalUs, acrossClocks };
}

/** Microseconds from the first hop's publication to each hop's, added up along the chain of causes. */
function startOffsetsUs(hops: readonly PlacedDelivery[]): readonly number[] {
  const offsets: number[] = [];
  const root = hops[0];
  for (const hop of hops) {
    const from = hop.parent === undefined ? root : hops[hop.parent];
    const base = hop.parent === undefined ? 0 : (offsets[hop.parent] ?? 0);
    offsets.push(from === undefined ? base : base + elapsedUs(from.first, hop.first));
  }
  return offsets;
}

function endOf(hops: readonly PlacedDelivery[], startsUs: readonly number[]): number {
  const hasChild = new Set(hops.map((hop) => hop.parent));
  const isMark = (hop: PlacedDelivery, index: number) =>
    hop.first.tier === "internal" && hop.last.phase === "publish" && !hasChild.has(index);
  const continues = new Set(hops.filter((hop, index) => !isMark(hop, index)).map((hop) => hop.parent));
  let best: number | undefined;
  let bestUs = Number.NEGATIVE_INFINITY;
  hops.forEach((hop, index) => {
    if (continues.has(index) || isMark(hop, index)) return;
    const endUs = (startsUs[index] ?? 0) + elapsedUs(hop.first, hop.last);
    if (endUs > bestUs) {
      best = index;
      bestUs = endUs;
    }
  });
  // A flow of marks alone: its path is its first hop.
  return best ?? 0;
}

function pathTo(end: number, hops: readonly PlacedDelivery[]): readonly number[] {
  const path: number[] = [];
  for (let index: number | undefined = end; index !== undefined; index = hops[index]?.parent)
    path.push(index);
  return path.reverse();
}
