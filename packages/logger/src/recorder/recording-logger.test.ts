import { createFakeClock, createMemoryWriter, type MemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { type ContainerLoggerOptions, createContainerLogger } from "../container-logger.ts";
import { createCorrelationIndex } from "../correlation-index.ts";
import { createFlightRecorder, type FlightRecorder } from "./flight-recorder.ts";
import type { RecordedLogger } from "./recorded-logger.ts";

function createLogger(
  recorder: FlightRecorder,
  options: Partial<ContainerLoggerOptions> = {},
): { readonly logger: RecordedLogger; readonly writer: MemoryWriter; readonly messages: () => string[] } {
  const writer = createMemoryWriter();
  const ids = { containerId: "alpha", componentName: "main" };
  const clock = createFakeClock({ nowMs: 1000 });
  const logger = createContainerLogger({ ...ids, writer, clock, recorder, ...options });
  return { logger, writer, messages: () => writer.entries.map((entry) => entry.message) };
}

describe("a logger with a recorder", () => {
  it("writes the debug entries that led to an error, ahead of it, and only then", () => {
    const { logger, writer, messages } = createLogger(createFlightRecorder());
    logger.debug("a", { n: 1 });
    logger.info("b");
    logger.warn("c");
    expect(messages()).toEqual(["b", "c"]);
    logger.error("d");
    logger.critical("e");
    expect(messages()).toEqual(["b", "c", "a", "d", "e"]);
    expect(writer.entries[2]).toMatchObject({
      level: "DEBUG",
      timestampMs: 1000,
      context: { n: 1, recorded: true },
    });
  });

  it("writes those of other components and containers on the same correlation id", () => {
    const recorder = createFlightRecorder();
    const one = createLogger(recorder);
    const other = createLogger(recorder, { containerId: "beta" });
    one.logger.debug("asked", { correlation_id: "t_1" });
    one.logger.debug("of something else", { correlation_id: "t_2" });
    other.logger.debug("answered", { correlation_id: "t_1" });
    other.logger.error("failed", { correlation_id: "t_1" });
    expect([one.messages(), other.messages()]).toEqual([["asked"], ["answered", "failed"]]);
  });

  it("tells the index of correlations where such entries stand", () => {
    const index = createMemoryWriter();
    const correlations = createCorrelationIndex({ writerFor: () => index });
    const recorder = createFlightRecorder();
    const one = createLogger(recorder, { correlations });
    const other = createLogger(recorder, { containerId: "beta", correlations });
    one.logger.debug("asked", { correlation_id: "t_1" });
    expect(index.entries).toEqual([]);
    other.logger.error("failed", { correlation_id: "t_1" });
    expect(index.entries.map((entry) => entry.source.containerId)).toContain("alpha");
  });

  it("makes messages and contexts when it records, not when it writes", () => {
    const { logger, writer } = createLogger(createFlightRecorder());
    let state = 1;
    logger.debug(
      () => `state ${state}`,
      () => ({ state }),
    );
    state = 2;
    logger.error("failed");
    expect(writer.entries[0]).toMatchObject({ message: "state 1", context: { state: 1 } });
  });

  it("keeps nothing below the recorder's level, and calls nothing for it", () => {
    const { logger, messages } = createLogger(createFlightRecorder());
    let calls = 0;
    logger.trace(() => `${calls++}`);
    logger.error("failed");
    expect([calls, messages()]).toEqual([0, ["failed"]]);
  });

  it("keeps what becomes disabled, and writes what becomes enabled", () => {
    const { logger, messages } = createLogger(createFlightRecorder());
    logger.level = "WARNING";
    logger.info("kept");
    logger.level = "DEBUG";
    logger.debug("written");
    logger.level = "ERROR";
    logger.warn("kept too");
    expect(messages()).toEqual(["written"]);
    logger.error("failed");
    expect(messages()).toEqual(["written", "kept", "kept too", "failed"]);
  });

  it("keeps an error below the level like any other entry", () => {
    const { logger, messages } = createLogger(createFlightRecorder(), { level: "CRITICAL" });
    logger.debug("a");
    logger.error("b");
    expect(messages()).toEqual([]);
    logger.critical("c");
    expect(messages()).toEqual(["a", "b", "c"]);
  });

  it("says that a level is enabled where the recorder keeps it", () => {
    const { logger } = createLogger(createFlightRecorder());
    expect([logger.isEnabled("TRACE"), logger.isEnabled("DEBUG"), logger.level]).toEqual([
      false,
      true,
      "INFO",
    ]);
  });

  it("does not count, sum up or index what is only kept", () => {
    const summary = createMemoryWriter();
    const options = { summary: { writer: summary, minLevel: "TRACE" as const } };
    const { logger } = createLogger(createFlightRecorder(), options);
    logger.debug("a");
    expect([logger.metrics.logCount, logger.metrics.failedCount, summary.entries]).toEqual([0, 0, []]);
  });

  it("has it forget what it kept for it when it closes", async () => {
    const recorder = createFlightRecorder();
    const { logger, messages } = createLogger(recorder);
    logger.debug("a");
    await logger.close();
    logger.debug("b");
    expect(recorder.status()).toMatchObject({ recorded: 1, forgotten: 1, entries: 0 });
    expect([recorder.releaseAll(), messages()]).toEqual([0, []]);
  });

  it("releases at the level that the recorder names", () => {
    const { logger, messages } = createLogger(createFlightRecorder({ triggerLevel: "WARNING" }));
    logger.debug("a");
    logger.warn("b");
    expect(messages()).toEqual(["a", "b"]);
  });
});

describe("exchanging the recorder of a running logger", () => {
  it("keeps and releases from then on, and forgets what the old one kept of it alone", () => {
    const old = createFlightRecorder();
    const { logger, messages } = createLogger(old);
    const other = createLogger(old, { componentName: "other" });
    logger.debug("kept by the old one");
    other.logger.debug("kept of another");
    const recorder = createFlightRecorder();
    logger.recorder = recorder;
    logger.debug("kept by the new one");
    expect([old.status().entries, old.status().forgotten, recorder.status().entries]).toEqual([1, 1, 1]);
    logger.error("failed");
    expect(messages()).toEqual(["kept by the new one", "failed"]);
  });

  it("costs nothing more below the level when there is none any more", () => {
    const { logger, messages } = createLogger(createFlightRecorder());
    logger.recorder = undefined;
    let calls = 0;
    logger.debug(() => `${calls++}`);
    expect([calls, logger.isEnabled("DEBUG")]).toEqual([0, false]);
    logger.error("failed");
    expect(messages()).toEqual(["failed"]);
  });

  it("reads the levels of a recorder that was reconfigured when it is set again", () => {
    const recorder = createFlightRecorder();
    const { logger, messages } = createLogger(recorder);
    recorder.reconfigure({ minLevel: "TRACE", triggerLevel: "WARNING" });
    logger.recorder = recorder;
    logger.trace("a");
    logger.warn("b");
    expect(messages()).toEqual(["a", "b"]);
  });
});
