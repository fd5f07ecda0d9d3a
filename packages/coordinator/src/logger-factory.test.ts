import type { ConfigInput } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { gapsOf, loggingOf, messagesOf, times, useFactories } from "../test/support/factories.ts";

const createSubject = useFactories();

describe("the flight recorder", () => {
  const flight_recorder = { enabled: true };

  it("is one for all loggers, of the system too", () => {
    const { create, createSystem } = createSubject({ flight_recorder });
    const [one, other, system] = [create("a"), create("b"), createSystem()];
    const context = { correlation_id: "t_1" };
    for (const { logger } of [one, system]) logger.debug("kept", context);
    other.logger.error("failed", context);
    expect([one, other, system].map(({ file }) => messagesOf(file))).toEqual([
      ["kept"],
      ["failed"],
      ["kept"],
    ]);
  });

  it("is none while it is switched off", () => {
    const { create, factory } = createSubject();
    const { logger, file } = create();
    logger.debug("gone");
    logger.error("failed");
    expect([messagesOf(file), factory.releaseRecorded(), factory.status().recorder]).toEqual([
      ["failed"],
      0,
      undefined,
    ]);
  });

  it("writes all that it keeps when asked, past folding, and not into master.log", () => {
    const { create, factory, master } = createSubject({
      flight_recorder,
      folding: { enabled: true, keep_first: 1 },
      master: { min_level: "DEBUG" },
    });
    const { logger, file } = create();
    times(5, () => logger.debug("kept"));
    expect(factory.releaseRecorded()).toBe(5);
    expect([messagesOf(file), master.entries]).toEqual([Array(5).fill("kept"), []]);
    expect(file.entries[0]?.context).toEqual({ recorded: true });
  });

  it("changes for running loggers: its levels and sizes, off, and on", () => {
    const { create, factory } = createSubject();
    const { logger, file } = create();
    const writtenOf = (act: () => void): string[] => {
      file.clear();
      act();
      return messagesOf(file);
    };
    const setTo = (recorder: Record<string, unknown>) =>
      factory.reconfigure(loggingOf({ flight_recorder: recorder } as ConfigInput["logging"]));
    setTo({ enabled: true });
    times(3, (n) => logger.debug(`${n}`));
    setTo({ enabled: true, entries_per_container: 2, min_level: "TRACE", trigger_level: "WARNING" });
    expect(writtenOf(() => logger.warning("failed"))).toEqual(["1", "2", "failed"]);
    times(3, (n) => logger.trace(`${n}`));
    setTo({ enabled: false });
    expect(writtenOf(() => logger.error("failed"))).toEqual(["failed"]);
    expect([logger.isEnabled("DEBUG"), factory.status().recorder]).toEqual([false, undefined]);
  });
});

describe("master.log", () => {
  it("takes so many entries per second, tells the rest by a gap record, and the streams have all", () => {
    const { create, master, factory, clock } = createSubject({ master: { max_entries_per_second: 10 } });
    const [one, other] = [create("a"), create("b")];
    times(10, (n) => {
      one.logger.info(`${n}`);
      other.logger.info(`${n}`);
    });
    expect([one, other].map(({ file }) => file.entries.length)).toEqual([10, 10]);
    expect([master.entries.length, factory.status().master.dropped]).toEqual([9, 11]);
    clock.advance(1000);
    expect(gapsOf(master)).toMatchObject([{ dropped: 11, reason: "quota" }]);
  });

  it("takes another level and rate while loggers run", () => {
    const { create, master, factory } = createSubject({ master: { max_entries_per_second: 10 } });
    const { logger } = create();
    times(20, () => logger.info("x"));
    master.clear();
    factory.reconfigure(loggingOf({ master: { max_entries_per_second: 1000, min_level: "ERROR" } }));
    times(20, () => logger.info("x"));
    times(20, () => logger.error("y"));
    expect(messagesOf(master).filter((message) => message === "y").length).toBe(20);
    expect(messagesOf(master)).not.toContain("x");
  });

  it("has its last gap told when the loggers are done", () => {
    const { create, master, factory } = createSubject({ master: { max_entries_per_second: 10 } });
    const { logger } = create();
    times(20, () => logger.info("x"));
    factory.close();
    expect(messagesOf(master).at(-1)).toBe("entries lost");
  });
});
