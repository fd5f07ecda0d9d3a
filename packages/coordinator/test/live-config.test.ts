import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type LoggingConfig, parseConfig } from "@waybill/config";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { followConfig } from "../src/index.ts";
import { linesOf, messagesOf, useTrees } from "./support/trees.ts";

const trees = useTrees();
const configOf = (text: string) => parseConfig(text).config;

describe("a configuration that is applied while running", { timeout: 30_000 }, () => {
  it("sets the level of loggers that are open", async () => {
    const manager = trees.openManager({ logging: { log_levels: { default: "WARNING" } } });
    const logger = manager.registerContainer("a").createComponentLogger("x");
    logger.info("before");
    manager.applyConfig({
      ...configOf("logging: { log_levels: { default: INFO } }"),
      coordinator: manager.config.coordinator,
    });
    logger.info("after");
    await manager.close();
    expect(messagesOf(manager.tree.layout.root, "containers/a/x.log")).toEqual(["after"]);
  });

  it("changes how open files are written, and loses nothing", async () => {
    const manager = trees.openManager();
    const logger = manager.registerContainer("a").createComponentLogger("x");
    const { coordinator } = manager.config;
    const texts = [
      "performance: { async_writing: false }",
      "performance: { async_writing: true, flush_interval_seconds: 5 }",
      "performance: { max_file_size_mb: 0.01 }",
      "performance: { enable_compression: false, batch_size: 3 }",
    ];
    let n = 0;
    for (const text of texts) {
      for (let k = 0; k < 50; k++) logger.info(`entry ${n++}`);
      manager.applyConfig({ ...configOf(`logging: { ${text} }`), coordinator });
    }
    for (let k = 0; k < 50; k++) logger.info(`entry ${n++}`);
    await manager.flush();
    const seqs = linesOf(manager.tree.layout.root, "containers/a/x.log").map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => 250 - seqs.length + index + 1));
    await manager.close();
  });

  it("switches flow records off and on", async () => {
    const manager = trees.openManager();
    const writer = manager.flowWriter("fast");
    const before = writer.status().accepted;
    manager.applyConfig({
      ...configOf("logging: { log_levels: { event_flows: ERROR } }"),
      coordinator: manager.config.coordinator,
    });
    expect(writer.status().accepted).toBe(before);
    await manager.close();
  });

  it("is taken over from a file that is replaced, and refused with the message of a start", async () => {
    const directory = trees.directory();
    const file = path.join(directory, "waybill.yaml");
    const text = (level: string) =>
      `log_dir: ${path.join(directory, "logs")}\nlogging: { log_levels: { default: ${level} } }\n`;
    writeFileSync(file, text("WARNING"));
    const manager = trees.openManager(undefined, { config: parseConfig(text("WARNING")).config });
    const logger = manager.registerContainer("a").createComponentLogger("x");
    const refused: unknown[] = [];
    let onNext = (): void => undefined;
    const next = (): Promise<void> => new Promise((resolve) => (onNext = resolve));
    const watch = await followConfig(file, manager, {
      settleMs: 0,
      onApplied: () => onNext(),
      onRefused: (error) => {
        refused.push(error);
        onNext();
      },
    });
    const replace = async (content: string): Promise<void> => {
      const done = next();
      writeFileSync(`${file}.new`, content);
      renameSync(`${file}.new`, file);
      await done;
    };
    await replace(text("DEBUG"));
    expect(logger.level).toBe("DEBUG");
    await replace("logging: { log_levels: { default: LOUD } }\n");
    expect(String(refused[0])).toContain("LOUD");
    expect(logger.level).toBe("DEBUG");
    await watch.close();
  });

  it.each<[string, (logging: LoggingConfig) => Partial<LoggingConfig>]>([
    ["the monitor", ({ monitoring }) => ({ monitoring: { ...monitoring, intervalSeconds: 0 } })],
    [
      "the flight recorder",
      ({ flightRecorder }) => ({
        flightRecorder: { ...flightRecorder, enabled: true, minLevel: "CRITICAL" },
      }),
    ],
    ["a quota", ({ quotas }) => ({ quotas: { ...quotas, linesPerSecond: -1 } })],
    ["folding", ({ folding }) => ({ folding: { ...folding, enabled: true, windowSeconds: -1 } })],
    ["master.log", ({ master }) => ({ master: { ...master, maxEntriesPerSecond: 0 } })],
  ])("is taken over whole or not at all: refused by %s", async (_, wrong) => {
    const manager = trees.openManager();
    const before = manager.config;
    const logger = manager.registerContainer("a").createComponentLogger("x");
    const performance = { ...before.logging.performance, maxFileSizeMb: 0.001 };
    const logLevels = { ...before.logging.logLevels, containers: "ERROR" as const };
    const next = { ...before.logging, performance, logLevels, ...wrong(before.logging) };
    expect(() => manager.applyConfig({ ...before, logging: next })).toThrow(RangeError);
    for (let n = 0; n < 50; n++) logger.info(`entry ${n}`);
    await manager.flush();
    const files = readdirSync(path.join(manager.tree.layout.root, "containers/a"));
    expect(files.filter((file) => file.endsWith(".log"))).toEqual(["x.log"]);
    expect(linesOf(manager.tree.layout.root, "containers/a/x.log").length).toBe(50);
    expect([manager.config, manager.entryStages().recorder]).toEqual([before, undefined]);
    const { performance: shown } = await manager.monitor.dashboard.getRealTimeMetrics();
    expect(shown).toMatchObject({ maxFileSizeMb: before.logging.performance.maxFileSizeMb });
    const { applied } = manager.applyConfig({
      ...before,
      logging: { ...before.logging, performance, logLevels },
    });
    expect(applied).toEqual(["logging.log_levels", "logging.performance"]);
    expect(logger.level).toBe("ERROR");
  });

  it("is refused once the manager is closed, as is a level", async () => {
    const manager = trees.openManager();
    await manager.close();
    const stopped = expect.objectContaining({ code: "WAYBILL_COORDINATOR_STOPPED" });
    expect(() => manager.applyConfig(manager.config)).toThrow(stopped);
    expect(() => manager.setLevel("*", "DEBUG", { forMs: 1000 })).toThrow(stopped);
  });
});

describe("followConfig", { timeout: 30_000 }, () => {
  function fileAndManager() {
    const directory = trees.directory();
    const file = path.join(directory, "waybill.yaml");
    const text = (level: string) =>
      `log_dir: ${path.join(directory, "logs")}\nlogging: { log_levels: { default: ${level} } }\n`;
    writeFileSync(file, text("WARNING"));
    const manager = trees.openManager(undefined, { config: parseConfig(text("WARNING")).config });
    return { file, text, manager };
  }

  it("leaves no watch behind when the first configuration is refused", async () => {
    const clock = createFakeClock();
    const { file, manager } = fileAndManager();
    await manager.close();
    await expect(followConfig(file, manager, { clock })).rejects.toThrow("closed");
    expect(clock.pendingTimers).toBe(0);
  });

  it("follows on whatever onApplied throws: the change holds, and so does the next", async () => {
    const { file, text, manager } = fileAndManager();
    const logger = manager.registerContainer("a").createComponentLogger("x");
    let onNext = (): void => undefined;
    const refused: unknown[] = [];
    const watch = await followConfig(file, manager, {
      settleMs: 0,
      onApplied: () => {
        onNext();
        throw new Error("a bug of the application");
      },
      onRefused: (error) => void refused.push(error),
    });
    for (const level of ["DEBUG", "WARNING"]) {
      const applied = new Promise<void>((resolve) => (onNext = resolve));
      writeFileSync(`${file}.new`, text(level));
      renameSync(`${file}.new`, file);
      await applied;
      expect(logger.level).toBe(level);
    }
    await watch.close();
    expect([refused, watch.refused]).toEqual([[], undefined]);
    await manager.close();
    const told = linesOf(manager.tree.layout.root, "system/coordinator.log").map(({ context }) => context);
    expect(told).toContainEqual(expect.objectContaining({ reason: "a bug of the application" }));
  });

  it("stays as it was while its file is emptied, removed, or something that cannot be read", async () => {
    const directory = trees.directory();
    const file = path.join(directory, "waybill.yaml");
    const text = (level: string) =>
      `log_dir: ${path.join(directory, "logs")}\nlogging: { log_levels: { default: ${level} } }\n`;
    writeFileSync(file, text("WARNING"));
    const manager = trees.openManager(undefined, { config: parseConfig(text("WARNING")).config });
    const logger = manager.registerContainer("a").createComponentLogger("x");
    let onNext: (news: unknown) => void = () => undefined;
    const news = (act: () => void): Promise<unknown> => {
      const next = new Promise((resolve) => {
        onNext = resolve;
      });
      act();
      return next;
    };
    const watch = await followConfig(file, manager, {
      settleMs: 0,
      checkIntervalMs: 20,
      onApplied: () => onNext("applied"),
      onRefused: (error) => onNext(error),
    });
    const obstacles: readonly (() => void)[] = [
      () => writeFileSync(file, ""),
      () => rmSync(file),
      () => symlinkSync(file, file),
      () => {
        rmSync(file);
        mkdirSync(file);
      },
    ];
    for (const place of obstacles) {
      expect(await news(place)).toBeInstanceOf(Error);
      expect([logger.level, manager.config.logging.logLevels.default]).toEqual(["WARNING", "WARNING"]);
    }
    rmSync(file, { recursive: true });
    expect(await news(() => writeFileSync(file, text("DEBUG")))).toBe("applied");
    expect(logger.level).toBe("DEBUG");
    await manager.flush();
    const refusals = messagesOf(manager.tree.layout.root, "system/coordinator.log").filter((message) =>
      message.startsWith("The configuration was refused"),
    );
    expect(refusals.length).toBeGreaterThanOrEqual(obstacles.length);
    await watch.close();
  });
});
