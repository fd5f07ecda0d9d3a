import type { FlowRecord } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { documentFlow, hopAt, recordAt } from "../test/support/records.ts";
import { assembleFlow, assembleFlows } from "./assemble-flows.ts";
import type { Flow } from "./flow.ts";

function flowOf(records: readonly FlowRecord[]): Flow {
  const flow = assembleFlow("trade_abc123", records);
  if (flow === undefined) throw new Error("no flow");
  return flow;
}

describe("assembleFlows", () => {
  it("rebuilds a chain with wait and work of each hop", () => {
    const flow = flowOf(documentFlow());
    expect(flow).toMatchObject({
      status: "ok",
      origin: "data_container",
      originMs: 2,
      totalMs: 67,
      clock: "monotonic",
    });
    expect(flow.hops.map((hop) => [hop.eventId, hop.parent, hop.target, hop.waitMs, hop.workMs])).toEqual([
      ["e1", undefined, "strategy_015", 0.5, 5.5],
      ["e2", 0, "risk_container", 1, 15],
      ["e3", 1, "execution", 3, 42],
    ]);
    expect(flow.criticalPath).toEqual([0, 1, 2]);
    expect(flow.shares.map((share) => share.ms)).toEqual([2, 5, 15, 45]);
    expect(flow.startedAtMs).toBe(Date.UTC(2026, 0, 1));
  });

  it("orders by cause even when a clock says otherwise, and keeps and marks the negative time", () => {
    const records = documentFlow().map((record) =>
      record.eventId === "e2" && record.phase !== "publish"
        ? { ...record, clockId: "p2", timestampMs: record.timestampMs - 1000 }
        : record,
    );
    const hop = flowOf(records).hops[1];
    expect(hop).toMatchObject({ eventId: "e2", clock: "wall", skewed: true, waitMs: -999, workMs: 15 });
  });

  it("makes one hop per receiver of a fan-out, and hangs what they publish under the right one", () => {
    const flow = flowOf([
      recordAt(1, { eventId: "bar" }),
      ...["s1", "s2"].flatMap((target) => [
        recordAt(2, { eventId: "bar", target, phase: "receive" }),
        recordAt(3, { eventId: "bar", target, phase: "finish" }),
        ...hopAt([2.5, 4, 5], {
          eventId: `signal_${target}`,
          parentEventId: "bar",
          source: target,
          target: "risk",
        }),
      ]),
    ]);
    expect(flow.hops.map((hop) => [hop.target, hop.source, hop.parent])).toEqual([
      ["s1", "data_container", undefined],
      ["risk", "s1", 0],
      ["s2", "data_container", undefined],
      ["risk", "s2", 2],
    ]);
    expect(flow.duplicates).toBe(0);
  });

  it("finds the one lost delivery of a fan-out to named targets", () => {
    const flow = flowOf([
      recordAt(1, { target: "s1" }),
      recordAt(1, { target: "s2" }),
      recordAt(2, { target: "s1", phase: "receive" }),
      recordAt(3, { target: "s1", phase: "finish" }),
    ]);
    expect(flow.status).toBe("lost");
    expect(flow.hops.map((hop) => hop.status)).toEqual(["ok", "lost"]);
  });

  it("keeps and counts repeated deliveries, and lets the last one decide", () => {
    const flow = flowOf([
      ...hopAt([1, 2, 3], { target: "risk", status: "error" }),
      recordAt(10, { phase: "receive", target: "risk", clockId: "p2" }),
      recordAt(11, { phase: "finish", target: "risk", clockId: "p2" }),
    ]);
    expect(flow.hops.map((hop) => [hop.status, hop.delivery, hop.deliveries])).toEqual([
      ["error", 1, 2],
      ["ok", 2, 2],
    ]);
    expect([flow.status, flow.duplicates]).toEqual(["ok", 1]);
  });

  it("does not let a surplus finish hide an error", () => {
    const flow = flowOf([
      ...hopAt([1, 2, 3], { target: "risk" }),
      recordAt(4, { phase: "finish", target: "risk", status: "error" }),
    ]);
    expect([flow.status, flow.duplicates]).toEqual(["failed", 1]);
  });

  it("gives a finish to the receive of its own process after a crash", () => {
    const flow = flowOf([
      recordAt(1, {}),
      recordAt(2, { phase: "receive", target: "risk" }),
      recordAt(50, { phase: "receive", target: "risk", clockId: "p2" }),
      recordAt(60, { phase: "finish", target: "risk", clockId: "p2" }),
    ]);
    expect(flow.hops.map((hop) => [hop.status, hop.workMs])).toEqual([
      ["open", undefined],
      ["ok", 10],
    ]);
    expect(flow.status).toBe("ok");
  });

  it("marks orphans and cuts loops", () => {
    const orphan = flowOf([recordAt(1, { parentEventId: "gone" })]);
    expect(orphan.hops[0]).toMatchObject({ orphan: true, parent: undefined });
    const loop = flowOf([
      recordAt(1, { eventId: "a", parentEventId: "b" }),
      recordAt(2, { eventId: "b", parentEventId: "a" }),
    ]);
    expect(loop.hops.map((hop) => [hop.eventId, hop.parent, hop.orphan])).toEqual([
      ["a", undefined, true],
      ["b", 0, false],
    ]);
  });

  it("takes a record without a correlation id into the flow that knows its event", () => {
    const records = documentFlow().map((record) =>
      record.phase === "publish" ? record : { ...record, correlationId: undefined },
    );
    expect(flowOf(records)).toEqual(flowOf(documentFlow()));
  });

  it("tells an event on its way from a lost one by its age", () => {
    const published = recordAt(0, { target: "risk" });
    const statusAt = (asOfMs: number) => assembleFlow("trade_abc123", [published], { asOfMs })?.status;
    expect(statusAt(published.timestampMs + 4999)).toBe("open");
    expect(statusAt(published.timestampMs + 5000)).toBe("lost");
  });

  it("does not take an internal event for a loss or an end", () => {
    const mark = recordAt(60, {
      eventId: "note",
      parentEventId: "e3",
      source: "execution",
      target: "execution",
      tier: "internal",
    });
    const flow = flowOf([...documentFlow(), mark]);
    expect([flow.status, flow.totalMs, flow.hops.length]).toEqual(["ok", 67, 4]);
    expect(flow.criticalPath).toEqual([0, 1, 2]);
  });

  it("adds a chain of ten thousand hops up without running out of stack", () => {
    const records = Array.from({ length: 10_000 }, (_, n) =>
      recordAt(n, {
        eventId: `e${n}`,
        parentEventId: n === 0 ? undefined : `e${n - 1}`,
        source: "a",
        target: "a",
      }),
    );
    expect(flowOf(records.reverse()).criticalPath.length).toBe(10_000);
  });

  it("returns flows in the order of their start, and undefined for an id that no record has", () => {
    const later = documentFlow().map((record) => ({
      ...record,
      correlationId: "trade_z",
      timestampMs: record.timestampMs + 1,
    }));
    expect(assembleFlows([...later, ...documentFlow()]).map((flow) => flow.correlationId)).toEqual([
      "trade_abc123",
      "trade_z",
    ]);
    expect(assembleFlow("trade_nobody", documentFlow())).toBeUndefined();
  });
});
