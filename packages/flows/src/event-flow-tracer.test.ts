import { currentCorrelation, runWithCorrelation } from "@waybill/correlation";
import type { EntryInput, Writer } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createEventFlowTracer } from "./event-flow-tracer.ts";
import { createEventIds } from "./event-ids.ts";
import { formatFlowLine } from "./format-flow-line.ts";
import type { EventFlowTracerOptions } from "./tracer-options.ts";

function setUp(options: Partial<EventFlowTracerOptions> = {}) {
  const clock = createFakeClock();
  const writer = createMemoryWriter();
  const asked: string[] = [];
  const writerFor = (tier: string) => {
    asked.push(tier);
    return writer;
  };
  const tracer = createEventFlowTracer(
    { coordinatorId: "main_coordinator", writerFor, ...options },
    { clock, clockId: "p1", newEventId: createEventIds("test") },
  );
  const run = <T>(correlationId: string, fn: () => T) =>
    runWithCorrelation(correlationId, fn, { startedUs: clock.monotonicUs() });
  return { tracer, clock, writer, asked, run };
}

const bar = { eventType: "BAR", source: "data_container", tier: "fast" };
const phases = (entries: readonly EntryInput[]) => entries.map((entry) => entry.context?.["phase"]);

describe("event flow tracer", () => {
  it("traces the flow of the document through a synchronous bus", () => {
    const { tracer, clock, run } = setUp();
    run("trade_abc123", () => {
      clock.advance(2);
      tracer.handle({ ...tracer.publish(bar), target: "strategy_015" }, () => {
        clock.advance(5);
        const signal = tracer.publish({ eventType: "SIGNAL", source: "strategy_015", tier: "standard" });
        tracer.handle({ ...signal, target: "risk_container" }, () => {
          clock.advance(15);
          const order = tracer.publish({ eventType: "ORDER", source: "risk_container", tier: "reliable" });
          tracer.handle({ ...order, target: "execution" }, () => clock.advance(45));
        });
      });
    });
    const flow = tracer.traceSignalFlow("trade_abc123");
    expect(flow && formatFlowLine(flow)).toBe(
      "trade_abc123  ok  data_container 2ms → strategy_015 5ms → risk_container 15ms → execution 45ms   total 67ms",
    );
  });

  it("gives events published inside the work the event as parent, and the origin time to the first alone", () => {
    const { tracer, clock, writer, run } = setUp();
    run("t1", () => {
      clock.advance(3);
      const event = tracer.publish(bar);
      tracer.handle({ ...event, target: "s1" }, () => tracer.publish({ ...bar, source: "s1" }));
    });
    expect(
      writer.entries.map(({ correlationId, context }) => [
        correlationId,
        context?.["phase"],
        context?.["parent_event_id"],
        context?.["origin_us"],
      ]),
    ).toEqual([
      ["t1", "publish", undefined, 3000],
      ["t1", "receive", undefined, undefined],
      ["t1", "publish", "evt_test_1", undefined],
      ["t1", "finish", undefined, undefined],
    ]);
  });

  it("carries the correlation of the event into the work when the receiver runs elsewhere", () => {
    const { tracer, run, writer } = setUp();
    const event = run("t1", () => tracer.publish(bar));
    const inside = runWithCorrelation(
      "other",
      () => tracer.handle({ eventId: event.eventId, ...bar, target: "s1" }, () => currentCorrelation()),
      { parentEventId: "unrelated" },
    );
    expect(writer.entries.map((entry) => entry.context?.["parent_event_id"])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([inside?.correlationId, inside?.parentEventId]).toEqual(["t1", event.eventId]);
    expect(writer.entries.map((entry) => entry.correlationId)).toEqual(["t1", "t1", "t1"]);
  });

  it("records the error of sync work and passes it on", () => {
    const { tracer, run } = setUp();
    const work = () => {
      throw new Error("limit");
    };
    expect(() => run("t1", () => tracer.handle({ ...tracer.publish(bar), target: "risk" }, work))).toThrow(
      "limit",
    );
    expect(tracer.traceSignalFlow("t1")?.status).toBe("failed");
    expect(tracer.stats().flows).toMatchObject({ started: 1, finished: 1, failed: 1 });
  });

  it("records the end of a promise when it settles", async () => {
    const { tracer, writer } = setUp();
    let settle: (error: Error) => void = () => undefined;
    const pending = tracer.handle(
      { ...tracer.publish(bar), target: "risk" },
      () =>
        new Promise<never>((_, reject) => {
          settle = reject;
        }),
    );
    expect(phases(writer.entries)).toEqual(["publish", "receive"]);
    settle(new Error("timeout"));
    await expect(pending).rejects.toThrow("timeout");
    expect(writer.entries.at(-1)?.context).toMatchObject({ phase: "finish", status: "error" });
  });

  it("records without a correlation id, and counts it", () => {
    const { tracer, writer } = setUp();
    tracer.publish(bar);
    expect(writer.entries[0]?.correlationId).toBeUndefined();
    expect(tracer.stats().uncorrelated).toBe(1);
  });

  it("asks for one writer per tier, once, and sends bad tier names to standard", () => {
    const { tracer, asked, writer } = setUp({ tiers: ["bulk"] });
    for (const tier of ["fast", "bulk", "fast", "batch", "../x", "", "A"]) tracer.publish({ ...bar, tier });
    expect(asked).toEqual(["fast", "bulk", "batch", "standard"]);
    expect(writer.entries[4]?.scope).toBe("external_standard_tier");
    expect(tracer.stats()).toMatchObject({ tiersRerouted: 3, unconfiguredTiers: ["batch"] });
  });

  it("opens a bounded number of streams whatever tiers it is told", () => {
    const { tracer, asked } = setUp();
    for (let n = 0; n < 100; n += 1) tracer.publish({ ...bar, tier: `t${n}` });
    tracer.publish({ ...bar, tier: "reliable" });
    expect(asked.length).toBeLessThanOrEqual(32);
    expect(asked).toContain("reliable");
  });

  it("understands the calls of the document", () => {
    const { tracer, writer } = setUp();
    tracer.traceExternalEvent({
      eventId: "e1",
      sourceContainer: "s1",
      targetContainer: "unknown",
      tier: "standard",
      eventType: "SIGNAL",
    });
    tracer.traceInternalEvent({ eventId: "e2", eventType: "TICK" });
    tracer.traceEvent("e3", "a", "b", { tier: "reliable", event_type: "ORDER", note: 7 });
    expect(
      writer.entries.map(({ scope, eventId, context }) => [
        scope,
        eventId,
        context?.["source"],
        context?.["target"],
        context?.["event_type"],
      ]),
    ).toEqual([
      ["external_standard_tier", "e1", "s1", undefined, "SIGNAL"],
      ["internal_bus", "e2", "main_coordinator", "main_coordinator", "TICK"],
      ["external_reliable_tier", "e3", "a", "b", "ORDER"],
    ]);
    expect(writer.entries[2]?.context?.["details"]).toMatchObject({ note: 7 });
  });

  it("survives hostile events and writers, still runs the work, and counts what was lost", () => {
    const broken: Writer = {
      ...createMemoryWriter(),
      write: () => {
        throw new Error("broken");
      },
    };
    const { tracer } = setUp({ writerFor: () => broken });
    const hostile = new Proxy(
      { ...bar, eventId: "e1" },
      {
        get: () => {
          throw new Error("no");
        },
      },
    );
    const results = [tracer.publish(hostile), tracer.receive(hostile), tracer.finish(hostile)];
    expect(results.map((event) => event.source)).toEqual(["unknown", "unknown", "unknown"]);
    expect(tracer.handle(hostile, () => 42)).toBe(42);
    tracer.publish({ ...bar, eventType: "x".repeat(1_000_000), source: JSON.parse("{}") });
    expect(tracer.stats()).toMatchObject({ records: 6, unwritten: 6, fieldsCut: 1 });
  });

  it("counts the records of a tier whose writer cannot be had", () => {
    const { tracer } = setUp({
      writerFor: () => {
        throw new Error("EACCES");
      },
    });
    tracer.publish(bar);
    tracer.publish(bar);
    expect(tracer.stats().unwritten).toBe(2);
  });

  it("remembers a bounded number of flows and records for a bounded time, and counts what it forgot", () => {
    const { tracer, clock, run } = setUp({
      historyFlowsMax: 2,
      historyRecordsPerFlowMax: 1,
      historyMaxAgeMs: 1000,
    });
    for (const id of ["t1", "t2", "t3"])
      run(id, () => tracer.receive({ ...tracer.publish(bar), target: "s1" }));
    expect(tracer.traceSignalFlow("t1")).toBeUndefined();
    expect(tracer.traceSignalFlow("t3")?.hops.length).toBe(1);
    expect(tracer.stats().flows).toMatchObject({ remembered: 2, evicted: 1, recordsDropped: 3 });
    clock.advance(1001);
    expect(tracer.traceSignalFlow("t3")).toBeUndefined();
    expect(tracer.stats().flows).toMatchObject({ remembered: 0, evicted: 3 });
  });

  it("times hops by tier while they happen, with the wait of every receiver of a fan-out", () => {
    const { tracer, clock } = setUp();
    const event = tracer.publish(bar);
    for (const target of ["s1", "s2"]) {
      clock.advance(10);
      tracer.handle({ ...event, target }, () => clock.advance(4));
    }
    expect(tracer.stats().tiers["fast"]).toMatchObject({
      publish: 1,
      receive: 2,
      finish: 2,
      wait: { n: 2, max: 24 },
      work: { n: 2, max: 4 },
      total: { n: 2, max: 28 },
    });
  });

  it("times a bounded number of events, and forgets the oldest first", () => {
    const { tracer } = setUp({ liveEventsMax: 2 });
    const events = [1, 2, 3].map(() => tracer.publish(bar));
    for (const event of events) tracer.receive({ ...event, target: "s1" });
    // Each receive of a forgotten event is remembered in turn and pushes the next one out.
    expect(tracer.stats().tiers["fast"]).toMatchObject({ receive: 3, wait: { n: 0 } });
    tracer.receive({ ...tracer.publish(bar), target: "s1" });
    expect(tracer.stats().tiers["fast"]?.wait.n).toBe(1);
  });

  it("counts a flow as finished once everything published was received and finished", () => {
    const { tracer, run } = setUp();
    const queue = run("t1", () =>
      tracer.handle({ ...tracer.publish(bar), target: "s1" }, () => tracer.publish(bar)),
    );
    expect(tracer.stats().flows.finished).toBe(0);
    tracer.handle({ ...queue, target: "risk" }, () => undefined);
    expect(tracer.stats().flows.finished).toBe(1);
  });

  it.each([
    [{ historyFlowsMax: 0 }, /historyFlowsMax must be an integer ≥ 1, got 0/],
    [{ tiers: ["Bad Tier"] }, /tier name must match .* got "Bad Tier"/],
    [{ coordinatorId: "" }, /coordinatorId/],
  ])("refuses %j", (options, message) => {
    expect(() => setUp(options)).toThrow(message);
  });

  it("says of a flow with too many records that some are missing, and still that it failed", () => {
    const clock = createFakeClock();
    const tracer = createEventFlowTracer(
      { coordinatorId: "main", writerFor: () => createMemoryWriter(), historyRecordsPerFlowMax: 4 },
      { clock },
    );
    runWithCorrelation("trade_1", () => {
      for (let n = 1; n <= 3; n++) {
        const event = tracer.publish({ eventType: "BAR", source: "data", target: "risk", tier: "fast" });
        tracer.receive(event);
        tracer.finish(event, n === 3 ? "error" : "ok");
      }
    });
    expect(tracer.traceSignalFlow("trade_1")).toMatchObject({ status: "failed", missingRecords: 5 });
  });
});
