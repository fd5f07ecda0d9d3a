import type { Level } from "@waybill/protocols";
import { createLevelArray, entriesIn, type LevelCounts, levelCountsOf, levelIndex } from "./level-counts.ts";

/** What one container has logged. */
export interface ContainerEntries {
  readonly containerId: string;
  readonly byLevel: LevelCounts;
}

/** What all containers have logged; every count only rises. */
export interface EntryTotals {
  /** Containers that are gone included. */
  readonly byLevel: LevelCounts;
  readonly containers: readonly ContainerEntries[];
}

/** Counts the entries of one container; cheap enough for every call of a logger. */
export interface EntryTally {
  add(level: Level): void;
}

/** Counts entries by container and level. */
export interface EntryCounters {
  /** The tally of a container, the same one each time. Keep it where entries are logged: it spares the look-up. */
  tallyOf(containerId: string): EntryTally;
  /** Drops a container from {@link read}; its entries stay in the totals, which never fall. */
  forget(containerId: string): void;
  read(): EntryTotals;
  /** Entries of containers beyond `containersMax`; they are in the totals alone. */
  readonly entriesLeftOut: number;
}

/** Options of {@link createEntryCounters}. */
export interface EntryCountersOptions {
  /** Containers that are told apart, integer ≥ 0, about 150 bytes each. Default 10 000. */
  readonly containersMax?: number;
}

/** Creates counters that stand at 0. @throws {RangeError} for a wrong `containersMax`. */
export function createEntryCounters({ containersMax = 10_000 }: EntryCountersOptions = {}): EntryCounters {
  if (!Number.isInteger(containersMax) || containersMax < 0)
    throw new RangeError(`containersMax must be an integer from 0, not ${containersMax}`);
  const totals = createLevelArray();
  const tallies = new Map<string, ContainerTally>();
  const leftOut = new ContainerTally(totals);

  return {
    tallyOf(containerId) {
      const known = tallies.get(containerId);
      if (known !== undefined) return known;
      if (tallies.size >= containersMax) return leftOut;
      const tally = new ContainerTally(totals);
      tallies.set(containerId, tally);
      return tally;
    },
    forget(containerId) {
      tallies.delete(containerId);
    },
    read: () => ({
      byLevel: levelCountsOf(totals),
      containers: Array.from(tallies, ([containerId, { counts }]) => ({
        containerId,
        byLevel: levelCountsOf(counts),
      })),
    }),
    get entriesLeftOut() {
      return entriesIn(levelCountsOf(leftOut.counts));
    },
  };
}

class ContainerTally implements EntryTally {
  readonly counts = createLevelArray();
  readonly #totals: Float64Array;

  constructor(totals: Float64Array) {
    this.#totals = totals;
  }

  add(level: Level): void {
    const index = levelIndex[level];
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.#totals[index] = (this.#totals[index] ?? 0) + 1;
  }
}
