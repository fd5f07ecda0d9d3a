import { type ConfigInput, resolveConfig } from "@waybill/config";
import type { LedgerTotals, TreeLedger } from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import type { AlertEvent, DeviceSpace } from "@waybill/monitor";
import type { MetricsServerOptions } from "@waybill/monitor/prometheus";
import { createFakeClock, createMemoryWriter, createRecorder } from "@waybill/testing";
import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import { createContainerLogRegistry, type OwnedRegistry } from "../container-log-registry.ts";
import { openTreeMonitor, type TreeMonitor } from "./tree-monitor.ts";
import type { TreeMonitorPorts } from "./tree-monitor-ports.ts";

type Section = Readonly<Record<string, unknown>>;

const gib = 2 ** 30;

function configOf(monitoring: Section = {}, retention_policy: Section = {}) {
  return resolveConfig({ logging: { monitoring, retention_policy } } as ConfigInput).config;
}

/** A ledger of which only the sums are asked. */
function ledgerOf(bytes: number, containers: ReturnType<TreeLedger["containers"]> = []): TreeLedger {
  const byState = { active: 0, sealed: 0, archived: 0, temporary: 0, aside: 0 };
  const totals: LedgerTotals = {
    bytes,
    bytesByState: byState,
    filesByState: byState,
    bytesByKind: { container: bytes, flow: 0, correlation: 0, system: 0, master: 0 },
    stateBytes: 0,
  };
  return { totals, containers: () => containers } as TreeLedger;
}

const opened: TreeMonitor[] = [];
afterEach(async () => {
  for (const monitor of opened.splice(0)) await monitor.close();
});

function subject(config = configOf(), more: Partial<TreeMonitorPorts> = {}) {
  const clock = createFakeClock();
  const system = createRecorder({ clock });
  const performance = createRecorder({ clock });
  const registries = new Map<string, OwnedRegistry>();
  const told: AlertEvent[] = [];
  const state = {
    ledger: undefined as TreeLedger | undefined,
    device: { freeBytes: 50 * gib, capacityBytes: 100 * gib } as DeviceSpace,
    dropped: 0,
    pressures: 0,
  };
  const monitor = openTreeMonitor(config, {
    ledger: () => state.ledger,
    writers: () => ({
      accepted: 5,
      written: 4,
      queued: 1,
      dropped: state.dropped,
      bytesWritten: 400,
      streams: 2,
      degraded: 0,
      descriptors: 2,
    }),
    lifecycle: () => ({ rotations: 3, archived: 2, deleted: 1, freedBytes: 7 }),
    registries,
    logger: system,
    performanceLogger: () => performance,
    onAlert: (event) => void told.push(event),
    onPressure: () => {
      state.pressures += 1;
    },
    clock,
    machine: { device: () => state.device },
    ...more,
  });
  opened.push(monitor);
  const loggerOf = (containerId: string) => {
    const registry = createContainerLogRegistry({
      containerId,
      type: undefined,
      logDirectory: "/nowhere",
      createdAtMs: 0,
      createLogger: (componentName) =>
        createContainerLogger({
          containerId,
          componentName,
          writer: createMemoryWriter(),
          clock,
          errors: monitor.errors,
        }),
    });
    registries.set(containerId, registry);
    return registry.createComponentLogger("c");
  };
  /** One run, ten seconds later. */
  const run = async () => {
    clock.advance(10_000);
    return monitor.recent(0);
  };
  return { clock, monitor, state, system, performance, registries, told, loggerOf, run };
}

describe("openTreeMonitor", () => {
  it("measures nothing of the tree until its first walk is done, and says why", async () => {
    const { monitor, state, run } = subject();
    const { disk, unmeasured } = await run();
    const reason = "the first walk over the log tree is not done yet";
    expect([disk.usage, unmeasured]).toEqual([undefined, [{ source: "tree", reason }]]);
    state.ledger = ledgerOf(gib);
    const later = await run();
    expect([later.disk.usedShare, later.unmeasured]).toEqual([0.1, []]);
    expect(monitor.snapshot()).toBe(later);
  });

  it("measures entries, writes, latency and maintenance out of its ports", async () => {
    const { monitor, clock, loggerOf, run } = subject();
    const logger = loggerOf("a");
    await run();
    logger.info("m");
    logger.error("m");
    monitor.recordWritten(clock.now() - 30, clock.now());
    const { entries, containers, writers, latency, lifecycle } = await run();
    expect(entries).toMatchObject({ byLevel: { INFO: 1, ERROR: 1 }, errorsPerMinute: 1 });
    expect(containers.get("a")?.errorsPerMinute).toBe(1);
    expect(writers).toMatchObject({ queued: 1, streams: 2 });
    expect(latency?.p99Ms).toBeCloseTo(30, 0);
    expect(lifecycle).toEqual({ rotations: 3, archived: 2, deleted: 1, freedBytes: 7 });
  });

  it("keeps the entries of a container that came and went between two runs", async () => {
    const { monitor, registries, loggerOf, run } = subject();
    await run();
    loggerOf("short").info("m");
    const registry = registries.get("short");
    registries.clear();
    await registry?.close();
    if (registry !== undefined) monitor.noteGone(registry);
    expect((await run()).entries?.byLevel.INFO).toBe(1);
  });

  it("tells an alert in the system log and to the application, and calls for room while it lasts", async () => {
    const { monitor, state, system, told, run } = subject();
    state.ledger = ledgerOf(9 * gib);
    await run();
    state.ledger = ledgerOf(7 * gib);
    await run();
    const said = [
      "the log tree takes 9 GiB, threshold 8 GiB",
      "ended: the log tree takes 7 GiB, threshold 8 GiB",
    ];
    expect(told.map(({ message }) => message)).toEqual(said);
    expect(system.entries.map(({ level, message }) => [level, message])).toEqual([
      ["WARNING", said[0]],
      ["INFO", said[1]],
    ]);
    expect([state.pressures, monitor.firing()]).toEqual([1, []]);
  });

  it("calls for room when the device is too full, by a share of it", async () => {
    const { state, told, run } = subject(configOf({}, { min_free_disk: "10%" }));
    await run();
    state.device = { freeBytes: 5 * gib, capacityBytes: 100 * gib };
    await run();
    for (let n = 0; n < 90; n += 1) await run();
    expect([told.map(({ alert }) => alert), state.pressures]).toEqual([["free_disk"], 2]);
  });

  it("tells of the first entry that is lost", async () => {
    const { state, told, run } = subject();
    await run();
    state.dropped = 1;
    await run();
    expect(told.map(({ alert, severity }) => [alert, severity])).toEqual([["entries_dropped", "critical"]]);
  });

  it("goes on measuring whatever its callbacks do", async () => {
    const fail = () => {
      throw new Error("bug");
    };
    const { state, system, run } = subject(configOf(), { onAlert: fail, onPressure: fail });
    state.ledger = ledgerOf(9 * gib);
    await run();
    expect((await run()).disk.usage?.totalBytes).toBe(9 * gib);
    expect(system.entries.map(({ message, context }) => [message, context?.["reason"]])).toEqual([
      ["the log tree takes 9 GiB, threshold 8 GiB", undefined],
      ["The listener of alerts has failed", "bug"],
    ]);
  });

  it("writes lines of performance once started, and asks for no logger when they are switched off", async () => {
    const on = subject();
    on.monitor.start();
    await on.clock.advanceAsync(60_000);
    let asked = 0;
    const performanceLogger = () => {
      asked += 1;
      return createRecorder();
    };
    const off = subject(configOf({ performance_metrics_enabled: false }), { performanceLogger });
    off.monitor.start();
    await off.clock.advanceAsync(120_000);
    expect([on.performance.entries.map(({ message }) => message), asked]).toEqual([
      ["performance metrics"],
      0,
    ]);
  });

  it("shows all of it in the dashboard", async () => {
    const { monitor, state, loggerOf, run } = subject();
    state.ledger = ledgerOf(gib, [{ container: "a", bytes: 3 * 2 ** 20, files: 2, activeFiles: ["c.log"] }]);
    const logger = loggerOf("a");
    await run();
    logger.warn("slow");
    for (const order of [1, 2]) logger.error(`order ${order} failed`);
    logger.fatal("out of memory");
    monitor.noteActivity({ event: "container_created", status: "success", containerId: "a" });
    await run();
    expect(await monitor.dashboard.getRealTimeMetrics()).toMatchObject({
      systemHealth: {
        status: "healthy",
        activeContainers: 1,
        totalDiskUsageMb: 1024,
        diskUsagePercentage: 10,
      },
      containerBreakdown: {
        a: { logFiles: ["c.log"], fileCount: 2, totalSizeMb: 3, entries: { WARNING: 1 } },
      },
      performance: { batchSize: 1000, measured: { queued: 1 } },
      retention: { maxTotalSizeGb: 10 },
      recentActivity: [{ event: "container_created", containerId: "a" }],
      errorSummary: { last24hErrors: 3, criticalErrors: 1, mostCommonError: "order # failed" },
    });
  });

  it("fits the metrics server of Prometheus", () => {
    expectTypeOf<TreeMonitor>().toExtend<MetricsServerOptions["monitor"]>();
    expect(subject().monitor.snapshot()).toBeUndefined();
  });

  it("leaves no timer behind", async () => {
    const { monitor, clock } = subject();
    monitor.start();
    await clock.advanceAsync(10_000);
    await Promise.all([monitor.close(), monitor[Symbol.asyncDispose]()]);
    expect(clock.pendingTimers).toBe(0);
    await expect(monitor.recent(60_000)).rejects.toThrow("closed");
  });
});

describe("reconfigure", () => {
  it("takes other thresholds and limits; what lasts is not told anew, and counters go on", async () => {
    const { monitor, state, told, loggerOf, run } = subject();
    loggerOf("a").info("m");
    state.ledger = ledgerOf(9 * gib);
    await run();
    monitor.reconfigure(configOf({ disk_usage_alert_threshold_gb: 5 }, { max_total_size_gb: 18 }));
    const { disk, entries, monitor: stats } = await run();
    expect([disk.usedShare, entries?.byLevel.INFO, stats.runs]).toEqual([0.5, 1, 2]);
    expect([told.length, monitor.firing().length, state.pressures]).toEqual([1, 1, 1]);
    monitor.reconfigure(configOf({ disk_usage_alert_threshold_gb: 10 }, { max_total_size_gb: 18 }));
    await run();
    expect(told.map(({ change, threshold }) => [change, threshold])).toEqual([
      ["fired", 8 * gib],
      ["resolved", 10 * gib],
    ]);
  });

  it("takes other intervals while it runs, and shows the new settings", async () => {
    const { monitor, clock, performance } = subject(configOf({ performance_metrics_enabled: false }));
    monitor.start();
    await clock.advanceAsync(0);
    monitor.reconfigure(
      configOf({ interval_seconds: 1, performance_metrics_interval_seconds: 2 }, { max_age_days: 9 }),
    );
    await clock.advanceAsync(4000);
    expect([monitor.snapshot()?.monitor.runs, performance.entries.length]).toEqual([5, 2]);
    expect((await monitor.dashboard.getRealTimeMetrics()).retention).toMatchObject({ maxAgeDays: 9 });
  });
});
