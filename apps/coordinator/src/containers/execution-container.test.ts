import { getCorrelationId } from "@waybill/correlation";
import { describe, expect, it } from "vitest";
import type { Order } from "../execution/order.ts";
import type { Bar } from "../market/bar.ts";
import type { PortfolioReport } from "../risk/portfolio-tracker.ts";
import { createRouter } from "../router/router.ts";
import { ExecutionContainer } from "./execution-container.ts";

function orderOf(orderId: string): Order {
  return {
    orderId,
    strategy: orderId,
    side: "buy",
    quantity: 1,
    referencePrice: 100,
    referenceDate: "2001-01-02",
  };
}

const bar: Bar = { date: "2001-01-03", dayNumber: 1, open: 100, high: 100, low: 100, close: 100, volume: 1 };

/** An execution container between a sender of orders and a listener for its reports. */
function setUp(settings: Readonly<Record<string, unknown>>) {
  const errors: string[] = [];
  const warnings: [string, unknown][] = [];
  const reports: PortfolioReport[] = [];
  const silent = () => undefined;
  const logger = {
    debug: silent,
    info: silent,
    warning: (message: string, context?: unknown) => void warnings.push([message, context]),
    error: (message: string) => void errors.push(message),
  };
  const router = createRouter({
    tracer: {
      publish: (event) => ({ ...event, eventId: "evt", correlationId: getCorrelationId() }),
      handle: (_, work) => work(),
    },
  });
  const container = new ExecutionContainer({
    containerId: "execution",
    settings,
    registry: { createComponentLogger: () => logger },
    tracer: { traceInternalEvent: silent },
    router,
  });
  router.subscribe("execution.portfolio", {
    subscriber: "risk",
    onFailure: silent,
    handle: (report) => void reports.push(report),
  });
  return { container, router, errors, warnings, reports };
}

describe("the execution container", () => {
  it("reports orders that the desk never took as closed, so that nobody keeps cash for them", async () => {
    const { container, router, errors, warnings, reports } = setUp({ orders_per_turn_max: 1 });
    for (const id of ["a", "b", "c", "d"])
      router.publish("risk", "risk.order", orderOf(id), { tier: "reliable" });
    await router.idle();
    expect(errors).toEqual(["order desk busy: 1 orders taken in this turn"]);
    // Of four orders one is taken per turn: three, then two are tried again, and the last one has had its attempts.
    expect(warnings.map(([, context]) => context)).toMatchObject(
      [2, 2, 2, 3, 3].map((attempt) => ({ event_id: "evt", target: "execution", attempt })),
    );
    router.publish("data", "market.bar", { bar, gap: undefined }, { tier: "fast" });
    await router.settled();
    expect(reports.map(({ closedOrderIds }) => closedOrderIds)).toEqual([["a", "b", "c", "d"]]);
    expect(container.tradingResult()).toMatchObject({ fills: 3, buys: 3 });
  });

  it("ends an order as failed when the cash is gone at the open, and fills the others", async () => {
    const { container, router, errors } = setUp({
      capital: 150,
      commission_min: 0,
      slippage_basis_points: 0,
    });
    for (const id of ["a", "b"]) router.publish("risk", "risk.order", orderOf(id), { tier: "reliable" });
    await router.idle();
    router.publish("data", "market.bar", { bar, gap: undefined }, { tier: "fast" });
    await router.settled();
    expect(errors).toEqual(["Cash limit: 100.01 needed at the open, 49.99 there"]);
    expect(container.tradingResult()).toMatchObject({ fills: 1 });
    expect(router.stats()).toMatchObject({ failures: 1 });
  });

  it("lets orders expire when the market closes for good", async () => {
    const { container, router, errors } = setUp({});
    router.publish("risk", "risk.order", orderOf("a"), { tier: "reliable" });
    await router.idle();
    router.publish("data", "market.closed", { date: "2001-01-03", bars: 1 }, { tier: "fast" });
    await router.settled();
    expect([errors, container.status["working_orders"], container.status["fills"]]).toEqual([[], 0, 0]);
  });
});
