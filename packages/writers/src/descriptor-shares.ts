import type { DescriptorPool } from "./descriptor-pool.ts";

/** Which worker of a pool opens files. */
export type LaneRank = "first" | "second";

/** Of what is left, so much is for a first worker, which has nearly all streams, and so much for a second. */
const shareOf: Readonly<Record<LaneRank, number>> = { first: 3 / 4, second: 1 / 2 };

/**
 * Divides the open files that a pool may have among its threads: of 256 the first worker has 192, the second 32. What no
 * worker has is for the thread that logs: all of it until a worker is started, and the share of a worker again when that
 * is gone and its streams go on here.
 */
export class DescriptorShares {
  #limit: number;
  readonly #inline: DescriptorPool;
  #lent = 0;

  /**
   * @param limit - open files at most, integer ≥ 1. Below 3 each thread has one all the same.
   * @param inline - those of the thread that logs.
   */
  constructor(limit: number, inline: DescriptorPool) {
    this.#limit = limit;
    this.#inline = inline;
  }

  /** Changes the limit and takes all shares back: they are to be lent again. @param limit - as of the constructor. */
  divideAnew(limit: number): void {
    this.#limit = limit;
    this.#lent = 0;
    this.#resize();
  }

  /** @returns how many files a worker may open. */
  lend(rank: LaneRank): number {
    const share = Math.max(1, Math.floor((this.#limit - this.#lent) * shareOf[rank]));
    this.#lent += share;
    this.#resize();
    return share;
  }

  /** @param share - of a worker that is gone. */
  giveBack(share: number): void {
    this.#lent -= share;
    this.#resize();
  }

  #resize(): void {
    this.#inline.resize(Math.max(1, this.#limit - this.#lent));
  }
}
