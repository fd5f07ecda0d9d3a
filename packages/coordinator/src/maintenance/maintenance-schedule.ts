import type { Clock, Timer } from "@waybill/protocols";

/** Why a run of maintenance takes place. */
export type MaintenanceReason = "interval" | "seal" | "pressure" | "request";

/** How often maintenance runs by itself. */
export interface MaintenanceRhythm {
  /** Milliseconds between two runs that nothing else asks for, ≥ 1. */
  readonly intervalMs: number;
  /**
   * Share of the interval by which each wait is shortened at random, 0 to 1, so that many processes on one machine do
   * not work at the same moment. Default 0.1.
   */
  readonly jitter?: number;
}

/** What a {@link MaintenanceSchedule} works with. */
export interface MaintenanceScheduleOptions<Result> extends MaintenanceRhythm {
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

/** Of several reasons for one run the weightiest is told: a run for it does at least what one for the others would. */
const weight: Readonly<Record<MaintenanceReason, number>> = { seal: 0, pressure: 1, interval: 2, request: 3 };

/**
 * When maintenance runs: at intervals, soon after a segment was sealed, at once under pressure or when asked. Never two
 * runs at a time: whoever asks during a run gets the one after it, since the running one may have passed over what they
 * mean. However often it is called for, the run at an interval takes place: others may leave out what it does. Its timers
 * do not keep the process alive.
 */
export interface MaintenanceSchedule<Result> {
  /** Begins to run by itself, for the first time after a part of the interval. */
  start(): void;
  /** Waits by another rhythm from now on. */
  setRhythm(rhythm: MaintenanceRhythm): void;
  /** Runs only when asked, until {@link start}. A run that is under way goes on. */
  pause(): void;
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
  /** Until the next run at an interval: what calls for a run before does not put it off. */
  #interval: Timer | undefined;
  /** Until a run that something has called for. */
  #soon: { readonly timer: Timer; readonly dueUs: number } | undefined;
  #running: Promise<unknown> | undefined;
  /** The run that was asked for while another one runs. */
  #next: { readonly run: Promise<Result>; reason: MaintenanceReason } | undefined;
  #isStarted = false;
  #rhythm: MaintenanceRhythm;

  constructor(options: MaintenanceScheduleOptions<Result>) {
    this.#options = options;
    this.#rhythm = options;
  }

  start(): void {
    if (this.#isStarted || this.#abort.signal.aborted) return;
    this.#isStarted = true;
    this.#waitInterval();
  }

  setRhythm(rhythm: MaintenanceRhythm): void {
    this.#rhythm = rhythm;
    if (this.#isStarted) this.#waitInterval();
  }

  pause(): void {
    this.#isStarted = false;
    this.#cancel();
  }

  note(reason: "seal" | "pressure"): void {
    if (this.#isStarted) this.#waitFor(reason, delayMs[reason]);
  }

  run(): Promise<Result> {
    return this.#ask("request");
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cancel();
    await Promise.allSettled([this.#running, this.#next?.run]);
  }

  #cancel(): void {
    this.#interval?.cancel();
    this.#interval = undefined;
    this.#soon?.timer.cancel();
    this.#soon = undefined;
  }

  /** Counted from now. */
  #waitInterval(): void {
    this.#interval?.cancel();
    this.#interval = this.#options.clock.setTimer(() => {
      this.#interval = undefined;
      this.#begin("interval");
    }, this.#intervalMs());
  }

  /** Has a run begin after so long, unless one begins before. */
  #waitFor(reason: MaintenanceReason, waitMs: number): void {
    const { clock } = this.#options;
    const dueUs = clock.monotonicUs() + waitMs * 1000;
    if (this.#soon !== undefined && this.#soon.dueUs <= dueUs) return;
    this.#soon?.timer.cancel();
    const begin = (): void => {
      this.#soon = undefined;
      this.#begin(reason);
    };
    this.#soon = { timer: clock.setTimer(begin, waitMs), dueUs };
  }

  /** For a run that nobody awaits. */
  #begin(reason: MaintenanceReason): void {
    this.#ask(reason).catch(this.#options.onError);
  }

  #ask(reason: MaintenanceReason): Promise<Result> {
    if (this.#next !== undefined) {
      if (weight[reason] > weight[this.#next.reason]) this.#next.reason = reason;
      return this.#next.run;
    }
    if (this.#running === undefined) return this.#run(reason);
    const begin = (): Promise<Result> => this.#run(next.reason);
    const next = { run: this.#running.then(begin, begin), reason };
    this.#next = next;
    return next.run;
  }

  #run(reason: MaintenanceReason): Promise<Result> {
    this.#next = undefined;
    const { signal } = this.#abort;
    const run = this.#perform(reason, signal);
    this.#running = run;
    const settle = (): void => {
      if (this.#running === run) this.#running = undefined;
      if (!this.#isStarted || signal.aborted) return;
      const isThorough = weight[reason] >= weight.interval;
      if (isThorough || this.#interval === undefined) this.#waitInterval();
    };
    run.then(settle, settle);
    return run;
  }

  async #perform(reason: MaintenanceReason, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    return await this.#options.work(reason, signal);
  }

  #intervalMs(): number {
    const { random = Math.random } = this.#options;
    const { intervalMs, jitter = 0.1 } = this.#rhythm;
    return intervalMs * (1 - jitter * random());
  }
}
