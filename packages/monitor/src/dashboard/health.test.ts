import { describe, expect, it } from "vitest";
import { alertEvent } from "../../test/support/alert-events.ts";
import { snapshot } from "../../test/support/snapshots.ts";
import { healthOf } from "./health.ts";

const writers = {
  accepted: 0,
  written: 0,
  queued: 0,
  dropped: 0,
  bytesWritten: 0,
  droppedPerMinute: 0,
  bytesPerSecond: 0,
};

describe("healthOf", () => {
  it("is healthy when nothing is wrong", () => {
    expect(healthOf(snapshot(), [])).toEqual({ status: "healthy", reasons: [] });
  });

  it("is degraded by a warning, a stream that cannot be written, and a source that cannot be measured", () => {
    const unmeasured = [{ source: "tree", reason: "EACCES" }] as const;
    expect([
      healthOf(snapshot(), [alertEvent()]),
      healthOf(snapshot({ writers: { ...writers, degraded: 1 } }), []),
      healthOf(snapshot({ writers: { ...writers, degraded: 2 } }), []),
      healthOf(snapshot({ unmeasured }), []),
    ]).toEqual([
      { status: "degraded", reasons: ["the log tree takes 9 B, threshold 8 B"] },
      { status: "degraded", reasons: ["1 stream cannot be written"] },
      { status: "degraded", reasons: ["2 streams cannot be written"] },
      { status: "degraded", reasons: ["tree could not be measured: EACCES"] },
    ]);
  });

  it("is critical while a critical alert lasts, with all reasons", () => {
    const firing = [alertEvent(), alertEvent({ severity: "critical", message: "the device is full" })];
    expect(healthOf(snapshot(), firing)).toEqual({
      status: "critical",
      reasons: ["the log tree takes 9 B, threshold 8 B", "the device is full"],
    });
  });
});
