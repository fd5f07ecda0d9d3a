import { createRecorder } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { snapshot, treeUsage } from "../../test/support/snapshots.ts";
import { createPerformanceLog, performanceFields } from "./performance-log.ts";

const { disk } = snapshot();

describe("createPerformanceLog", () => {
  it("writes one entry per run", () => {
    const log = createRecorder();
    createPerformanceLog(log)(snapshot());
    expect(log.entries).toEqual([
      expect.objectContaining({
        level: "INFO",
        message: "performance metrics",
        context: { lifecycle_operation: "performance_metrics", uptime_seconds: 60, containers: 0 },
      }),
    ]);
  });
});

describe("performanceFields", () => {
  it("has the totals that were measured, under the keys of the disk", () => {
    const limit = { name: "max_total_size", bound: 100, direction: "rising" } as const;
    const fields = performanceFields(
      snapshot({
        disk: {
          ...disk,
          usage: treeUsage({ totalBytes: 50 }),
          limitBytes: 100,
          growthBytesPerSecond: 1.23456,
          forecast: { state: "filling", limit, inMs: 40_500, earliestMs: 1 },
        },
        unmeasured: [{ source: "device", reason: "EIO" }],
        lifecycle: { rotations: 1, archived: 2, deleted: 3, freedBytes: 4 },
      }),
    );
    expect(fields).toEqual({
      lifecycle_operation: "performance_metrics",
      uptime_seconds: 60,
      containers: 0,
      disk_usage_bytes: 50,
      disk_limit_bytes: 100,
      disk_growth_bytes_per_second: 1.235,
      disk_full_in_seconds: 40.5,
      rotations: 1,
      archived: 2,
      deleted: 3,
      freed_bytes: 4,
      unmeasured: ["device"],
    });
  });
});
