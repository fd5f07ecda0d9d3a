import { describe, expect, it } from "vitest";
import { documentFlow, hopAt } from "../test/support/records.ts";
import { assembleFlows } from "./assemble-flows.ts";
import { latencyByTier } from "./latency-by-tier.ts";

describe("latencyByTier", () => {
  it("gives exact quantiles by nearest rank for each tier", () => {
    const records = Array.from({ length: 100 }, (_, n) =>
      hopAt([0, n + 1, n + 11], { eventId: `e${n}`, target: "s1" }),
    ).flat();
    const [fast, ...others] = latencyByTier(assembleFlows(records));
    expect(others).toEqual([]);
    expect(fast).toMatchObject({
      tier: "fast",
      hops: 100,
      wait: { n: 100, p50: 50, p95: 95, p99: 99, max: 100 },
      work: { n: 100, p50: 10, max: 10 },
      total: { n: 100, p50: 60, max: 110 },
    });
  });

  it("counts errors and losses, and times only what has both ends", () => {
    const records = documentFlow()
      .filter((record) => record.eventId !== "e3" || record.phase === "publish")
      .map(
        (record) =>
          ({
            ...record,
            status: record.phase === "finish" && record.eventId === "e2" ? "error" : "ok",
          }) as const,
      );
    const byTier = Object.fromEntries(latencyByTier(assembleFlows(records)).map((tier) => [tier.tier, tier]));
    expect(byTier["reliable"]).toMatchObject({ hops: 1, lost: 1, wait: { n: 0, p50: 0 } });
    expect(byTier["standard"]).toMatchObject({ errors: 1, work: { n: 1, max: 15 } });
  });
});
