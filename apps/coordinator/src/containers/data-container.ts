import { runWithCorrelation } from "@waybill/correlation";
import { systemClock } from "@waybill/protocols";
import { type Bar, compactDate } from "../market/bar.ts";
import { type BarGap, type GapLimits, gapBefore } from "../market/bar-gap.ts";
import type { Router } from "../router/router.ts";
import type { ComponentLogger, ContainerServices, ContainerStatus } from "./services.ts";
import { readSettings } from "./settings.ts";

/** How {@link DataContainer.stream} behaves. */
export interface StreamOptions {
  /** Ends the stream after the bar at hand. */
  readonly signal?: AbortSignal;
  /** Waits before a bar, to slow the stream down. Default: no waiting. */
  readonly pace?: (signal: AbortSignal | undefined) => Promise<void>;
  /** Stands in the ids of all flows, to tell several runs over the same days apart. Default: nothing. */
  readonly runKey?: string;
  /** Called after each bar has gone through all containers; the next bar waits for it. */
  readonly onBar?: (done: number, bar: Bar) => void | Promise<void>;
}

/** Publishes market data: one `market.bar` per trading day, and `market.closed` at the end. */
export class DataContainer {
  readonly #id: string;
  readonly #router: Router;
  readonly #handler: ComponentLogger;
  readonly #processor: ComponentLogger;
  readonly #gapLimits: GapLimits;
  #previous: Bar | undefined;
  #published = 0;
  #runKey: string | undefined;

  constructor({ containerId, settings, registry, router }: ContainerServices) {
    const values = readSettings(
      containerId,
      settings,
      {
        gap_warning_days: { default: 4, min: 2, max: 365, integer: true },
        gap_stale_days: { default: 5, min: 2, max: 365, integer: true },
      },
      ["path"],
    );
    this.#id = containerId;
    this.#router = router;
    this.#gapLimits = { warnDays: values.gap_warning_days, staleDays: values.gap_stale_days };
    this.#handler = registry.createComponentLogger("data_handler");
    this.#processor = registry.createComponentLogger("stream_processor");
  }

  /** Publishes bars one after the other; the next one follows when all that came of the last one is done. */
  async stream(bars: readonly Bar[], { signal, pace, runKey, onBar }: StreamOptions = {}): Promise<void> {
    this.#runKey = runKey;
    this.#handler.info("Market data opened", {
      bars: bars.length,
      from: bars[0]?.date,
      to: bars.at(-1)?.date,
    });
    for (const [index, bar] of bars.entries()) {
      await pace?.(signal);
      if (signal?.aborted) break;
      runWithCorrelation(`bar_${this.#flowKey(bar.date)}`, () => this.#publish(bar));
      await this.#router.idle();
      await onBar?.(index + 1, bar);
    }
    this.#close();
    await this.#router.settled();
  }

  get status(): ContainerStatus {
    return { published: this.#published, last_date: this.#previous?.date };
  }

  #publish(bar: Bar): void {
    const startedUs = systemClock.monotonicUs();
    const gap = gapBefore(bar, this.#previous, this.#gapLimits);
    this.#reportGap(bar, gap);
    this.#processor.debug("Bar normalised", {
      internal_scope: "data_bus",
      date: bar.date,
      close: bar.close,
      volume: bar.volume,
      change: this.#previous && Number((bar.close / this.#previous.close - 1).toFixed(6)),
    });
    this.#previous = bar;
    this.#published += 1;
    const flowKey = this.#flowKey(bar.date);
    this.#router.publish(this.#id, "market.bar", { bar, gap }, { tier: "fast", flowKey, startedUs });
    this.#handler.info("Bar published", { publish_tier: "fast", date: bar.date, number: this.#published });
  }

  #reportGap(bar: Bar, gap: BarGap | undefined): void {
    if (gap === undefined || gap.kind === "regular") return;
    const context = { date: bar.date, previous_date: this.#previous?.date, gap_days: gap.days };
    if (gap.kind === "stale")
      this.#processor.error(`Feed gap: no bar for ${gap.days} days before ${bar.date}`, context);
    else this.#processor.warning(`Long weekend: no bar for ${gap.days} days before ${bar.date}`, context);
  }

  #close(): void {
    const date = this.#previous?.date ?? "none";
    const payload = { date, bars: this.#published };
    this.#router.publish(this.#id, "market.closed", payload, { tier: "fast", flowKey: this.#flowKey(date) });
    this.#handler.info("Market data closed", { publish_tier: "fast", ...payload });
  }

  #flowKey(date: string): string {
    const day = compactDate(date);
    return this.#runKey === undefined ? day : `${day}_${this.#runKey}`;
  }
}
