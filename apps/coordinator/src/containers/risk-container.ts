import { getCorrelationId } from "@waybill/correlation";
import type { Regime } from "../regime/regime-classifier.ts";
import { decide, type RiskDecision } from "../risk/decide.ts";
import { failureReasons, type RefusalReason, type RiskLimits } from "../risk/limits.ts";
import { PortfolioTracker } from "../risk/portfolio-tracker.ts";
import type { EventPayloads } from "../router/events.ts";
import type { Router } from "../router/router.ts";
import { readRiskSettings } from "./risk-settings.ts";
import {
  type ComponentLogger,
  type ContainerServices,
  type ContainerStatus,
  errorFields,
  messageOf,
} from "./services.ts";

/** A signal that risk could not turn into an order because something is wrong, not because a limit did its work. */
class SignalRefusedError extends Error {
  override readonly name = "SignalRefusedError";
  readonly reason: RefusalReason;
  readonly figures: Readonly<Record<string, number>>;

  constructor(refusal: Extract<RiskDecision, { kind: "refusal" }>) {
    super(refusal.message);
    this.reason = refusal.reason;
    this.figures = refusal.figures;
  }
}

/** Turns signals into orders, within the limits. */
export class RiskContainer {
  readonly #id: string;
  readonly #router: Router;
  readonly #tracer: ContainerServices["tracer"];
  readonly #riskLog: ComponentLogger;
  readonly #portfolioLog: ComponentLogger;
  readonly #limits: RiskLimits;
  readonly #portfolio: PortfolioTracker;
  #regime: Regime = "normal";
  #barsSeen = 0;
  #approved = 0;
  #refused = 0;

  constructor({ containerId, settings, registry, router, tracer }: ContainerServices) {
    const { capital, limits } = readRiskSettings(containerId, settings);
    this.#id = containerId;
    this.#router = router;
    this.#tracer = tracer;
    this.#limits = limits;
    this.#portfolio = new PortfolioTracker(capital);
    this.#riskLog = registry.createComponentLogger("risk_manager");
    this.#portfolioLog = registry.createComponentLogger("portfolio_tracker");
    const onFailure = (error: unknown) => this.#onFailure(error);
    const subscriber = containerId;
    router.subscribe("market.bar", {
      subscriber,
      onFailure,
      opensFlow: "bar",
      handle: (event) => this.#onBar(event),
    });
    router.subscribe("market.regime", { subscriber, onFailure, handle: (event) => this.#onRegime(event) });
    router.subscribe("strategy.signal", { subscriber, onFailure, handle: (event) => this.#onSignal(event) });
    router.subscribe("execution.portfolio", {
      subscriber,
      onFailure,
      handle: (event) => this.#onPortfolio(event),
    });
  }

  cleanup(): void {
    this.#router.unsubscribe(this.#id);
  }

  get status(): ContainerStatus {
    const { equity, openOrders } = this.#portfolio;
    return {
      regime: this.#regime,
      equity,
      open_orders: openOrders,
      approved: this.#approved,
      refused: this.#refused,
    };
  }

  #onBar({ bar }: EventPayloads["market.bar"]): void {
    this.#barsSeen += 1;
    this.#portfolio.mark(bar.close);
    const context = { internal_scope: "risk_bus", date: bar.date, equity: cents(this.#portfolio.equity) };
    this.#portfolioLog.debug("Portfolio marked", context);
  }

  #onRegime({ regime, volatility }: EventPayloads["market.regime"]): void {
    this.#regime = regime;
    const limit = this.#limits.exposureShare[regime];
    const context = { regime, volatility: Number(volatility.toFixed(4)), exposure_limit: limit };
    this.#riskLog.info(`Exposure limit is now ${(limit * 100).toFixed(0)} % of equity`, context);
  }

  #onPortfolio(report: EventPayloads["execution.portfolio"]): void {
    this.#portfolio.apply(report);
    this.#portfolioLog.info("Portfolio updated", {
      internal_scope: "risk_bus",
      cash: report.cash,
      holdings: report.holdings.length,
      equity: cents(this.#portfolio.equity),
    });
  }

  #onSignal(event: EventPayloads["strategy.signal"]): void {
    const { strategy, signal, bar, gap } = event;
    const { equity, freeCash, exposure } = this.#portfolio;
    const held = this.#portfolio.heldBy(strategy);
    const decision = decide(
      {
        signal,
        gap,
        equity,
        freeCash,
        exposure,
        held,
        price: bar.close,
        barsSeen: this.#barsSeen,
        regime: this.#regime,
      },
      this.#limits,
    );
    this.#tracer.traceInternalEvent({ container: this.#id, eventType: `risk.${decision.kind}` });
    if (decision.kind === "refusal") this.#refuse(strategy, decision);
    else this.#approve(event, decision);
  }

  #refuse(strategy: string, refusal: Extract<RiskDecision, { kind: "refusal" }>): void {
    this.#refused += 1;
    if (failureReasons.has(refusal.reason)) throw new SignalRefusedError(refusal);
    const context = { internal_scope: "risk_bus", strategy, reason: refusal.reason, ...refusal.figures };
    if (refusal.reason === "nothing_to_sell") this.#riskLog.info(refusal.message, context);
    else this.#riskLog.warning(refusal.message, context);
  }

  #approve(
    { strategy, signal, bar }: EventPayloads["strategy.signal"],
    { quantity, clippedFrom }: Extract<RiskDecision, { kind: "order" }>,
  ): void {
    this.#approved += 1;
    const { side } = signal;
    if (clippedFrom !== undefined) {
      const context = { internal_scope: "risk_bus", strategy, wanted: clippedFrom, allowed: quantity };
      this.#riskLog.warning(`Position limit: ${quantity} of ${clippedFrom} shares allowed`, context);
    }
    const orderId = getCorrelationId() ?? `${strategy}_${bar.date}`;
    this.#portfolio.promise(orderId, { strategy, side, quantity, price: bar.close });
    const order = { orderId, strategy, side, quantity, referencePrice: bar.close, referenceDate: bar.date };
    this.#router.publish(this.#id, "risk.order", order, { tier: "reliable" });
    this.#riskLog.info(`Order approved: ${side} ${quantity}`, {
      publish_tier: "reliable",
      strategy,
      side,
      quantity,
      price: bar.close,
    });
  }

  #onFailure(error: unknown): void {
    const fields =
      error instanceof SignalRefusedError ? { reason: error.reason, ...error.figures } : errorFields(error);
    this.#riskLog.error(messageOf(error), { internal_scope: "risk_bus", ...fields });
  }
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
