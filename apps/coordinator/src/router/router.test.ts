import { getCorrelationId, runWithCorrelation } from "@waybill/correlation";
import type { FlowEvent } from "@waybill/flows";
import { describe, expect, it } from "vitest";
import type { Order } from "../execution/order.ts";
import { createRouter, type HopTracer } from "./router.ts";

/** Traces into an array: `publish type>target`, `handle …`, `ok …`, `error …`, each with its correlation id. */
function createArrayTracer(lines: string[]): HopTracer {
  let count = 0;
  const line = (word: string, event: FlowEvent) =>
    lines.push(`${word} ${event.eventType}>${event.target} ${event.correlationId ?? "-"}`);
  return {
    publish(event) {
      count += 1;
      const full = {
        ...event,
        eventId: `evt_${count}`,
        correlationId: event.correlationId ?? getCorrelationId(),
      };
      line("publish", full);
      return full;
    },
    handle(event, work) {
      line("handle", event);
      try {
        return work();
      } catch (error) {
        line("error", event);
        throw error;
      }
    },
  };
}

const order: Order = {
  orderId: "a",
  strategy: "s1",
  side: "buy",
  quantity: 1,
  referencePrice: 1,
  referenceDate: "",
};
const bar = { date: "2001-01-02", dayNumber: 1, open: 1, high: 1, low: 1, close: 1, volume: 1 };
const market = { bar, gap: undefined };
const ignore = () => undefined;

describe("the router", () => {
  it("delivers to subscribers in the order of their subscription, after publish has returned", async () => {
    const seen: string[] = [];
    const router = createRouter({ tracer: createArrayTracer([]) });
    for (const subscriber of ["b", "a"]) {
      router.subscribe("market.bar", {
        subscriber,
        onFailure: ignore,
        handle: () => void seen.push(subscriber),
      });
    }
    router.publish("data", "market.bar", market, { tier: "fast" });
    expect(seen).toEqual([]);
    await router.idle();
    expect(seen).toEqual(["b", "a"]);
  });

  it("opens one flow per subscriber where the subscription says so, and keeps the publisher's flow elsewhere", async () => {
    const lines: string[] = [];
    const router = createRouter({ tracer: createArrayTracer(lines) });
    router.subscribe("market.bar", {
      subscriber: "s1",
      opensFlow: "trade",
      onFailure: ignore,
      handle: () => router.publish("s1", "market.closed", { date: "", bars: 1 }, { tier: "standard" }),
    });
    router.subscribe("market.closed", { subscriber: "risk", onFailure: ignore, handle: ignore });
    router.publish("data", "market.bar", market, { tier: "fast", flowKey: "20010102" });
    await router.idle();
    expect(lines.slice(0, 2)).toEqual([
      "publish market.bar>s1 trade_20010102_s1",
      "handle market.bar>s1 trade_20010102_s1",
    ]);
    expect(router.stats()).toMatchObject({ deliveries: 2, flows: 1, failedFlows: 0 });
  });

  it("empties the reliable lane before the standard and the fast one", async () => {
    const seen: string[] = [];
    const router = createRouter({ tracer: createArrayTracer([]) });
    const subscribed = { subscriber: "x", onFailure: ignore };
    router.subscribe("market.bar", { ...subscribed, handle: () => void seen.push("fast") });
    router.subscribe("market.closed", { ...subscribed, handle: () => void seen.push("standard") });
    router.subscribe("risk.order", { ...subscribed, handle: () => void seen.push("reliable") });
    router.publish("y", "market.bar", market, { tier: "fast" });
    router.publish("y", "market.closed", { date: "", bars: 0 }, { tier: "standard" });
    router.publish("y", "risk.order", order, { tier: "reliable" });
    await router.idle();
    expect(seen).toEqual(["reliable", "standard", "fast"]);
  });

  it("goes on with others when one throws, tells the one once, and counts the flow as failed", async () => {
    const failures: unknown[] = [];
    const seen: string[] = [];
    const router = createRouter({ tracer: createArrayTracer([]) });
    const bad = () => {
      throw new Error("broken window");
    };
    router.subscribe("market.bar", {
      subscriber: "s1",
      opensFlow: "t",
      onFailure: (e) => failures.push(e),
      handle: bad,
    });
    router.subscribe("market.bar", {
      subscriber: "s2",
      opensFlow: "t",
      onFailure: ignore,
      handle: () => void seen.push("s2"),
    });
    router.publish("data", "market.bar", market, { tier: "fast" });
    await router.settled();
    expect(failures).toEqual([new Error("broken window")]);
    expect(seen).toEqual(["s2"]);
    expect(router.stats()).toEqual({ deliveries: 2, failures: 1, retries: 0, flows: 2, failedFlows: 1 });
  });

  it("tries a temporary failure again in later turns, on the reliable tier only", async () => {
    const attempts: number[] = [];
    const retries: object[] = [];
    const router = createRouter({ tracer: createArrayTracer([]) });
    const busy = new Error("busy");
    router.subscribe("risk.order", {
      subscriber: "execution",
      onFailure: ignore,
      onRetry: (error, retry) => retries.push({ error, ...retry }),
      isTemporary: (error) => error === busy,
      handle: (_, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw busy;
      },
    });
    router.publish("risk", "risk.order", order, { tier: "reliable" });
    await router.settled();
    router.publish("risk", "risk.order", order, { tier: "standard" });
    await router.settled();
    expect(attempts).toEqual([1, 2, 3, 1]);
    const retried = { error: busy, eventId: "evt_1", target: "execution" };
    expect(retries).toEqual([
      { ...retried, attempt: 2 },
      { ...retried, attempt: 3 },
    ]);
    expect(router.stats()).toMatchObject({ retries: 2, failures: 1 });
  });

  it("gives up after the attempts allowed and reports the last error once", async () => {
    const failures: unknown[] = [];
    const router = createRouter({ tracer: createArrayTracer([]), attemptsMax: 3 });
    router.subscribe("risk.order", {
      subscriber: "execution",
      onFailure: (error) => failures.push(error),
      isTemporary: () => true,
      handle: async (_, { attempt }) => Promise.reject(new Error(`attempt ${attempt}`)),
    });
    router.publish("risk", "risk.order", order, { tier: "reliable" });
    await router.settled();
    expect(failures).toEqual([new Error("attempt 3")]);
  });

  it("is idle while a handler is at work, and settled only when it has ended", async () => {
    const router = createRouter({ tracer: createArrayTracer([]) });
    let end: () => void = ignore;
    const work = new Promise<void>((resolve) => {
      end = resolve;
    });
    router.subscribe("risk.order", { subscriber: "execution", onFailure: ignore, handle: () => work });
    router.publish("risk", "risk.order", order, { tier: "reliable" });
    await router.idle();
    let isSettled = false;
    const settled = router.settled().then(() => {
      isSettled = true;
    });
    await router.idle();
    expect(isSettled).toBe(false);
    end();
    await settled;
    expect(isSettled).toBe(true);
  });

  it("delivers nothing more to a container that has unsubscribed", async () => {
    const seen: string[] = [];
    const router = createRouter({ tracer: createArrayTracer([]) });
    router.subscribe("market.bar", {
      subscriber: "s1",
      onFailure: ignore,
      handle: () => void seen.push("s1"),
    });
    router.unsubscribe("s1");
    router.publish("data", "market.bar", market, { tier: "fast" });
    await router.idle();
    expect(seen).toEqual([]);
  });

  it("does not draw others into the flow in which a turn was scheduled", async () => {
    const seen: (string | undefined)[] = [];
    const router = createRouter({ tracer: createArrayTracer([]) });
    router.subscribe("market.bar", {
      subscriber: "s1",
      onFailure: ignore,
      handle: () => void seen.push(getCorrelationId()),
    });
    runWithCorrelation("trade_1", () => router.publish("data", "market.bar", market, { tier: "fast" }));
    await router.idle();
    expect(seen).toEqual([undefined]);
  });
});
