import { createPerformanceLog, type Monitor } from "@waybill/monitor";
import type { Clock, Loggable, Timer } from "@waybill/protocols";

/** What {@link createPerformanceLines} works with. */
export interface PerformanceLinesPorts {
  readonly monitor: Pick<Monitor, "recent">;
  /** Asked for before the first line, and not when none is written. */
  readonly logger: () => Loggable;
  readonly clock: Clock;
}

/** Writes a line of measurements at intervals. */
export interface PerformanceLines {
  /** The first line comes after the first interval. Idempotent. */
  start(): void;
  /** @param intervalMs - milliseconds from now to the next line, and between two; undefined = no lines. */
  setInterval(intervalMs: number | undefined): void;
  stop(): void;
}

/** @param intervalMs - as of {@link PerformanceLines.setInterval}. */
export function createPerformanceLines(
  intervalMs: number | undefined,
  ports: PerformanceLinesPorts,
): PerformanceLines {
  return new TimedLines(intervalMs, ports);
}

class TimedLines implements PerformanceLines {
  readonly #ports: PerformanceLinesPorts;
  #intervalMs: number | undefined;
  #state: "created" | "started" | "stopped" = "created";
  #timer: Timer | undefined;
  #writeLine: ReturnType<typeof createPerformanceLog> | undefined;

  constructor(intervalMs: number | undefined, ports: PerformanceLinesPorts) {
    this.#intervalMs = intervalMs;
    this.#ports = ports;
  }

  start(): void {
    if (this.#state !== "created") return;
    this.#state = "started";
    this.#wait();
  }

  setInterval(intervalMs: number | undefined): void {
    if (intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#wait();
  }

  stop(): void {
    this.#state = "stopped";
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer?.cancel();
    const intervalMs = this.#intervalMs;
    if (this.#state !== "started" || intervalMs === undefined) return;
    this.#timer = this.#ports.clock.setTimer(() => {
      this.#wait();
      // It rejects once the monitor is closed, and then there is nothing to tell any more.
      this.#write(intervalMs / 2).catch(() => undefined);
    }, intervalMs);
  }

  /** Mostly the measurement of the last run is young enough, so that a line costs no further one. */
  async #write(maxAgeMs: number): Promise<void> {
    const snapshot = await this.#ports.monitor.recent(maxAgeMs);
    if (this.#state === "stopped") return;
    this.#writeLine ??= createPerformanceLog(this.#ports.logger());
    this.#writeLine(snapshot);
  }
}
