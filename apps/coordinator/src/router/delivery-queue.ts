import type { AppTier } from "./events.ts";

/** The order in which a container empties its lanes: what must not be lost goes first. */
const tierOrder: readonly AppTier[] = ["reliable", "standard", "fast"];

interface Numbered<T> {
  readonly number: number;
  readonly item: T;
}

/** What waits for one container: one lane per tier, first in, first out. */
export class DeliveryQueue<T> {
  readonly #lanes: Readonly<Record<AppTier, Numbered<T>[]>> = { reliable: [], standard: [], fast: [] };
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param number - rising over all queues of a router; decides what {@link takeUpTo} takes. */
  push(tier: AppTier, number: number, item: T): void {
    this.#lanes[tier].push({ number, item });
    this.#length += 1;
  }

  /** Takes everything numbered up to `limit`, the most reliable lane first. */
  takeUpTo(limit: number): T[] {
    if (this.#length === 0) return [];
    const taken: T[] = [];
    for (const tier of tierOrder) {
      const lane = this.#lanes[tier];
      const later = lane.findIndex(({ number }) => number > limit);
      const count = later === -1 ? lane.length : later;
      for (const { item } of lane.splice(0, count)) taken.push(item);
    }
    this.#length -= taken.length;
    return taken;
  }
}
