import { type Clock, systemClock } from "@waybill/protocols";
import { attach, requireComponent } from "./attach.ts";
import type { Attached } from "./attached.ts";
import { handleOf } from "./attachment.ts";
import { createDurationHistogram, type DurationHistogram } from "./duration-histogram.ts";
import { createFailureGuard, type FailureGuard } from "./failure-guard.ts";
import { timingKey } from "./keys.ts";
import type { CallObserver } from "./observe-call.ts";

/** The calls of one method. Durations are in microseconds, of ended calls. */
export interface MethodTiming {
  /** Calls that ended. */
  readonly count: number;
  /** Of these, calls that threw, and promises that were rejected. */
  readonly errors: number;
  /** Calls that began and have not ended. */
  readonly active: number;
  readonly totalUs: number;
  readonly maxUs: number;
  /** At most 12.5 % off, as all quantiles. */
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
}

/** What a component can do once timing is attached. */
export interface TimingMembers {
  /** The timings so far, by method. A function is found under its name, a construction under `new <name>`. */
  getTimings(): ReadonlyMap<string, MethodTiming>;
  /** Forgets everything measured. Calls that run now are not counted when they end. */
  resetTimings(): void;
}

/** The timing of one component, whatever its own members are called. */
export interface TimingHandle extends TimingMembers {
  /** Calls that were not measured, because more than `methodsMax` methods were called. */
  readonly unmeasured: number;
  /** Calls that were not measured, because the clock failed. */
  readonly failures: number;
}

/** Says that timing is attached. */
export interface WithTiming {
  readonly [timingKey]: TimingHandle;
}

/** Options of {@link attachTiming}. */
export interface TimingOptions {
  /** The methods to measure; a symbol is named as `Symbol(iterator)`. Default: all. */
  readonly methods?: readonly string[];
  /** Different methods measured, integer ≥ 1. Default 256, about 1 KB each. Calls of others count as `unmeasured`. */
  readonly methodsMax?: number;
  /** Default: the clock of this process. */
  readonly clock?: Clock;
}

interface Measured {
  count: number;
  errors: number;
  active: number;
  totalUs: number;
  maxUs: number;
  readonly histogram: DurationHistogram;
}

function timingOfMethod({ histogram, ...counters }: Measured): MethodTiming {
  // The middle of the highest bucket may lie above everything that was measured.
  const quantile = (share: number): number => Math.min(counters.maxUs, histogram.quantileUs(share));
  return { ...counters, p50Us: quantile(0.5), p95Us: quantile(0.95), p99Us: quantile(0.99) };
}

interface TimingTable {
  readonly measured: Map<string, Measured>;
  unmeasured: number;
}

function createStopwatch(options: TimingOptions, table: TimingTable, guard: FailureGuard): CallObserver {
  const { clock = systemClock, methodsMax = 256 } = options;
  const chosen = options.methods === undefined ? undefined : new Set(options.methods);

  function entryOf(name: string): Measured | undefined {
    const known = table.measured.get(name);
    if (known !== undefined) return known;
    if (table.measured.size >= methodsMax) return undefined;
    const histogram = createDurationHistogram();
    const created: Measured = { count: 0, errors: 0, active: 0, totalUs: 0, maxUs: 0, histogram };
    table.measured.set(name, created);
    return created;
  }

  return {
    begin(name) {
      if (chosen !== undefined && !chosen.has(name)) return undefined;
      const startUs = guard.run(() => clock.monotonicUs());
      if (startUs === undefined) return undefined;
      const entry = entryOf(name);
      if (entry === undefined) {
        table.unmeasured += 1;
        return undefined;
      }
      entry.active += 1;
      return (outcome) => {
        entry.active -= 1;
        const endUs = guard.run(() => clock.monotonicUs());
        if (endUs === undefined) return;
        const durationUs = Math.max(0, endUs - startUs);
        entry.count += 1;
        if (outcome === "threw" || outcome === "rejected") entry.errors += 1;
        entry.totalUs += durationUs;
        entry.maxUs = Math.max(entry.maxUs, durationUs);
        entry.histogram.add(durationUs);
      };
    },
  };
}

/**
 * Measures the calls of any object's methods, or of a function: how often, how many failed, how long.
 *
 * Calls are seen when they come through the result; what the component calls on itself is not. A promise is measured
 * until it is settled, and the caller of an async method gets a promise derived from its own. A generator, and a
 * promise with members of its own, is measured until the call returns.
 *
 * @throws {TypeError} for a primitive component.
 * @throws {RangeError} for `methodsMax` out of its range.
 */
export function attachTiming<T extends object>(
  component: T,
  options: TimingOptions = {},
): Attached<T, TimingMembers & WithTiming> {
  requireComponent(component, "attachTiming");
  const { methodsMax = 256 } = options;
  if (!Number.isSafeInteger(methodsMax) || methodsMax < 1) {
    throw new RangeError(`methodsMax must be an integer of at least 1, not ${String(methodsMax)}`);
  }
  const guard = createFailureGuard();
  const table: TimingTable = { measured: new Map(), unmeasured: 0 };
  const handle: TimingHandle = {
    getTimings: () => new Map([...table.measured].map(([name, entry]) => [name, timingOfMethod(entry)])),
    resetTimings() {
      table.measured.clear();
      table.unmeasured = 0;
    },
    get unmeasured() {
      return table.unmeasured;
    },
    get failures() {
      return guard.failures;
    },
  };
  const observer = createStopwatch(options, table, guard);
  const memberNames = ["getTimings", "resetTimings"];
  const result = attach(component, { key: timingKey, handle, memberNames, observer }, "proxy");
  return result as Attached<T, TimingMembers & WithTiming>;
}

/** The timing of a component; undefined when none is attached. */
export function timingOf(component: WithTiming): TimingHandle;
export function timingOf(component: unknown): TimingHandle | undefined;
export function timingOf(component: unknown): object | undefined {
  return handleOf(component, timingKey);
}
