import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { LoggingConfig } from "@waybill/config";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it, vi } from "vitest";
import { linesOf, messagesOf, nextTurn, useTrees } from "../test/support/trees.ts";
import { openLogManager } from "./log-manager.ts";

const trees = useTrees();

describe("registering a container", () => {
  it("gives the same registry the second time, and one logger per component", () => {
    const manager = trees.openManager();
    const registry = manager.registerContainer("a", { type: "strategy" });
    expect(manager.registerContainer("a")).toBe(registry);
    expect(manager.registerContainer("a", { type: "strategy" })).toBe(registry);
    expect(registry.createComponentLogger("x")).toBe(registry.createComponentLogger("x"));
    expect(registry.createComponentLogger("y")).not.toBe(registry.createComponentLogger("x"));
  });

  it("refuses another type", () => {
    const manager = trees.openManager();
    manager.registerContainer("a", { type: "strategy" });
    expect(() => manager.registerContainer("a", { type: "risk" })).toThrow(
      expect.objectContaining({ code: "WAYBILL_CONTAINER_CONFLICT" }),
    );
  });

  it("takes the type of the configuration", () => {
    const manager = trees.openManager({ containers: { a: { type: "risk" } } });
    expect(manager.registerContainer("a").type).toBe("risk");
  });

  it("is refused once the manager is closed, and so are loggers of the registries", async () => {
    const manager = trees.openManager();
    const registry = manager.registerContainer("a");
    await manager.close();
    const stopped = expect.objectContaining({ code: "WAYBILL_COORDINATOR_STOPPED" });
    expect(() => manager.registerContainer("b")).toThrow(stopped);
    expect(() => registry.createComponentLogger("x")).toThrow(stopped);
    expect(manager.registries.size).toBe(0);
  });

  it("keeps a and a.b apart when a is unregistered", async () => {
    const manager = trees.openManager();
    manager.registerContainer("a").createComponentLogger("b.x").info("of a");
    const other = manager.registerContainer("a.b").createComponentLogger("x");
    await manager.unregisterContainer("a");
    other.info("still there");
    await manager.close();
    expect(messagesOf(manager.tree.layout.root, "containers/a.b/x.log")).toEqual(["still there"]);
    expect(messagesOf(manager.tree.layout.root, "containers/a/b.x.log")).toEqual(["of a"]);
  });

  it("begins anew after unregistering, on the same file with the numbers going on", async () => {
    const manager = trees.openManager();
    const first = manager.registerContainer("a");
    first.createComponentLogger("x").info("one");
    await manager.unregisterContainer("a");
    await manager.unregisterContainer("a");
    const second = manager.registerContainer("a");
    expect(second).not.toBe(first);
    second.createComponentLogger("x").info("two");
    await manager.close();
    expect(linesOf(first.logDirectory, "x.log").map(({ seq, message }) => [seq, message])).toEqual([
      [1, "one"],
      [2, "two"],
    ]);
  });

  it("keeps ids such as __proto__ and ../x as ids", async () => {
    const manager = trees.openManager();
    for (const id of ["__proto__", "toString", "../x", "", "a/b"]) {
      manager.registerContainer(id).createComponentLogger("__proto__").info("hello");
    }
    expect(Object.keys(manager.registerContainer("a/b").getRegistryStats().components)).toEqual([
      "__proto__",
    ]);
    await manager.flush();
    const { logStructure } = await manager.getLogSummary();
    expect(Object.keys(logStructure).toSorted()).toEqual(["", "../x", "__proto__", "a/b", "toString"]);
    expect(new Map(Object.entries(logStructure)).get("__proto__")?.fileCount).toBe(1);
    expect(logStructure["valueOf"]).toBeUndefined();
    expect(existsSync(path.join(manager.tree.layout.root, "containers", "..", "x"))).toBe(false);
  });
});

describe("the files of a tree", () => {
  it("share one writer of master.log: no line is lost and no number is left out", async () => {
    const manager = trees.openManager({ logging: { performance: { max_file_size_mb: 0.01 } } });
    const loggers = ["a", "b", "c"].map((id) => manager.registerContainer(id).createComponentLogger("x"));
    for (let index = 0; index < 300; index++) loggers[index % 3]?.info(`entry ${index}`);
    await manager.close();
    const { root } = manager.tree.layout;
    const { listSegments, readEntries } = await import("@waybill/log-tree");
    const { segments } = await listSegments(root, { kinds: ["master"] });
    expect(segments.length).toBeGreaterThan(1);
    const seqs: number[] = [];
    const messages = new Set<string>();
    for await (const { entry } of readEntries(segments)) {
      seqs.push(entry.seq);
      messages.add(entry.message);
    }
    seqs.sort((one, other) => one - other);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    expect(Array.from({ length: 300 }, (_, index) => messages.has(`entry ${index}`))).not.toContain(false);
  });

  it("keep system logs in system/, which is no container", async () => {
    const manager = trees.openManager();
    manager.systemLogger.info("from the system");
    await manager.flush();
    const { root } = manager.tree.layout;
    expect(messagesOf(root, "system/coordinator.log")).toEqual(["from the system"]);
    expect(messagesOf(root, "system/log_manager.log")).toContain("Log management system initialized");
    expect(readdirSync(path.join(root, "containers"))).toEqual([]);
    expect((await manager.getLogSummary()).totalLogDirectories).toBe(0);
  });

  it("take entries from the level of component, container, type, kind and default on, in this order", async () => {
    const manager = trees.openManager({
      logging: {
        log_levels: { default: "CRITICAL", containers: "ERROR", system: "WARNING" },
        levels_by_type: { strategy: "WARNING" },
      },
      containers: {
        full: { type: "strategy", logging: { level: "INFO", components: { loud: { level: "DEBUG" } } } },
      },
    });
    const levelOf = (id: string, component: string, type?: string) =>
      manager.registerContainer(id, type === undefined ? {} : { type }).createComponentLogger(component)
        .level;
    expect(levelOf("full", "loud")).toBe("DEBUG");
    expect(levelOf("full", "other")).toBe("INFO");
    expect(levelOf("typed", "x", "strategy")).toBe("WARNING");
    expect(levelOf("plain", "x")).toBe("ERROR");
    expect(manager.systemLogger.level).toBe("WARNING");
    expect(manager.lifecycleLogger.level).toBe("CRITICAL");
    const logger = manager.registerContainer("typed").createComponentLogger("x");
    logger.info("no");
    logger.warn("yes");
    await manager.close();
    expect(messagesOf(manager.tree.layout.root, "containers/typed/x.log")).toEqual(["yes"]);
    expect(messagesOf(manager.tree.layout.root, "master.log")).toEqual(["yes"]);
  });

  it.each([
    ["INFO", ["main_fast_event_flows.log"]],
    ["WARNING", []],
  ])("hold flow records at level %s in %j", async (level, files) => {
    const coordinator = trees.openCoordinator({ input: { logging: { log_levels: { event_flows: level } } } });
    coordinator.tracer.publish({ eventType: "SIGNAL", source: "a", tier: "fast", correlationId: "trade_1" });
    await coordinator.shutdown();
    expect(readdirSync(path.join(coordinator.logManager.tree.layout.root, "flows"))).toEqual(files);
    expect(coordinator.tracer.stats().unwritten).toBe(0);
  });
});

describe("opening", () => {
  it.each<[string, (logging: LoggingConfig) => object]>([
    ["of the monitor", ({ monitoring }) => ({ monitoring: { ...monitoring, intervalSeconds: 0 } })],
    [
      "of the flight recorder",
      ({ flightRecorder }) => ({ flightRecorder: { ...flightRecorder, enabled: true, totalSizeMb: 0 } }),
    ],
    ["of a level", ({ logLevels }) => ({ logLevels: { ...logLevels, system: "LOUD" } })],
  ])("leaves no timer and no exit listener behind when a setting %s is refused", async (_, wrong) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const config = trees.configOf();
      const listeners = process.listenerCount("exit");
      const logging = { ...config.logging, ...wrong(config.logging) };
      expect(() => openLogManager({ config: { ...config, logging } })).toThrow();
      await nextTurn();
      expect([vi.getTimerCount(), process.listenerCount("exit")]).toEqual([0, listeners]);
      await openLogManager({ config }).close();
    } finally {
      vi.useRealTimers();
    }
  });

  it("refuses a log directory below a file, and leaves nothing behind", () => {
    const directory = trees.directory();
    writeFileSync(path.join(directory, "file"), "");
    const config = trees.configOf({}, path.join(directory, "file", "logs"));
    expect(() => openLogManager({ config })).toThrow(
      expect.objectContaining({ code: "WAYBILL_TREE_UNWRITABLE" }),
    );
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  it("refuses a link that leads nowhere as log directory", () => {
    const link = path.join(trees.directory(), "logs");
    symlinkSync(path.join(link, "..", "nowhere", "logs"), link);
    expect(() => openLogManager({ config: trees.configOf({}, link) })).toThrow(
      expect.objectContaining({ code: "WAYBILL_TREE_UNWRITABLE" }),
    );
  });

  it("refuses a file as log directory", () => {
    const file = path.join(trees.directory(), "file");
    writeFileSync(file, "");
    expect(() => openLogManager({ config: trees.configOf({}, file) })).toThrow(
      expect.objectContaining({ code: "WAYBILL_TREE_UNWRITABLE" }),
    );
    expect(statSync(file).size).toBe(0);
  });

  it("refuses a tree that this process has open, until that is closed", async () => {
    const config = trees.configOf();
    const first = openLogManager({ config });
    expect(() => openLogManager({ config })).toThrow(
      expect.objectContaining({ code: "WAYBILL_WRITER_CONFLICT" }),
    );
    await first.close();
    const second = openLogManager({ config });
    await second.close();
    expect(messagesOf(first.tree.layout.root, "system/log_manager.log")).toHaveLength(4);
  });

  it("takes the smallest and the largest values that a configuration may have", async () => {
    for (const performance of [
      {
        mode: "batched",
        batch_size: 1,
        flush_interval_seconds: 0.001,
        max_file_size_mb: 0.001,
        queue_limit_mb: 0.01,
      },
      {
        mode: "durable",
        batch_size: 100_000,
        flush_interval_seconds: 60,
        max_file_size_mb: 10_240,
        queue_limit_mb: 1024,
      },
    ] as const) {
      const manager = trees.openManager({ logging: { performance } });
      manager.systemLogger.info("hello");
      await manager.close();
      expect(messagesOf(manager.tree.layout.root, "system/coordinator.log")).toContain("hello");
    }
  });
});

describe("the log summary", () => {
  it("says what is on disk", async () => {
    const clock = createFakeClock({ nowMs: Date.UTC(2026, 2, 1) });
    const manager = trees.openManager({}, { clock });
    clock.advance(1000);
    const logger = manager.registerContainer("a").createComponentLogger("x");
    logger.info("hello");
    manager.registerContainer("idle");
    await manager.flush();
    const { root } = manager.tree.layout;
    const summary = await manager.getLogSummary();
    const sizeOf = (file: string): number => statSync(path.join(root, file)).size / 1_048_576;
    expect(summary).toMatchObject({
      coordinatorId: "main",
      activeContainers: 2,
      totalLogDirectories: 1,
      baseLogDir: root,
      oldestLog: "2026-03-01T00:00:00.000Z",
    });
    expect(summary.logStructure).toEqual({
      a: { logFiles: ["x.log"], fileCount: 1, totalSizeMb: sizeOf("containers/a/x.log") },
    });
    expect(summary.diskUsageMb).toBeCloseTo(
      sizeOf("containers/a/x.log") + sizeOf("master.log") + sizeOf("system/log_manager.log"),
      9,
    );
    expect(summary.writers).toMatchObject({ queued: 0, dropped: 0 });
    expect(summary.writers.written).toBe(summary.writers.accepted);
  });

  it("knows no oldest log in an empty tree", async () => {
    const manager = trees.openManager();
    expect((await manager.getLogSummary()).oldestLog).toBeUndefined();
  });
});

describe("closing", () => {
  it("is one and the same promise each time, and so is disposal", async () => {
    const manager = trees.openManager();
    const closing = manager.close();
    expect(manager.close()).toBe(closing);
    expect(manager[Symbol.asyncDispose]()).toBe(closing);
    await closing;
  });

  it("of a registry's loggers lets them be made again", async () => {
    const manager = trees.openManager();
    const registry = manager.registerContainer("a");
    registry.createComponentLogger("x").info("one");
    await registry.closeAllLoggers();
    expect(registry.getRegistryStats().componentCount).toBe(0);
    registry.createComponentLogger("x").info("two");
    await manager.close();
    expect(messagesOf(registry.logDirectory, "x.log")).toEqual(["one", "two"]);
  });
});

describe("a stream that cannot be written", () => {
  it("is told on one line a minute and in the system log, without an exception", async () => {
    const clock = createFakeClock();
    const printed: string[] = [];
    const manager = trees.openManager({}, { clock, print: (line) => printed.push(line) });
    for (const id of ["a", "b", "c"]) {
      // A file where the directory belongs.
      writeFileSync(manager.tree.layout.containerDirectory(id), "");
      manager.registerContainer(id).createComponentLogger("x").error("lost?");
    }
    expect(printed).toHaveLength(1);
    expect(printed[0]).toMatch(/^waybill: cannot write .*x\.log: .*\n$/);
    await clock.advanceAsync(30_000);
    expect(printed).toHaveLength(1);
    const failures = linesOf(manager.tree.layout.root, "system/log_manager.log").filter(
      ({ message }) => message === "Writing failed",
    );
    expect(failures).toHaveLength(3);
    await expect(manager.close()).rejects.toMatchObject({ code: "WAYBILL_FLUSH_FAILED" });
    await expect(manager.close()).rejects.toMatchObject({ code: "WAYBILL_FLUSH_FAILED" });
  });
});
