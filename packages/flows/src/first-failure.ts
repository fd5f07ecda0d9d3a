import type { Hop } from "./flow.ts";

/** What the rule looks at; `hops[i].parent` is an index below `i`. */
export type FailureHop = Pick<Hop, "parent" | "status" | "delivery" | "deliveries">;

/** Where a flow went wrong. */
export interface FirstFailure {
  /** Index of the hop to look at first. */
  readonly hop: number;
  /** `no-erroring-ancestor`: a target failed. `lost`: nothing failed, but this event never arrived. */
  readonly rule: "no-erroring-ancestor" | "lost";
  /** Indexes of the other hops that the rule names too: failures on independent branches. */
  readonly others: readonly number[];
}

/**
 * Finds the first failure of a one-way chain of events: the failing hop none of whose causes failed. Causes are told
 * by parent event id, never by time, so a skewed clock cannot blame a victim. Without a failing hop it is the lost hop
 * none of whose causes is lost.
 *
 * A delivery that was repeated later does not count. For requests, where a parent waits and fails *because* its child
 * did, the opposite rule holds; this function is not for them.
 *
 * @param hops - in causal order, as {@link Flow.hops}.
 * @returns undefined when nothing failed and nothing was lost.
 */
export function findFirstFailure(hops: readonly FailureHop[]): FirstFailure | undefined {
  return firstOf(hops, "error", "no-erroring-ancestor") ?? firstOf(hops, "lost", "lost");
}

function firstOf(
  hops: readonly FailureHop[],
  status: "error" | "lost",
  rule: FirstFailure["rule"],
): FirstFailure | undefined {
  const tainted: boolean[] = [];
  const found: number[] = [];
  hops.forEach((hop, index) => {
    const byCause = hop.parent !== undefined && tainted[hop.parent] === true;
    const bad = hop.status === status && hop.delivery === hop.deliveries;
    tainted.push(byCause || bad);
    if (bad && !byCause) found.push(index);
  });
  const [hop, ...others] = found;
  return hop === undefined ? undefined : { hop, rule, others };
}
