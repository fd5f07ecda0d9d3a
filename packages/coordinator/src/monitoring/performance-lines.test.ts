import { createMonitor } from "@waybill/monitor";
import { createFakeClock, createRecorder } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createPerformanceLines } from "./performance-lines.ts";

function subject(intervalMs: number | undefined, runMs = 10_000) {
  const clock = createFakeClock({ nowMs: 0 });
  const monitor = createMonitor({ intervalMs: runMs }, { clock, random: () => 0 });
  const recorder = createRecorder({ clock });
  let asked = 0;
  const logger = () => {
    asked += 1;
    return recorder;
  };
  const lines = createPerformanceLines(intervalMs, { monitor, logger, clock });
  return {
    clock,
    monitor,
    lines,
    asked: () => asked,
    times: () => recorder.entries.map((e) => e.timestampMs),
  };
}

describe("performance lines", () => {
  it("come at their interval, and cost no measurement when one is young", async () => {
    const { clock, monitor, lines, times, asked } = subject(60_000);
    monitor.start();
    lines.start();
    lines.start();
    await clock.advanceAsync(180_000);
    expect([times(), asked(), monitor.stats().runs]).toEqual([[60_000, 120_000, 180_000], 1, 20]);
  });

  it("measure for themselves when they come more often than the runs", async () => {
    const { clock, monitor, lines, times } = subject(1000, 3_600_000);
    lines.start();
    await clock.advanceAsync(3000);
    expect([times(), monitor.stats().runs]).toEqual([[1000, 2000, 3000], 3]);
  });

  it("are not written, and nobody is asked for a logger, before the start and while switched off", async () => {
    const { clock, lines, asked } = subject(undefined);
    lines.setInterval(1000);
    await clock.advanceAsync(5000);
    lines.setInterval(undefined);
    lines.start();
    await clock.advanceAsync(5000);
    expect([asked(), clock.pendingTimers]).toEqual([0, 0]);
  });

  it("change their interval from now on, and stay where they are when it is the same", async () => {
    const { clock, lines, times } = subject(10_000);
    lines.start();
    await clock.advanceAsync(9000);
    lines.setInterval(10_000);
    await clock.advanceAsync(1000);
    lines.setInterval(2000);
    await clock.advanceAsync(2000);
    lines.setInterval(undefined);
    await clock.advanceAsync(20_000);
    expect(times()).toEqual([10_000, 12_000]);
  });

  it("end with a stop, and harm nobody when the monitor is closed before", async () => {
    const { clock, monitor, lines, times } = subject(1000);
    lines.start();
    await clock.advanceAsync(1000);
    await monitor.close();
    await clock.advanceAsync(1000);
    lines.stop();
    lines.setInterval(500);
    lines.start();
    await clock.advanceAsync(5000);
    expect([times(), clock.pendingTimers]).toEqual([[1000], 0]);
  });
});
