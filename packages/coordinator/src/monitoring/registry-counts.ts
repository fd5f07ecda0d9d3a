import type { EntryTotals } from "@waybill/monitor";
import type { ContainerLogRegistry } from "../container-log-registry.ts";
import { addCounts, type LevelCounts, noCounts } from "../level-counts.ts";

/** Adds up what the loggers of all containers have counted, those that are gone included: the totals never fall. */
export interface RegistryCounts {
  /** Costs by the number of components, not of entries. */
  read(): EntryTotals;
  /**
   * Told of a registry whose loggers are closed for good. One that was there at a {@link read} is noticed all the same;
   * one that came and went in between is in the totals only if it is told. Idempotent.
   */
  noteGone(registry: ContainerLogRegistry): void;
}

/** @param registries - a live view. */
export function createRegistryCounts(registries: ReadonlyMap<string, ContainerLogRegistry>): RegistryCounts {
  /** Those of the last reading that have not gone since. */
  const present = new Set<ContainerLogRegistry>();
  const known = new WeakSet<ContainerLogRegistry>();
  let countsOfGone: LevelCounts = noCounts;

  const noteGone = (registry: ContainerLogRegistry): void => {
    if (known.has(registry) && !present.delete(registry)) return;
    known.add(registry);
    countsOfGone = addCounts(countsOfGone, registry.countsByLevel);
  };

  return {
    noteGone,
    read() {
      for (const registry of present)
        if (registries.get(registry.containerId) !== registry) noteGone(registry);
      let byLevel = countsOfGone;
      const containers = Array.from(registries.values(), (registry) => {
        present.add(registry);
        known.add(registry);
        const { containerId, countsByLevel } = registry;
        byLevel = addCounts(byLevel, countsByLevel);
        return { containerId, byLevel: countsByLevel };
      });
      return { byLevel, containers };
    },
  };
}
