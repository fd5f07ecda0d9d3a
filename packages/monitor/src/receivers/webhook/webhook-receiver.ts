import { type Clock, systemClock } from "@waybill/protocols";
import { type AlertEvent, alertEventFields } from "../../alerts/alert-event.ts";
import { textOfFailure } from "../../text-of-failure.ts";
import type { AlertReceiver } from "../alert-receiver.ts";
import { createPostJson, type PostJson } from "./post-json.ts";
import { type PostOutcome, pauseAfter } from "./retry-policy.ts";
import { type ResolvedWebhook, resolveWebhook, type WebhookOptions } from "./webhook-options.ts";

/** What a webhook needs of its surroundings; the real ones unless given. */
export interface WebhookPorts {
  readonly clock?: Clock;
  readonly post?: PostJson;
  /** 0 to 1. */
  readonly random?: () => number;
  /** Told of each event that is given up, and why. What it throws is ignored. Default nobody. */
  readonly onLost?: (event: AlertEvent, reason: string) => void;
}

/** Counters of a webhook; received = delivered + lost + those that wait. */
export interface WebhookStats {
  readonly received: number;
  readonly delivered: number;
  /** Events given up: refused by the server, tried too often, pushed out of a full queue, or left at `close`. */
  readonly lost: number;
  /** Events that wait, one that is being sent included. */
  readonly waiting: number;
  /** Tries beyond the first of an event. */
  readonly retries: number;
  readonly lastFailure: string | undefined;
}

/** Sends alerts to an address of HTTP. */
export interface WebhookReceiver extends AlertReceiver {
  receive(event: AlertEvent): void;
  /** Tries every event that waits once more, without pauses, and gives up what is left after `closeTimeoutMs`. */
  close(): Promise<void>;
  stats(): WebhookStats;
}

/**
 * Posts each alert as JSON to a URL: one at a time, in order, and again when it fails. Nothing is sent to anywhere
 * unless such a receiver is made.
 *
 * The body has the keys `version` (1), `source`, `message`, and those of `alertEventFields`. An event whose answer got
 * lost is sent twice; `alert_id`, also in the header `idempotency-key`, tells it.
 *
 * @throws {TypeError | RangeError} for an option that cannot be.
 */
export function createWebhookReceiver(options: WebhookOptions, ports: WebhookPorts = {}): WebhookReceiver {
  return new Webhook(resolveWebhook(options), ports);
}

class Webhook implements WebhookReceiver {
  readonly #options: ResolvedWebhook;
  readonly #clock: Clock;
  readonly #post: PostJson;
  readonly #random: () => number;
  readonly #onLost: WebhookPorts["onLost"];
  readonly #queue: AlertEvent[] = [];
  readonly #aborter = new AbortController();
  readonly #counts = { received: 0, delivered: 0, lost: 0, retries: 0 };
  #lastFailure: string | undefined;
  #sending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #endPause: (() => void) | undefined;

  constructor(options: ResolvedWebhook, ports: WebhookPorts) {
    const { clock = systemClock, post = createPostJson(clock), random = Math.random, onLost } = ports;
    this.#options = options;
    this.#clock = clock;
    this.#post = post;
    this.#random = random;
    this.#onLost = onLost;
  }

  receive(event: AlertEvent): void {
    this.#counts.received += 1;
    if (this.#closing !== undefined) {
      this.#lose(event, "the receiver is closed");
      return;
    }
    // The first in the queue is being sent; of the others the oldest says least about the present.
    if (this.#queue.length >= this.#options.queueMax) {
      for (const oldest of this.#queue.splice(1, 1))
        this.#lose(oldest, `more than ${this.#options.queueMax} events wait`);
    }
    this.#queue.push(event);
    this.#sending ??= this.#sendAll();
  }

  stats(): WebhookStats {
    return { ...this.#counts, waiting: this.#queue.length, lastFailure: this.#lastFailure };
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const timer = this.#clock.setTimer(() => this.#aborter.abort(), this.#options.closeTimeoutMs);
    this.#endPause?.();
    await this.#sending;
    timer.cancel();
  }

  async #sendAll(): Promise<void> {
    for (let event = this.#queue[0]; event !== undefined; event = this.#queue[0]) {
      try {
        await this.#deliver(event);
      } catch (error) {
        this.#lose(event, textOfFailure(error));
      }
      this.#queue.shift();
    }
    this.#sending = undefined;
  }

  async #deliver(event: AlertEvent): Promise<void> {
    const { source, retry } = this.#options;
    const body = JSON.stringify({ version: 1, source, message: event.message, ...alertEventFields(event) });
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1) this.#counts.retries += 1;
      const outcome = await this.#try(event.id, body);
      if (outcome.kind === "delivered") {
        this.#counts.delivered += 1;
        return;
      }
      if (outcome.kind === "refused") return this.#lose(event, outcome.reason);
      this.#lastFailure = outcome.reason;
      const pauseMs = pauseAfter(retry, attempt, outcome.retryAfterMs, this.#random());
      if (pauseMs === undefined || this.#closing !== undefined) return this.#lose(event, outcome.reason);
      await this.#pause(pauseMs);
    }
  }

  #try(eventId: string, body: string): Promise<PostOutcome> {
    const { url, headers, timeoutMs } = this.#options;
    const signal = this.#aborter.signal;
    return this.#post({ url, headers: { ...headers, "idempotency-key": eventId }, body, timeoutMs, signal });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(resolve, ms);
      this.#endPause = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #lose(event: AlertEvent, reason: string): void {
    this.#counts.lost += 1;
    this.#lastFailure = reason;
    try {
      this.#onLost?.(event, reason);
    } catch {
      // It is counted here, and there is nobody else to tell.
    }
  }
}
