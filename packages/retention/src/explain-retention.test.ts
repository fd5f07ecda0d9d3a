import { describe, expect, it } from "vitest";
import { component, dayMs, nowMs, segmentOf } from "../test/support/segments.ts";
import { explainRetention } from "./explain-retention.ts";
import { planRetention } from "./plan-retention.ts";
import { resolveRetentionPolicy } from "./resolve-policy.ts";

describe("explainRetention", () => {
  it("tells every decision with its rule, what stays, what cannot be reached, and the totals", () => {
    const at = (ageMs: number) => ({ ageMs, sealedMs: nowMs - ageMs });
    const segments = [
      segmentOf({ ...at(31 * dayMs), state: "archived" }),
      segmentOf({ ...at(8 * dayMs), number: 2, bytes: 2048 }),
      segmentOf({ state: "active", ...at(0), isLive: true }),
      segmentOf({ ...at(31 * dayMs), address: component("b") }),
    ];
    const hold = {
      id: "case_7",
      reason: "audit\n\u001b[2Jdelete everything",
      container: "b",
      createdMs: nowMs,
    };
    const state = { nowMs, segments, otherBytes: 100, holds: [hold], freeBytes: 10_000 };
    const policy = resolveRetentionPolicy({ minFreeBytes: 20_000 });
    expect(explainRetention(planRetention(state, policy, { listKept: true }))).toEqual([
      "delete           1000 B  containers/a/main.20260501T000000000Z-000001.log.gz (archived)  last entry 31 d ago, deleted after 30 d by the general limit",
      "delete            2 KiB  containers/a/main.20260524T000000000Z-000002.log  the disk has 9.77 KiB free, 19.5 KiB must be; then the oldest sealed segments",
      "seal                  -  containers/a/main.log  the disk has 9.77 KiB free, 19.5 KiB must be; then the biggest active segments are sealed",
      "keep             1000 B  containers/b/main.20260501T000000000Z-000001.log  held by case_7: audit\\u000a\\u001b[2Jdelete everything",
      "unmet          6.79 KiB  the free space of the disk: 1000 B in 1 sealing, 1000 B in 1 held",
      "total    5.03 KiB in 4 files, then 2.05 KiB in 2; disk free 9.77 KiB, then 12.7 KiB",
    ]);
  });
});
