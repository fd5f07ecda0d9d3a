import { runWithCorrelation } from "@waybill/correlation";
import {
  isContainerAware,
  isCorrelationAware,
  isLoggable,
  type Level,
  levels,
  severityOf,
} from "@waybill/protocols";
import { createFakeClock, createMemoryWriter, hostileValues, type MemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import {
  type ContainerLogger,
  type ContainerLoggerOptions,
  createContainerLogger,
} from "./container-logger.ts";
import { createCorrelationIndex } from "./correlation-index.ts";

function createLogger(options: Partial<ContainerLoggerOptions> = {}): {
  readonly logger: ContainerLogger;
  readonly writer: MemoryWriter;
} {
  const writer = createMemoryWriter();
  const clock = createFakeClock({ nowMs: 5000 });
  const ids = { containerId: "strategy_001", componentName: "momentum" };
  return { writer, logger: createContainerLogger({ ...ids, writer, clock, ...options }) };
}

/** As third-party code does, which need not throw errors. */
function throwValue(value: unknown): never {
  throw value;
}

function fail(): never {
  throw new Error("hostile");
}

const methods = [
  ["trace", "TRACE"],
  ["debug", "DEBUG"],
  ["info", "INFO"],
  ["warn", "WARNING"],
  ["warning", "WARNING"],
  ["error", "ERROR"],
  ["fatal", "CRITICAL"],
  ["critical", "CRITICAL"],
] as const;

describe("levels", () => {
  it.each(methods)("%s writes an entry of level %s from that level on", (method, level) => {
    const written = levels.map((least) => {
      const { logger, writer } = createLogger({ level: least });
      logger[method]("m", { a: 1 });
      return writer.entries.map((entry) => entry.level);
    });
    expect(written).toEqual(levels.map((least) => (severityOf[least] <= severityOf[level] ? [level] : [])));
  });

  it.each(levels)("isEnabled and log agree about %s", (least) => {
    const { logger, writer } = createLogger({ level: least });
    const enabled = levels.filter((level) => logger.isEnabled(level));
    for (const level of levels) logger.log(level, "m");
    expect(enabled).toEqual(levels.slice(levels.indexOf(least)));
    expect(writer.entries.map((entry) => entry.level)).toEqual(enabled);
  });

  it("are taken in either vocabulary and any case", () => {
    const { logger, writer } = createLogger();
    for (const level of ["warn", "Warning", "FATAL", "critical"]) logger.log(level, "m");
    expect(writer.entries.map((entry) => entry.level)).toEqual([
      "WARNING",
      "WARNING",
      "CRITICAL",
      "CRITICAL",
    ]);
  });

  it.each(["loud", "", "constructor", 7, null, undefined, { toString: fail }])(
    "take %o for INFO",
    (level) => {
      const { logger, writer } = createLogger();
      logger.log(level as string, "m");
      expect([logger.isEnabled(level as string), writer.entries[0]?.level]).toEqual([true, "INFO"]);
      logger.level = "WARNING";
      logger.log(level as string, "m");
      expect([logger.isEnabled(level as string), writer.entries.length]).toEqual([false, 1]);
    },
  );

  it("start at INFO and may change at any time", () => {
    const { logger, writer } = createLogger();
    logger.debug("no");
    logger.level = "DEBUG";
    logger.debug("yes");
    expect([logger.level, writer.entries.map((entry) => entry.message)]).toEqual(["DEBUG", ["yes"]]);
  });

  it("are refused where they are configured and name none", () => {
    const { logger, writer } = createLogger();
    const loud = "LOUD" as Level;
    expect(() => createLogger({ level: loud })).toThrow(
      new RangeError(`LOUD is none of the levels ${levels.join(", ")}`),
    );
    expect(() => createLogger({ summary: { writer, minLevel: loud } })).toThrow(RangeError);
    expect(() => {
      logger.level = loud;
    }).toThrow(RangeError);
    expect(logger.level).toBe("INFO");
  });

  it("that are disabled cost no work: nothing is called, read, counted or written", () => {
    let calls = 0;
    const { logger, writer } = createLogger({ level: "WARNING" });
    const count = (): never => {
      calls++;
      return fail();
    };
    logger.info(count, count);
    logger.log("debug", count, count);
    logger.info("m", new Proxy({}, { get: count }));
    expect([calls, writer.entries, logger.metrics.logCount]).toEqual([0, [], 0]);
  });
});

describe("entries", () => {
  it("say when, who, what and where", () => {
    const { logger, writer } = createLogger();
    logger.info("Generating signal", { strength: 0.8, publish_tier: "fast" });
    expect(writer.entries).toEqual([
      {
        timestampMs: 5000,
        level: "INFO",
        message: "Generating signal",
        source: { containerId: "strategy_001", componentName: "momentum" },
        scope: "external_fast_tier",
        correlationId: undefined,
        eventId: undefined,
        traceId: undefined,
        spanId: undefined,
        context: { strength: 0.8, publish_tier: "fast" },
      },
    ]);
  });

  it("name the same source object each time, by which writers recognise it", () => {
    const sources = new Set<object>();
    const writer = {
      ...createMemoryWriter(),
      write: (entry: { source: object }) => sources.add(entry.source).size > 0,
    };
    const { logger } = createLogger({ writer });
    logger.info("a");
    logger.info("b");
    expect([sources.size, Object.isFrozen([...sources][0])]).toEqual([1, true]);
  });

  it("take their scope from the given detector, which sees the made context", () => {
    const seen: unknown[] = [];
    const detector = {
      detect: (context: unknown) => {
        seen.push(context);
        return "custom:mine" as const;
      },
      unknownTiers: () => new Map(),
    };
    const { logger, writer } = createLogger({ detector });
    logger.info("m", () => ({ made: 1 }));
    logger.info("m");
    expect([seen, writer.entries[0]?.scope]).toEqual([[{ made: 1 }, undefined], "custom:mine"]);
  });

  it("carry a message and a context that were made when they were written", () => {
    const { logger, writer } = createLogger();
    logger.info(
      () => "made",
      () => ({ a: 1 }),
    );
    expect(writer.entries).toMatchObject([{ message: "made", context: { a: 1 } }]);
  });

  it("show an error in place of the context under error", () => {
    const { logger, writer } = createLogger();
    logger.error("failed", new Error("disk"));
    expect(writer.entries[0]?.context).toMatchObject({ error: { message: "disk" } });
  });
});

describe("ids", () => {
  it("come from the context, else from the scope, else from the default", () => {
    const { logger, writer } = createLogger();
    const own = { correlation_id: "own" };
    logger.info("none");
    logger.info("context", own);
    logger.setCorrelationId("default");
    logger.info("default");
    runWithCorrelation("scope", () => {
      logger.info("scope");
      logger.info("context", own);
    });
    logger.info("default");
    expect(writer.entries.map((entry) => entry.correlationId)).toEqual([
      undefined,
      "own",
      "default",
      "scope",
      "own",
      "default",
    ]);
  });

  it("are answered as they would be written", () => {
    const { logger } = createLogger();
    expect(logger.getCorrelationId()).toBeUndefined();
    logger.setCorrelationId("default");
    expect([logger.getCorrelationId(), runWithCorrelation("scope", () => logger.getCorrelationId())]).toEqual(
      ["default", "scope"],
    );
  });

  it("set inside a scope change the scope and not the default", () => {
    const { logger } = createLogger();
    const inside = runWithCorrelation("before", () => {
      logger.setCorrelationId("after");
      return createLogger().logger.getCorrelationId();
    });
    expect([inside, logger.getCorrelationId()]).toEqual(["after", undefined]);
  });

  it("of the event come from the context; those of the trace from the scope", () => {
    const { logger, writer } = createLogger();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const spanId = "b7ad6b7169203331";
    runWithCorrelation("scope", () => logger.info("m", { event_id: "evt_7" }), { traceId, spanId });
    expect(writer.entries).toMatchObject([{ eventId: "evt_7", traceId, spanId, correlationId: "scope" }]);
  });

  it.each([
    ["", undefined],
    [7, undefined],
    [null, undefined],
    ["  a\nb ", "a_b"],
    ["x".repeat(10_000), "x".repeat(256)],
  ])("%o of a context are cleaned to %o", (id, cleaned) => {
    const { logger, writer } = createLogger();
    logger.info("m", { correlation_id: id, event_id: id });
    expect(writer.entries).toMatchObject([{ correlationId: cleaned, eventId: cleaned }]);
  });
});

describe("metrics", () => {
  it("count entries, errors and the last activity, and nothing below the level", () => {
    const clock = createFakeClock({ nowMs: 1000 });
    const { logger } = createLogger({ clock });
    const none = { TRACE: 0, DEBUG: 0, INFO: 0, WARNING: 0, ERROR: 0, CRITICAL: 0 };
    const empty = {
      logCount: 0,
      errorCount: 0,
      countsByLevel: none,
      lastActivity: undefined,
      failedCount: 0,
    };
    expect([logger.createdAtMs, logger.metrics]).toEqual([1000, empty]);
    clock.advance(5);
    for (const [method] of methods) logger[method]("m");
    clock.advance(5);
    logger.debug("below");
    expect(logger.metrics).toEqual({
      logCount: 6,
      errorCount: 3,
      countsByLevel: { ...none, INFO: 1, WARNING: 2, ERROR: 1, CRITICAL: 2 },
      lastActivity: 1005,
      failedCount: 0,
    });
  });

  it("count each level for itself", () => {
    const { logger } = createLogger({ level: "TRACE" });
    for (const [index, level] of levels.entries()) for (let n = 0; n <= index; n += 1) logger.log(level, "m");
    const countsByLevel = { TRACE: 1, DEBUG: 2, INFO: 3, WARNING: 4, ERROR: 5, CRITICAL: 6 };
    expect(logger.metrics).toMatchObject({ countsByLevel, logCount: 21, errorCount: 11 });
  });
});

describe("errors", () => {
  it("are told to who wants to know of them, and nothing else is", () => {
    const told: string[] = [];
    const errors = { note: (level: string, message: string) => void told.push(`${level} ${message}`) };
    const { logger } = createLogger({ errors, level: "TRACE" });
    for (const level of levels) logger.log(level, () => `as ${level}`);
    logger.level = "CRITICAL";
    logger.error("below");
    expect(told).toEqual(["ERROR as ERROR", "CRITICAL as CRITICAL"]);
  });

  it("that nobody could be told of are counted, and are written", () => {
    const note = (): void => {
      throw new Error("bug");
    };
    const { logger, writer } = createLogger({ errors: { note } });
    logger.error("m");
    expect([writer.entries.length, logger.metrics.failedCount]).toEqual([1, 1]);
  });
});

describe("summary", () => {
  it("gets entries from its level on, without their context", () => {
    const summary = createMemoryWriter();
    const { logger, writer } = createLogger({ summary: { writer: summary, minLevel: "WARNING" } });
    logger.info("small", { a: 1 });
    logger.warn("big", { a: 1, event_id: "e", correlation_id: "c" });
    expect(summary.entries).toEqual([{ ...writer.entries[1], context: undefined }]);
    expect(writer.entries.map((entry) => entry.context?.["a"])).toEqual([1, 1]);
  });

  it("is not closed with the logger, because others share it", async () => {
    const summary = createMemoryWriter();
    const { logger } = createLogger({ summary: { writer: summary, minLevel: "INFO" } });
    await logger.close();
    expect(summary.status().state).toBe("open");
  });
});

describe("correlation index", () => {
  it("is told of entries with a correlation id, and of no others", () => {
    const index = createMemoryWriter();
    const { logger } = createLogger({ correlations: createCorrelationIndex({ writerFor: () => index }) });
    logger.info("without");
    logger.info("with", { correlation_id: "trade_1" });
    expect(index.entries).toMatchObject([{ message: "with", correlationId: "trade_1", context: undefined }]);
  });
});

describe("hostile arguments", () => {
  const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, fail]));
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const contexts: [string, unknown][] = [
    ["proxy that throws on every trap", new Proxy({}, traps)],
    ["function proxy that throws on every trap", new Proxy(() => 0, traps)],
    ["revoked proxy", revoked],
    ["function that throws", fail],
    ["function that throws nothing", () => throwValue(undefined)],
    ["function that returns a function", () => fail],
    ["function that returns a revoked proxy", () => revoked],
    [
      "getters that throw",
      {
        get correlation_id() {
          return fail();
        },
        get event_id() {
          return fail();
        },
        get publish_tier() {
          return fail();
        },
      },
    ],
    ["null", null],
    ["number", 7],
    ["symbol", Symbol("s")],
    ["array", [1, 2]],
  ];

  it.each(contexts)("give an entry and no error: context %s", (_, context) => {
    const { logger, writer } = createLogger();
    logger.info("m", context as Record<string, unknown>);
    logger.log("info", "m", context as Record<string, unknown>);
    expect(writer.entries.map((entry) => entry.message)).toEqual(["m", "m"]);
    expect(logger.metrics.failedCount).toBe(0);
  });

  it.each(hostileValues)("give an entry and no error: $label", ({ create }) => {
    const { logger, writer } = createLogger();
    logger.error("m", create());
    expect([writer.entries.length, logger.metrics.failedCount]).toEqual([1, 0]);
  });

  it.each<[string, unknown, string]>([
    ["function that throws", fail, "[message could not be made: hostile]"],
    ["undefined", undefined, "undefined"],
    ["number", 7, "7"],
    ["symbol", Symbol("s"), "Symbol(s)"],
    [
      "object without prototype",
      Object.create(null),
      "[message could not be made: Cannot convert object to primitive value]",
    ],
    ["function that returns no text", () => 7, "7"],
    [
      "revoked proxy",
      revoked,
      "[message could not be made: Cannot perform 'get' on a proxy that has been revoked]",
    ],
  ])("become text: message %s", (_, message, text) => {
    const { logger, writer } = createLogger();
    logger.info(message as string);
    expect(writer.entries.map((entry) => entry.message)).toEqual([text]);
  });

  it("may log themselves while they are made", () => {
    const { logger, writer } = createLogger();
    logger.info(() => {
      logger.info("inner");
      return "outer";
    });
    expect(writer.entries.map((entry) => entry.message)).toEqual(["inner", "outer"]);
  });
});

describe("ports that break their contract", () => {
  it("do not reach the application, and are counted", () => {
    const broken = { ...createMemoryWriter(), write: fail };
    const { logger } = createLogger({ writer: broken });
    logger.info("m");
    expect(logger.metrics).toMatchObject({ logCount: 1, failedCount: 1 });
  });

  it("are counted also when it is the clock, once it has told when the logger began", () => {
    let calls = 0;
    const clock = { ...createFakeClock(), now: () => (calls++ === 0 ? 0 : fail()) };
    const { logger } = createLogger({ clock });
    logger.info("m");
    expect(logger.metrics).toMatchObject({ logCount: 0, failedCount: 1 });
  });
});

describe("end", () => {
  it("closes the writer once, and every call gets the same promise", async () => {
    let closes = 0;
    const memory = createMemoryWriter();
    const close = (): Promise<void> => {
      closes++;
      return memory.close();
    };
    const { logger } = createLogger({ writer: { ...memory, close } });
    const first = logger.close();
    expect(logger.close()).toBe(first);
    await first;
    expect([closes, memory.status().state]).toEqual([1, "closed"]);
  });

  it("lets later calls pass without effect", async () => {
    const { logger, writer } = createLogger();
    logger.info("before");
    await logger.close();
    logger.info("after", fail);
    expect([writer.entries.length, writer.status().accepted, logger.metrics.logCount]).toEqual([1, 1, 1]);
  });

  it("flushes through the writer and tells its failure", async () => {
    const { logger, writer } = createLogger();
    await expect(logger.flush()).resolves.toBeUndefined();
    writer.failNext("flush");
    await expect(logger.flush()).rejects.toMatchObject({ code: "WAYBILL_FLUSH_FAILED" });
  });
});

describe("protocols", () => {
  it("hold for every logger", () => {
    const { logger } = createLogger();
    expect([isLoggable(logger), isContainerAware(logger), isCorrelationAware(logger)]).toEqual([
      true,
      true,
      true,
    ]);
    expect([logger.containerId, logger.componentName]).toEqual(["strategy_001", "momentum"]);
  });

  it("writes an entry whose scope detector throws, and counts the failure", () => {
    const writer = createMemoryWriter();
    const logger = createContainerLogger({
      containerId: "c",
      componentName: "k",
      writer,
      detector: {
        detect() {
          throw new Error("detector");
        },
        unknownTiers: () => new Map(),
      },
    });
    logger.info("kept");
    expect(writer.entries.map(({ message, scope }) => [message, scope])).toEqual([
      ["kept", "component_internal"],
    ]);
    expect(logger.metrics).toMatchObject({ logCount: 1, failedCount: 1 });
  });
});
