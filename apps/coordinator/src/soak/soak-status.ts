import type { Weather } from "./tide.ts";

/** What a soak shows while it runs. */
export interface SoakStatus {
  readonly weather: Weather;
  readonly elapsedMs: number;
  /** Undefined = until it is ended. */
  readonly totalMs: number | undefined;
  /** Milliseconds of simulated time since the beginning. */
  readonly simulatedMs: number;
  /** From 1 on. */
  readonly round: number;
  /** Day of the last bar. */
  readonly date: string;
  /** Of the whole tree, by asking the disk. */
  readonly bytes: number;
  readonly mostBytes: number;
  readonly limitBytes: number;
  readonly files: { readonly active: number; readonly sealed: number; readonly archived: number };
  /** Segments since the beginning. */
  readonly done: {
    readonly sealed: number;
    readonly archived: number;
    /** Deleted for their age. */
    readonly expired: number;
    /** Deleted for room. */
    readonly evicted: number;
    readonly freedBytes: number;
  };
  /** In words. */
  readonly forecast: string;
  /** Names of the alerts that fire. */
  readonly firing: readonly string[];
  readonly alerts: { readonly fired: number; readonly ended: number };
  readonly entries: number;
  readonly entriesPerSecond: number;
  /** Milliseconds of real time; undefined when nothing was written lately. */
  readonly writeP99Ms: number | undefined;
  readonly dropped: number;
}
