import type { ContainerGauges } from "../snapshot.ts";
import type { ContainerEntries } from "./entry-counters.ts";
import { errorsIn, type LevelCounts } from "./level-counts.ts";
import { createRateWindow, type RateWindow } from "./rate-window.ts";
import type { ContainerUsage } from "./tree-usage.ts";

/** Joins what is known of each container, and keeps its rate of errors. */
export interface ContainerGaugeBook {
  /** @param atMs - monotonic milliseconds. Undefined arguments were not measured this time. */
  measure(
    atMs: number,
    entries: readonly ContainerEntries[] | undefined,
    usage: readonly ContainerUsage[] | undefined,
  ): ReadonlyMap<string, ContainerGauges>;
}

interface KnownErrors {
  readonly window: RateWindow;
  /** The run that saw the container last. */
  run: number;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const none: readonly string[] = [];

/** @param windowMs - milliseconds of the rates. */
export function createContainerGaugeBook(windowMs: number): ContainerGaugeBook {
  // Only containers that have had errors: of thousands, most never have one.
  const known = new Map<string, KnownErrors>();
  let run = 0;
  let lastMs: number | undefined;

  const errorRate = (atMs: number, containerId: string, byLevel: LevelCounts): number => {
    const errors = errorsIn(byLevel);
    let errorsOf = known.get(containerId);
    if (errorsOf === undefined) {
      if (errors === 0) return 0;
      // Errors from before the first run have no time. Those of a container that is new came since the last run.
      const [startMs, startTotal] = lastMs === undefined ? [atMs, errors] : [lastMs, 0];
      errorsOf = { window: createRateWindow(windowMs, startMs, startTotal), run };
      known.set(containerId, errorsOf);
    }
    errorsOf.run = run;
    errorsOf.window.add(atMs, errors);
    return errorsOf.window.perMinute();
  };

  return {
    measure(atMs, entries, usage) {
      run += 1;
      const gauges = new Map<string, Mutable<ContainerGauges>>();
      // A container that is not in a tree that was measured has no files.
      const noFiles = usage === undefined ? undefined : 0;
      for (const { containerId, byLevel } of entries ?? []) {
        const errorsPerMinute = errorRate(atMs, containerId, byLevel);
        gauges.set(containerId, {
          containerId,
          byLevel,
          errorsPerMinute,
          bytes: noFiles,
          files: noFiles,
          activeFiles: none,
        });
      }
      for (const { containerId, bytes, files, activeFiles } of usage ?? []) {
        const counted = gauges.get(containerId);
        if (counted !== undefined) {
          counted.bytes = bytes;
          counted.files = files;
          counted.activeFiles = activeFiles;
          continue;
        }
        const uncounted = { containerId, byLevel: undefined, errorsPerMinute: undefined };
        gauges.set(containerId, { ...uncounted, bytes, files, activeFiles });
      }
      if (entries !== undefined) {
        for (const [containerId, errorsOf] of known) if (errorsOf.run !== run) known.delete(containerId);
        lastMs = atMs;
      }
      return gauges;
    },
  };
}
