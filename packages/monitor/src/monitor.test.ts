import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { treeUsage } from "../test/support/snapshots.ts";
import type { AlertEvent } from "./alerts/alert-event.ts";
import { standardAlertRules } from "./alerts/standard-alert-rules.ts";
import { createEntryCounters } from "./gauges/entry-counters.ts";
import { createLatencyHistogram } from "./gauges/latency-histogram.ts";
import { createMonitor } from "./monitor.ts";
import type { MonitorSnapshot } from "./snapshot.ts";
import type { WriterTotals } from "./sources.ts";

const noWrites: WriterTotals = { accepted: 0, written: 0, queued: 0, dropped: 0, bytesWritten: 0 };

describe("createMonitor", () => {
  it("measures nothing without sources, and invents nothing", async () => {
    const monitor = createMonitor({}, { clock: createFakeClock({ nowMs: 5000 }) });
    const { atMs, disk, containers, monitor: stats, ...gauges } = await monitor.run();
    expect({ ...gauges, ...disk }).toEqual({
      uptimeMs: 0,
      unmeasured: [],
      ...Object.fromEntries(
        ["entries", "writers", "latency", "eventLoop", "descriptors", "lifecycle"].map((name) => [
          name,
          undefined,
        ]),
      ),
      ...Object.fromEntries(
        [
          "usage",
          "limitBytes",
          "usedShare",
          "freeBytes",
          "capacityBytes",
          "growthBytesPerSecond",
          "forecast",
        ].map((name) => [name, undefined]),
      ),
    });
    expect([atMs, containers.size, stats.runs]).toEqual([5000, 0, 1]);
  });

  it("tells rates over the last minute out of counters that only rise", async () => {
    const clock = createFakeClock();
    const counters = createEntryCounters();
    let writers = noWrites;
    const monitor = createMonitor({ sources: { entries: counters.read, writers: () => writers } }, { clock });
    counters.tallyOf("early").add("ERROR");
    await monitor.run();
    clock.advance(30_000);
    for (let n = 0; n < 12; n += 1) counters.tallyOf("a").add("ERROR");
    counters.tallyOf("b").add("INFO");
    writers = { ...noWrites, dropped: 4, bytesWritten: 6000 };
    const measured = await monitor.run();
    expect(measured.entries).toMatchObject({ perMinute: 13, errorsPerMinute: 12 });
    expect(measured.writers).toMatchObject({ droppedPerMinute: 4, bytesPerSecond: 100 });
    expect(
      [...measured.containers.values()].map(({ containerId, errorsPerMinute }) => [
        containerId,
        errorsPerMinute,
      ]),
    ).toEqual([
      ["early", 0],
      ["a", 12],
      ["b", 0],
    ]);
  });

  it("does not count a container twice that went and came back", async () => {
    const clock = createFakeClock();
    const counters = createEntryCounters();
    const monitor = createMonitor({ sources: { entries: counters.read } }, { clock });
    await monitor.run();
    const rates: (number | undefined)[] = [];
    for (const errors of [3, 0, 2]) {
      clock.advance(10_000);
      counters.forget("a");
      for (let n = 0; n < errors; n += 1) counters.tallyOf("a").add("CRITICAL");
      rates.push((await monitor.run()).containers.get("a")?.errorsPerMinute);
    }
    expect(rates).toEqual([3, undefined, 2]);
  });

  it("joins what the counters and the tree know of a container", async () => {
    const counters = createEntryCounters();
    counters.tallyOf("both").add("INFO");
    counters.tallyOf("silent").add("INFO");
    const files = (containerId: string) => ({ containerId, bytes: 10, files: 2, activeFiles: ["x.log"] });
    const tree = treeUsage({ totalBytes: 20, containers: [files("both"), files("gone")] });
    const { containers } = await createMonitor({
      sources: { entries: counters.read, tree: () => tree },
    }).run();
    const shown = [...containers].map(([id, { byLevel, bytes, files: n }]) => [id, byLevel?.INFO, bytes, n]);
    expect(shown).toEqual([
      ["both", 1, 10, 2],
      ["silent", 1, 0, 0],
      ["gone", undefined, 10, 2],
    ]);
  });

  it("does not say that a container has no files when the tree was not measured", async () => {
    const counters = createEntryCounters();
    counters.tallyOf("a").add("INFO");
    const { containers } = await createMonitor({ sources: { entries: counters.read } }).run();
    expect(containers.get("a")).toMatchObject({ bytes: undefined, files: undefined });
  });

  it("tells the latency of the last minute beside that of the whole time", async () => {
    const clock = createFakeClock();
    const histogram = createLatencyHistogram();
    const monitor = createMonitor({ sources: { latency: histogram.snapshot } }, { clock });
    histogram.record(32_000_000);
    await monitor.run();
    clock.advance(60_000);
    histogram.record(16);
    await monitor.run();
    clock.advance(60_000);
    const { latency } = await monitor.run();
    expect(latency).toMatchObject({
      total: { count: 2 },
      p50Ms: undefined,
      p99Ms: undefined,
      maxMs: undefined,
    });
    histogram.record(24);
    clock.advance(1000);
    expect((await monitor.run()).latency).toMatchObject({ p50Ms: 0.024, p99Ms: 0.024, maxMs: 0.024 });
  });

  it("names a source that failed, counts it, and measures the others", async () => {
    const monitor = createMonitor({
      sources: {
        tree: () => {
          throw new Error("EACCES");
        },
        writers: () => noWrites,
      },
    });
    const measured = await monitor.run();
    expect(measured.unmeasured).toEqual([{ source: "tree", reason: "EACCES" }]);
    expect(measured.writers?.accepted).toBe(0);
    expect(monitor.stats().sourceFailures).toBe(1);
  });

  it("has one run at a time: whoever asks during it gets the same", async () => {
    let asked = 0;
    let answer: ((usage: ReturnType<typeof treeUsage>) => void) | undefined;
    const tree = () => {
      asked += 1;
      return new Promise<ReturnType<typeof treeUsage>>((resolve) => {
        answer = resolve;
      });
    };
    const monitor = createMonitor({ sources: { tree } }, { clock: createFakeClock() });
    const runs = [monitor.run(), monitor.run(), monitor.recent(1000)];
    answer?.(treeUsage());
    const snapshots = new Set(await Promise.all(runs));
    expect([asked, snapshots.size, monitor.latest() === [...snapshots][0]]).toEqual([1, 1, true]);
  });

  it("gives many viewers one measurement, while it is young enough", async () => {
    const clock = createFakeClock();
    const monitor = createMonitor({}, { clock });
    await monitor.recent(1000);
    clock.advance(1000);
    await monitor.recent(1000);
    const whileYoung = monitor.stats().runs;
    clock.advance(1);
    await monitor.recent(1000);
    expect([whileYoung, monitor.stats().runs]).toEqual([1, 2]);
  });

  it("runs at once when it is started, then after a part of the interval, then each interval", async () => {
    const clock = createFakeClock({ nowMs: 0 });
    const times: number[] = [];
    const onRun = ({ atMs }: MonitorSnapshot) => void times.push(atMs);
    const monitor = createMonitor({ onRun, intervalMs: 10_000 }, { clock, random: () => 0.25 });
    monitor.start();
    monitor.start();
    await clock.advanceAsync(25_000);
    await monitor.close();
    await clock.advanceAsync(60_000);
    expect(times).toEqual([0, 2500, 12_500, 22_500]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does not keep the process alive", async () => {
    const holding = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = holding();
    const monitor = createMonitor();
    monitor.start();
    const after = holding();
    await monitor.close();
    expect(after - before).toBe(0);
  });

  it("neither fires nor clears nor counts anything because the clock of the system is set", async () => {
    const clock = createFakeClock();
    const counters = createEntryCounters();
    const seen: AlertEvent[] = [];
    const monitor = createMonitor(
      {
        sources: { entries: counters.read },
        rules: standardAlertRules({ errorsPerMinute: 3 }),
        receivers: [{ receive: (event) => void seen.push(event) }],
      },
      { clock },
    );
    await monitor.run();
    for (let n = 0; n < 4; n += 1) counters.tallyOf("a").add("ERROR");
    clock.advance(10_000);
    const rates: (number | undefined)[] = [];
    for (const jumpMs of [0, -86_400_000, 900 * 86_400_000]) {
      clock.setNow(clock.now() + jumpMs);
      rates.push((await monitor.run()).entries?.errorsPerMinute);
    }
    expect([rates, seen.map(({ change }) => change)]).toEqual([[4, 4, 4], ["fired"]]);
  });

  it("tells every receiver of an alert, whatever the others do with it", async () => {
    const seen: AlertEvent[] = [];
    let bytes = 900;
    const monitor = createMonitor({
      sources: { tree: () => treeUsage({ totalBytes: bytes }) },
      rules: standardAlertRules({ diskUsageBytes: 800 }),
      receivers: [
        {
          receive: () => {
            throw new Error("bug");
          },
        },
        { receive: () => Promise.reject(new Error("bug")) },
        { receive: (event) => void seen.push(event) },
      ],
      onRun: () => {
        throw new Error("bug");
      },
    });
    await monitor.run();
    expect(monitor.firing()).toHaveLength(1);
    bytes = 100;
    await monitor.run();
    expect(seen.map(({ alert, state }) => [alert, state])).toEqual([
      ["disk_usage", "firing"],
      ["disk_usage", "ok"],
    ]);
    expect([monitor.firing(), monitor.stats().callbackFailures]).toEqual([[], 6]);
  });

  it("closes its receivers once, one that fails too, and runs no more", async () => {
    let closed = 0;
    const receive = (): void => undefined;
    const receivers = [
      { receive, close: () => Promise.reject(new Error("bug")) },
      {
        receive,
        close: async () => {
          closed += 1;
        },
      },
      { receive },
    ];
    const monitor = createMonitor({ receivers });
    await monitor.run();
    const closing = monitor.close();
    await Promise.all([closing, monitor[Symbol.asyncDispose]()]);
    expect([closed, monitor.stats().callbackFailures]).toEqual([1, 1]);
    await expect(monitor.run()).rejects.toThrow("the monitor is closed");
    await expect(monitor.recent(60_000)).rejects.toThrow("the monitor is closed");
    monitor.start();
    expect(monitor.stats().runs).toBe(1);
  });

  it("waits for its run when it is closed", async () => {
    const clock = createFakeClock();
    const monitor = createMonitor({ sources: { device: () => new Promise(() => undefined) } }, { clock });
    const run = monitor.run();
    let closed = false;
    const closing = monitor.close().then(() => {
      closed = true;
    });
    await clock.advanceAsync(4999);
    expect(closed).toBe(false);
    await clock.advanceAsync(1);
    await closing;
    expect((await run).unmeasured).toHaveLength(1);
  });

  it.each([
    { intervalMs: 99 },
    { intervalMs: Number.NaN },
    { rateWindowMs: 999 },
    { sourceTimeoutMs: 0 },
    { forecastWindowMs: 60_000 },
    { limits: { maxTotalBytes: -1 } },
  ])("refuses %j", (options) => {
    expect(() => createMonitor(options)).toThrow(RangeError);
  });
});
