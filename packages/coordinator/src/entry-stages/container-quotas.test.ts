import { describe, expect, it } from "vitest";
import { gapsOf, loggingOf, messagesOf, times, useFactories } from "../../test/support/factories.ts";

const createSubject = useFactories();

describe("the quota of a container", () => {
  const quotas = { lines_per_second: 10, burst_seconds: 1 };

  it("limits its components together, and not its neighbour", () => {
    const { create, factory } = createSubject({ quotas });
    const [one, two, neighbour] = [create(), create(), create("b")];
    times(20, () => {
      for (const { logger } of [one, two, neighbour]) logger.info("x");
    });
    expect(one.file.entries.length + two.file.entries.length).toBe(9);
    expect(neighbour.file.entries.length).toBe(9);
    expect(factory.status().quotas).toEqual({ limited: ["a", "b"], dropped: 31 + 11 });
  });

  it("is that of the overrides for its id and its type", () => {
    const overrides = [
      { type: "risk", lines_per_second: 100 },
      { container: "calm_*", lines_per_second: 1000 },
    ];
    const { create } = createSubject({ quotas: { ...quotas, overrides } });
    const written = [create("a"), create("b", "risk"), create("calm_1")].map(({ logger, file }) => {
      times(200, () => logger.info("x"));
      return file.entries.length;
    });
    expect(written).toEqual([9, 90, 200]);
  });

  it("keeps what it leaves out away from master.log and the index too, and tells the gap in both", () => {
    const { create, master, index } = createSubject({ quotas });
    const { logger, file } = create();
    times(20, (n) => logger.info("x", { correlation_id: `t_${n}` }));
    expect([master.entries.length, index.entries.length]).toEqual([9, 9]);
    void logger.close();
    expect(gapsOf(file)).toMatchObject([{ dropped: 11, reason: "quota" }]);
    expect(messagesOf(master).at(-1)).toBe("entries lost");
  });

  it("does not hold for system loggers", () => {
    const { createSystem } = createSubject({ quotas, folding: { enabled: true } });
    const { logger, file } = createSystem();
    times(20, () => logger.info("x"));
    expect(file.entries.length).toBe(20);
  });

  it("changes for running loggers: narrower, wider, gone, and begun, with every loss told", () => {
    const { create, factory, clock } = createSubject({ quotas });
    const { logger, file } = create();
    const writtenOf = (count: number): number => {
      file.clear();
      times(count, () => logger.info("x"));
      return messagesOf(file).filter((message) => message === "x").length;
    };
    expect(writtenOf(20)).toBe(9);
    factory.reconfigure(loggingOf({ quotas: { lines_per_second: 100, burst_seconds: 1 } }));
    expect(writtenOf(200)).toBe(89);
    file.clear();
    factory.reconfigure(loggingOf());
    expect(gapsOf(file)).toMatchObject([{ dropped: 111 }]);
    expect([writtenOf(200), clock.pendingTimers]).toEqual([200, 0]);
    factory.reconfigure(loggingOf({ quotas }));
    expect(writtenOf(20)).toBe(9);
    expect(factory.status().quotas.dropped).toBe(11 + 111 + 11);
  });

  it("goes on with what is saved up and owed when a change is none of it", () => {
    const { create, factory } = createSubject({ quotas });
    const { logger, file } = create();
    times(20, () => logger.info("x"));
    factory.reconfigure(loggingOf({ quotas, master: { min_level: "ERROR" } }));
    times(20, () => logger.info("x"));
    expect(file.entries.length).toBe(9);
  });

  it("begins anew with a container that comes again, and what the one before left out stays counted", async () => {
    const { create, factory } = createSubject({ quotas });
    const first = create();
    times(20, () => first.logger.info("x"));
    await first.logger.close();
    const second = create();
    times(9, () => second.logger.info("x"));
    expect([second.file.entries.length, factory.status().quotas]).toEqual([9, { limited: [], dropped: 11 }]);
  });
});
