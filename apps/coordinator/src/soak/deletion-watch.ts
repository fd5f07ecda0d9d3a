import { readDeletions } from "@waybill/retention";
import { createNumberSet, type NumberSet } from "./number-set.ts";

/** Segments that retention has deleted. */
export interface DeletionCounts {
  /** For their age. */
  readonly expired: number;
  /** For room. */
  readonly evicted: number;
}

/** Follows the manifest of deletions of a tree, which is shortened as it grows. */
export interface DeletionWatch {
  /** @param isFinal - whether to look in any case; else only as often as takes a small part of the time. */
  look(isFinal?: boolean): DeletionCounts;
  /** Numbers of the deleted segments, by stream. */
  readonly deleted: ReadonlyMap<string, NumberSet>;
}

const patience = 20;

/** @param root - of the tree. */
export function createDeletionWatch(root: string): DeletionWatch {
  const deleted = new Map<string, NumberSet>();
  let counts: DeletionCounts = { expired: 0, evicted: 0 };
  let nextMs = 0;
  return {
    deleted,
    look(isFinal = false) {
      const startMs = performance.now();
      if (startMs < nextMs && !isFinal) return counts;
      let { expired, evicted } = counts;
      for (const { phase, stream, number, cause } of readDeletions(root).records) {
        if (phase !== "done" || number === undefined) continue;
        const numbers = deleted.get(stream) ?? createNumberSet();
        deleted.set(stream, numbers);
        if (!numbers.add(number)) continue;
        if (cause === "age" || cause === "unregistered") expired += 1;
        else evicted += 1;
      }
      counts = { expired, evicted };
      nextMs = startMs + (performance.now() - startMs) * (1 + patience);
      return counts;
    },
  };
}
