import type { EventPayloads } from "../router/events.ts";
import type { Router } from "../router/router.ts";
import { createStrategy } from "../strategies/parameter-sets.ts";
import type { Signal, Strategy } from "../strategies/strategy.ts";
import {
  type ComponentLogger,
  type ContainerServices,
  type ContainerStatus,
  errorFields,
  messageOf,
} from "./services.ts";
import { readSettings } from "./settings.ts";

/** Runs one strategy: turns bars into signals. */
export class StrategyContainer {
  readonly #id: string;
  readonly #router: Router;
  readonly #tracer: ContainerServices["tracer"];
  readonly #strategy: Strategy;
  readonly #indicatorLog: ComponentLogger;
  readonly #signalLog: ComponentLogger;
  #bars = 0;
  #signals = 0;
  #failures = 0;

  constructor({ containerId, settings, registry, router, tracer }: ContainerServices) {
    const { number } = readSettings(containerId, settings, {
      number: { default: strategyNumber(containerId), min: 1, max: 500, integer: true },
    });
    this.#id = containerId;
    this.#router = router;
    this.#tracer = tracer;
    this.#strategy = createStrategy(number);
    this.#indicatorLog = registry.createComponentLogger(this.#strategy.family);
    this.#signalLog = registry.createComponentLogger("signal_generator");
    const { family, parameters, warmupBars } = this.#strategy;
    this.#signalLog.info("Strategy ready", { family, parameters, warmup_bars: warmupBars });
    router.subscribe("market.bar", {
      subscriber: containerId,
      opensFlow: "trade",
      handle: (event) => this.#onBar(event),
      onFailure: (error) => this.#onFailure(error),
    });
    router.subscribe("market.closed", {
      subscriber: containerId,
      opensFlow: "session",
      handle: (event) => this.#onClosed(event),
      onFailure: (error) => this.#onFailure(error),
    });
  }

  cleanup(): void {
    this.#router.unsubscribe(this.#id);
  }

  get status(): ContainerStatus {
    const { family } = this.#strategy;
    return { family, bars: this.#bars, signals: this.#signals, failures: this.#failures };
  }

  #onBar(event: EventPayloads["market.bar"]): void {
    const { bar } = event;
    this.#bars += 1;
    const { indicator, signal } = this.#strategy.next(bar);
    if (indicator === undefined) {
      const needed = this.#strategy.warmupBars;
      this.#indicatorLog.debug("Warming up", { internal_scope: "strategy_bus", bars: this.#bars, needed });
      return;
    }
    const value = Number(indicator.toFixed(6));
    this.#indicatorLog.debug("Indicator updated", {
      internal_scope: "strategy_bus",
      date: bar.date,
      indicator: value,
    });
    if (signal !== undefined) this.#send(event, signal);
  }

  #send({ bar, gap }: EventPayloads["market.bar"], signal: Signal): void {
    this.#signals += 1;
    this.#tracer.traceInternalEvent({ container: this.#id, eventType: "indicator.crossed" });
    this.#signalLog.info(`Generating signal: ${signal.side}, ${signal.reason}`, {
      internal_scope: "strategy_bus",
      side: signal.side,
      strength: Number(signal.strength.toFixed(3)),
      price: bar.close,
      date: bar.date,
    });
    const payload = { strategy: this.#id, signal, bar, gap };
    this.#router.publish(this.#id, "strategy.signal", payload, { tier: "standard" });
    this.#signalLog.debug("Signal published", { publish_tier: "standard", event_type: "strategy.signal" });
  }

  #onClosed({ bars }: EventPayloads["market.closed"]): void {
    const needed = this.#strategy.warmupBars;
    const context = { bars, warmup_bars: needed, signals: this.#signals };
    if (bars >= needed) this.#signalLog.info("Session closed", context);
    else this.#signalLog.warning(`Insufficient history: ${needed} bars needed, ${bars} seen`, context);
  }

  #onFailure(error: unknown): void {
    this.#failures += 1;
    this.#indicatorLog.error(`Bar not used: ${messageOf(error)}`, errorFields(error));
  }
}

/** `strategy_007` is number 7; an id without a number is number 1. */
function strategyNumber(containerId: string): number {
  return Number(/_(\d+)$/.exec(containerId)?.[1] ?? 1);
}
