import type { Clock, Timer } from "@waybill/protocols";

/** Why a run of maintenance takes place. */
export type MaintenanceReason = "interval" | "seal" | "pressure" | "request";

/** What a {@link MaintenanceSchedule} works with. */
export interface MaintenanceScheduleOptions<Result> {
  /** Milliseconds between two runs that nothing else asks for, ≥ 1. */
  readonly intervalMs: number;
  /**
   * Share of the interval by which each wait is shortened at random, 0 to 1, so that many processes on one machine do
   * not work at the same moment. Default 0.1.
   */
  readonly jitter?: number;
  /** One run. Should end soon once the signal is aborted. What it throws goes to who asked, and to `onError`. */
  readonly work: (reason: MaintenanceReason, signal: AbortSignal) => Promise<Result>;
  /** Told what a run has thrown that nobody asked for. */
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  /** From 0 to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** Milliseconds from something that calls for a run until it begins: by then there is more of it. */
const delayMs: Readonly<Record<Exclude<MaintenanceReason, "interval" | "request">, number>> = {
  seal: 2000,
  pressure: 0,
};

/**
 * When maintenance runs: at intervals, soon after a segment was sealed, at once under pressure or when asked. Never two
 * runs at a time: whoever asks during a run gets the one after it, since the running one may have passed over what they
 * mean. Its timers do not keep the process alive.
 */
export interface MaintenanceSchedule<Result> {
  /** Begins to run by itself, for the first time after a part of the interval. */
  start(): void;
  /** Asks for a run soon; several calls make one run. */
  note(reason: "seal" | "pressure"): void;
  /** Runs now, or after the run that is under way. @throws what the run throws; `AbortError` after {@link stop}. */
  run(): Promise<Result>;
  /** Aborts what runs and waits for it. Nothing runs afterwards. Idempotent. */
  stop(): Promise<void>;
}

/** Creates a schedule that stands still until {@link MaintenanceSchedule.start}. */
export function createMaintenanceSchedule<Result>(
  options: MaintenanceScheduleOptions<Result>,
): MaintenanceSchedule<Result> {
  return new SingleFlightSchedule(options);
}

class SingleFlightSchedule<Result> implements MaintenanceSchedule<Result> {
  readonly #options: MaintenanceScheduleOptions<Result>;
  readonly #abort = new AbortController();
  #timer: { readonly timer: Timer; readonly dueUs: number } | undefined;
  #running: Promise<unknown> | undefined;
  /** The run that was asked for while another one runs. */
  #next: Promise<Result> | undefined;
  #isStarted = false;

  constructor(options: MaintenanceScheduleOptions<Result>) {
    this.#options = options;
  }

  start(): void {
    if (this.#isStarted || this.#abort.signal.aborted) return;
    this.#isStarted = true;
    this.#wait("interval", this.#intervalMs());
  }

  note(reason: "seal" | "pressure"): void {
    if (this.#isStarted) this.#wait(reason, delayMs[reason]);
  }

  run(): Promise<Result> {
    return this.#ask("request");
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    await Promise.allSettled([this.#running, this.#next]);
  }

  /** Has a run begin after so long, unless one begins before. */
  #wait(reason: MaintenanceReason, waitMs: number): void {
    if (this.#abort.signal.aborted) return;
    const { clock, onError } = this.#options;
    const dueUs = clock.monotonicUs() + waitMs * 1000;
    if (this.#timer !== undefined && this.#timer.dueUs <= dueUs) return;
    this.#timer?.timer.cancel();
    const begin = (): void => {
      this.#timer = undefined;
      this.#ask(reason).catch(onError);
    };
    this.#timer = { timer: clock.setTimer(begin, waitMs), dueUs };
  }

  #ask(reason: MaintenanceReason): Promise<Result> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin(reason);
    const next = this.#running.then(
      () => this.#begin(reason),
      () => this.#begin(reason),
    );
    this.#next = next;
    return next;
  }

  #begin(reason: MaintenanceReason): Promise<Result> {
    this.#next = undefined;
    const { signal } = this.#abort;
    const run = this.#perform(reason, signal);
    this.#running = run;
    const settle = (): void => {
      if (this.#running === run) this.#running = undefined;
      if (this.#isStarted) this.#wait("interval", this.#intervalMs());
    };
    run.then(settle, settle);
    return run;
  }

  async #perform(reason: MaintenanceReason, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    return await this.#options.work(reason, signal);
  }

  #intervalMs(): number {
    const { intervalMs, jitter = 0.1, random = Math.random } = this.#options;
    return intervalMs * (1 - jitter * random());
  }
}
