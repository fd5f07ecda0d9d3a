import type { Tier } from "@waybill/protocols";
import type { Flow, Hop } from "./flow.ts";
import { exactQuantiles, type Quantiles } from "./quantiles.ts";

/** Latencies of the hops of one tier. */
export interface TierLatency {
  readonly tier: Tier | "internal";
  /** Hops, finished or not. */
  readonly hops: number;
  readonly errors: number;
  readonly lost: number;
  /** Hops whose times came out negative, because clocks differ; their times are in the quantiles as they are. */
  readonly skewed: number;
  /** From publish to receive, milliseconds. */
  readonly wait: Quantiles;
  /** From receive to finish. */
  readonly work: Quantiles;
  /** From publish to finish. */
  readonly total: Quantiles;
}

/** Exact latencies per tier over the hops of all flows, in the alphabetical order of tiers. */
export function latencyByTier(flows: Iterable<Flow>): readonly TierLatency[] {
  const tiers = new Map<string, Hop[]>();
  for (const flow of flows) {
    for (const hop of flow.hops) {
      const hops = tiers.get(hop.tier);
      if (hops === undefined) tiers.set(hop.tier, [hop]);
      else hops.push(hop);
    }
  }
  return [...tiers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tier, hops]) => latencyOf(tier, hops));
}

function latencyOf(tier: Tier, hops: readonly Hop[]): TierLatency {
  const totals = hops.map(({ waitMs, workMs }) =>
    waitMs === undefined || workMs === undefined ? undefined : waitMs + workMs,
  );
  return {
    tier,
    hops: hops.length,
    errors: hops.filter((hop) => hop.status === "error").length,
    lost: hops.filter((hop) => hop.status === "lost").length,
    skewed: hops.filter((hop) => hop.skewed).length,
    wait: exactQuantiles(hops.map((hop) => hop.waitMs)),
    work: exactQuantiles(hops.map((hop) => hop.workMs)),
    total: exactQuantiles(totals),
  };
}
