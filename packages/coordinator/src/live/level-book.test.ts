import { parseConfig } from "@waybill/config";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createLevelBook, type LeveledLogger, type LevelSubject } from "./level-book.ts";

const subjectOf = (containerId: string, component: string): LevelSubject => ({
  kind: "containers",
  containerId,
  type: undefined,
  component,
});

function subject() {
  const { config } = parseConfig("logging: { log_levels: { default: WARNING } }");
  const clock = createFakeClock();
  const subjects = [
    subjectOf("strategy_1", "risk"),
    subjectOf("strategy_1", "feed"),
    subjectOf("gate", "risk"),
  ];
  const loggers = subjects.map((who): [LevelSubject, LeveledLogger] => [who, { level: "WARNING" }]);
  const fallen: string[] = [];
  const book = createLevelBook({
    config,
    loggers: () => loggers,
    onFallBack: (pattern) => fallen.push(pattern),
    clock,
  });
  return { book, clock, fallen, loggers, levels: () => loggers.map(([, { level }]) => level) };
}

describe("a level book", () => {
  it("sets the level of the containers and components that a pattern names", () => {
    const { book, levels } = subject();
    expect(book.setLevel("strategy_*", "DEBUG")).toBe(2);
    expect(levels()).toEqual(["DEBUG", "DEBUG", "WARNING"]);
    expect(book.setLevel("*/risk", "TRACE")).toBe(2);
    expect(levels()).toEqual(["TRACE", "DEBUG", "TRACE"]);
  });

  it("lets a level fall back by itself after its time, to what was set before it", async () => {
    const { book, clock, fallen, levels } = subject();
    book.setLevel("*", "INFO");
    book.setLevel("strategy_1", "DEBUG", { forMs: 1000 });
    await clock.advanceAsync(999);
    expect(levels()).toEqual(["DEBUG", "DEBUG", "INFO"]);
    await clock.advanceAsync(1);
    expect(levels()).toEqual(["INFO", "INFO", "INFO"]);
    expect(fallen).toEqual(["strategy_1"]);
  });

  it("counts the time anew when the level is set again", async () => {
    const { book, clock, levels } = subject();
    book.setLevel("gate", "DEBUG", { forMs: 1000 });
    await clock.advanceAsync(600);
    book.setLevel("gate", "TRACE", { forMs: 1000 });
    await clock.advanceAsync(600);
    expect(levels()).toEqual(["WARNING", "WARNING", "TRACE"]);
  });

  it("holds for loggers that come later", () => {
    const { book } = subject();
    book.setLevel("late_*", "DEBUG");
    expect(book.levelOf(subjectOf("late_1", "any"))).toBe("DEBUG");
  });

  it("gives a level back to the configuration when it is set to none", () => {
    const { book, levels } = subject();
    book.setLevel("*", "DEBUG");
    book.setLevel("*", undefined);
    expect(levels()).toEqual(["WARNING", "WARNING", "WARNING"]);
  });

  it("leaves a level alone that the application has set itself, until it changes here", () => {
    const { book, loggers, levels } = subject();
    book.reconfigure(parseConfig("logging: { log_levels: { default: WARNING } }").config);
    const [, logger] = loggers[0] ?? [];
    Object.assign(logger ?? {}, { level: "ERROR" });
    book.reconfigure(parseConfig("logging: { log_levels: { default: WARNING } }").config);
    expect(levels()).toEqual(["ERROR", "WARNING", "WARNING"]);
    book.reconfigure(parseConfig("logging: { log_levels: { default: INFO } }").config);
    expect(levels()).toEqual(["INFO", "INFO", "INFO"]);
  });

  it("leaves alone what the application has set before anything changed here", () => {
    const { book, loggers, levels } = subject();
    Object.assign(loggers[0]?.[1] ?? {}, { level: "DEBUG" });
    book.setLevel("gate", "ERROR");
    book.reconfigure(parseConfig("logging: { log_levels: { default: WARNING } }").config);
    expect(levels()).toEqual(["DEBUG", "WARNING", "ERROR"]);
  });

  it("keeps no timer after it is closed", () => {
    const { book, clock } = subject();
    book.setLevel("*", "DEBUG", { forMs: 1000 });
    book.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ["an empty pattern", () => subject().book.setLevel("", "INFO"), TypeError],
    ["a level that is none", () => subject().book.setLevel("*", "LOUD" as "INFO"), TypeError],
    ["a time that is none", () => subject().book.setLevel("*", "INFO", { forMs: 0 }), RangeError],
  ])("refuses %s", (_, call, error) => {
    expect(call).toThrow(error);
  });
});
