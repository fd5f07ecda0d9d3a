import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { treeUsage } from "../test/support/snapshots.ts";
import type { AlertEvent } from "./alerts/alert-event.ts";
import { standardAlertRules } from "./alerts/standard-alert-rules.ts";
import { createMonitor } from "./monitor.ts";
import type { MonitorSnapshot } from "./snapshot.ts";

describe("a monitor that is reconfigured", () => {
  it("takes other rules, limits and receivers while it runs; what lasts is told to nobody anew", async () => {
    const told: string[] = [];
    const receiverCalled = (name: string) => ({
      receive: ({ change }: AlertEvent) => void told.push(`${name} ${change}`),
      close: async () => void told.push(`${name} closed`),
    });
    const [kept, gone, late] = [receiverCalled("kept"), receiverCalled("gone"), receiverCalled("late")];
    let totalBytes = 900;
    const monitor = createMonitor({
      sources: { tree: () => treeUsage({ totalBytes }) },
      rules: standardAlertRules({ diskUsageBytes: 800 }),
      receivers: [kept, gone],
    });
    await monitor.run();
    monitor.reconfigure({
      rules: standardAlertRules({ diskUsageBytes: 700 }),
      limits: { maxTotalBytes: 1800 },
      receivers: [kept, late],
    });
    const { disk, monitor: stats } = await monitor.run();
    totalBytes = 100;
    await monitor.run();
    await monitor.close();
    expect([disk.usedShare, stats.runs]).toEqual([0.5, 2]);
    expect(told.slice(0, 5)).toEqual([
      "kept fired",
      "gone fired",
      "gone closed",
      "kept resolved",
      "late resolved",
    ]);
    expect(told.slice(5).toSorted()).toEqual(["kept closed", "late closed"]);
  });

  it("changes nothing at all when it refuses a change", async () => {
    const monitor = createMonitor({
      sources: { tree: () => treeUsage({ totalBytes: 900 }) },
      limits: { maxTotalBytes: 1000 },
    });
    const rules = standardAlertRules({ diskUsageBytes: 800 });
    const limits = { maxTotalBytes: 2000 };
    expect(() => monitor.reconfigure({ rules, limits, intervalMs: 1 })).toThrow(RangeError);
    expect(() => monitor.reconfigure({ rules, limits: { maxTotalBytes: -1 } })).toThrow(RangeError);
    expect(() => monitor.reconfigure({ rules: [...rules, ...rules], limits })).toThrow(RangeError);
    expect((await monitor.run()).disk.limitBytes).toBe(1000);
    expect(monitor.firing()).toEqual([]);
  });

  it("waits a new interval from its change on, and does not begin to run because of it", async () => {
    const clock = createFakeClock({ nowMs: 0 });
    const times: number[] = [];
    const onRun = ({ atMs }: MonitorSnapshot) => void times.push(atMs);
    const monitor = createMonitor({ onRun }, { clock, random: () => 0 });
    monitor.reconfigure({ intervalMs: 5000 });
    await clock.advanceAsync(20_000);
    monitor.start();
    await clock.advanceAsync(6000);
    monitor.reconfigure({ intervalMs: 2000 });
    await clock.advanceAsync(4000);
    await monitor.close();
    monitor.reconfigure({ intervalMs: 1000 });
    await clock.advanceAsync(10_000);
    expect(times).toEqual([20_000, 20_000, 25_000, 28_000, 30_000]);
  });

  it("waits for receivers that were replaced when it is closed, and counts those that fail", async () => {
    const receive = (): void => undefined;
    let end: (() => void) | undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const monitor = createMonitor({
      receivers: [
        { receive, close: () => ended },
        { receive, close: () => Promise.reject(new Error("bug")) },
      ],
    });
    monitor.reconfigure({ receivers: [] });
    let closed = false;
    const closing = monitor.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    const before = closed;
    end?.();
    await closing;
    expect([before, closed, monitor.stats().callbackFailures]).toEqual([false, true, 1]);
  });
});
