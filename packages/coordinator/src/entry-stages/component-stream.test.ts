import { describe, expect, it } from "vitest";
import { countsOf, loggingOf, messagesOf, times, useFactories } from "../../test/support/factories.ts";

const createSubject = useFactories();

describe("folding", () => {
  const folding = { enabled: true, window_seconds: 1, keep_first: 2 };

  it("writes the first of a message, and one with the count at the end of the window", () => {
    const { create, clock, factory } = createSubject({ folding });
    const { logger, file } = create();
    times(10, (n) => logger.info("x", { n }));
    expect([messagesOf(file), factory.status().folding]).toEqual([["x", "x"], { folded: 0, waiting: 8 }]);
    clock.advance(1000);
    expect([countsOf(file), factory.status().folding]).toEqual([
      [undefined, undefined, 8],
      { folded: 8, waiting: 0 },
    ]);
  });

  it("writes identical ones in a row once, with their count", () => {
    const { create, clock } = createSubject({ folding: { ...folding, max_level: "ERROR", keep_first: 100 } });
    const { logger, file } = create();
    times(10, () => logger.error("x"));
    clock.advance(1000);
    expect(countsOf(file)).toEqual([undefined, 9]);
  });

  it("samples what it folds with keep_every, up to max_level", () => {
    const { create } = createSubject({ folding: { ...folding, keep_every: 4, max_level: "INFO" } });
    const { logger, file } = create();
    times(10, (n) => logger.info("x", { n }));
    times(10, (n) => logger.warning("y", { n }));
    const written = messagesOf(file);
    expect([written.filter((m) => m === "x").length, written.filter((m) => m === "y").length]).toEqual([
      4, 10,
    ]);
  });

  it("stands before the quota, which an entry that is folded costs nothing", () => {
    const { create, factory } = createSubject({
      folding,
      quotas: { lines_per_second: 10, burst_seconds: 1 },
    });
    const { logger } = create();
    times(1000, (n) => logger.info("x", { n }));
    expect(factory.status().quotas).toEqual({ limited: [], dropped: 0 });
  });

  it("leaves to the quota what is not folded", () => {
    const { create, factory } = createSubject({
      folding,
      quotas: { lines_per_second: 10, burst_seconds: 1 },
    });
    const { logger, file } = create();
    times(100, (n) => logger.info(`${n}`));
    expect([file.entries.length, factory.status().quotas.dropped]).toEqual([9, 91]);
  });

  it("is told when asked, identical entries too", () => {
    const { create, factory, clock } = createSubject({ folding: { ...folding, keep_first: 5 } });
    const [{ logger, file }, other] = [create(), create()];
    times(10, () => logger.info("x"));
    times(5, () => other.logger.info("x"));
    factory.tell();
    expect([file, other.file].map(countsOf)).toEqual([
      [undefined, 4, 5],
      [undefined, 4],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("keeps what it folds away from master.log too", () => {
    const { create, master, factory } = createSubject({ folding });
    const { logger } = create();
    times(10, (n) => logger.info("x", { n }));
    factory.tell();
    expect(messagesOf(master)).toEqual(["x", "x", "x"]);
  });

  it("changes for running loggers: another window, off, and on, with every entry told", () => {
    const { create, clock, factory } = createSubject({ folding });
    const { logger, file } = create();
    times(10, (n) => logger.info("x", { n }));
    factory.reconfigure(loggingOf({ folding: { ...folding, window_seconds: 5, keep_first: 1 } }));
    expect(countsOf(file)).toEqual([undefined, undefined, 8]);
    times(3, (n) => logger.info("x", { n }));
    clock.advance(4999);
    expect(file.entries.length).toBe(4);
    factory.reconfigure(loggingOf());
    expect([countsOf(file).slice(3), clock.pendingTimers]).toEqual([[undefined, 2], 0]);
    file.clear();
    times(10, (n) => logger.info("x", { n }));
    expect(file.entries.length).toBe(10);
    factory.reconfigure(loggingOf({ folding }));
    times(10, (n) => logger.info("x", { n }));
    expect(file.entries.length).toBe(12);
    expect(factory.status().folding).toEqual({ folded: 10, waiting: 8 });
  });

  it("leaves what is held back alone when a change is none of it", () => {
    const { create, factory } = createSubject({ folding });
    const { logger, file } = create();
    times(10, (n) => logger.info("x", { n }));
    factory.reconfigure(loggingOf({ folding, quotas: { lines_per_second: 1000 } }));
    expect(countsOf(file)).toEqual([undefined, undefined, 8]);
    times(10, (n) => logger.info("y", { n }));
    factory.reconfigure(
      loggingOf({ folding, quotas: { lines_per_second: 1000 }, master: { min_level: "ERROR" } }),
    );
    expect(factory.status().folding.waiting).toBe(8);
  });

  it("tells what it holds back before its logger closes its file", async () => {
    const { create, clock, factory } = createSubject({ folding });
    const { logger, file } = create();
    times(10, (n) => logger.info("x", { n }));
    await logger.close();
    expect([countsOf(file), file.status().state, clock.pendingTimers]).toEqual([
      [undefined, undefined, 8],
      "closed",
      0,
    ]);
    expect(factory.status().folding).toEqual({ folded: 8, waiting: 0 });
  });
});
