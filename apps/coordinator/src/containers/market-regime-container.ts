import { RegimeClassifier } from "../regime/regime-classifier.ts";
import { VolatilityDetector } from "../regime/volatility-detector.ts";
import type { EventPayloads } from "../router/events.ts";
import type { Router } from "../router/router.ts";
import {
  type ComponentLogger,
  type ContainerServices,
  type ContainerStatus,
  errorFields,
} from "./services.ts";
import { readSettings } from "./settings.ts";

/** Names the volatility regime of the market and publishes its changes. */
export class MarketRegimeContainer {
  readonly #id: string;
  readonly #router: Router;
  readonly #tracer: ContainerServices["tracer"];
  readonly #detectorLog: ComponentLogger;
  readonly #classifierLog: ComponentLogger;
  readonly #detector: VolatilityDetector;
  readonly #classifier: RegimeClassifier;
  #changes = 0;

  constructor({ containerId, settings, registry, router, tracer }: ContainerServices) {
    const values = readSettings(containerId, settings, {
      window_bars: { default: 20, min: 2, max: 500, integer: true },
      calm_below: { default: 0.12, min: 0.001, max: 10 },
      turbulent_above: { default: 0.25, min: 0.001, max: 10 },
      hysteresis: { default: 0.1, min: 0, max: 0.9 },
    });
    this.#id = containerId;
    this.#router = router;
    this.#tracer = tracer;
    this.#detectorLog = registry.createComponentLogger("volatility_detector");
    this.#classifierLog = registry.createComponentLogger("regime_classifier");
    this.#detector = new VolatilityDetector(values.window_bars);
    this.#classifier = new RegimeClassifier({
      calmBelow: values.calm_below,
      turbulentAbove: values.turbulent_above,
      hysteresis: values.hysteresis,
    });
    router.subscribe("market.bar", {
      subscriber: containerId,
      opensFlow: "bar",
      handle: (event) => this.#onBar(event),
      onFailure: (error) => this.#detectorLog.error("Bar not used", errorFields(error)),
    });
  }

  cleanup(): void {
    this.#router.unsubscribe(this.#id);
  }

  get status(): ContainerStatus {
    return { regime: this.#classifier.current, changes: this.#changes };
  }

  #onBar({ bar }: EventPayloads["market.bar"]): void {
    const volatility = this.#detector.push(bar.close);
    if (volatility === undefined) {
      this.#detectorLog.debug("Warming up", { internal_scope: "regime_bus", date: bar.date });
      return;
    }
    const rounded = Number(volatility.toFixed(4));
    this.#detectorLog.debug("Volatility updated", {
      internal_scope: "regime_bus",
      date: bar.date,
      volatility: rounded,
    });
    this.#tracer.traceInternalEvent({ container: this.#id, eventType: "volatility.updated" });
    const previous = this.#classifier.current;
    const regime = this.#classifier.update(volatility);
    if (regime === undefined) return;
    this.#changes += 1;
    const context = { date: bar.date, previous, regime, volatility: rounded };
    if (regime === "turbulent") this.#classifierLog.warning(`Regime is now ${regime}`, context);
    else this.#classifierLog.info(`Regime is now ${regime}`, context);
    this.#router.publish(this.#id, "market.regime", { regime, volatility }, { tier: "standard" });
  }
}
