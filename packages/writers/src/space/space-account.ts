// Positions of the cells, 64 bits each.

/** What the bytes taken may rise to. */
const ceilingAt = 0;
/** Bytes taken: those that are written, and those of writes under way. */
const takenAt = 1;
/** Bytes written, of what was taken. */
const writtenAt = 2;
/** How often room was set, added or given back. */
const changesAt = 3;
/** How often room was set or added. */
const grantsAt = 4;
/** With less than this left, somebody is told. Never changes. */
const pressureAt = 5;
const cellCount = 6;

/** A ceiling that is never reached: 2^62 bytes. */
const unlimited = 1n << 62n;

/**
 * One thread's view of what all streams may still write together. The account lies in memory that all threads share, and
 * needs no lock: taking is one compare-and-exchange.
 *
 * Bytes are taken before a write and settled after it, so at every moment written ≤ taken ≤ what was allowed. Those of a
 * thread that dies between the two stay taken: too little is written rather than too much.
 */
export class SpaceAccount {
  readonly #cells: BigInt64Array;
  readonly #pressureBytes: bigint;
  readonly #onPressure: (grants: number) => void;
  #toldAt: bigint | undefined;
  /** The value of {@link changes} at which the last take of this thread was refused: room is newer than that. */
  refusedAt = 0n;

  /**
   * @param onPressure - told when a take was refused or little is left, once for each value of {@link grants}, which it
   * takes. In the midst of a write: it must not write itself.
   */
  constructor(memory: SharedArrayBuffer, onPressure: (grants: number) => void = () => undefined) {
    this.#cells = new BigInt64Array(memory);
    this.#pressureBytes = Atomics.load(this.#cells, pressureAt);
    this.#onPressure = onPressure;
  }

  /** Shared memory for one account, without a limit at first. */
  static createMemory(pressureBytes: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(cellCount * BigInt64Array.BYTES_PER_ELEMENT);
    const cells = new BigInt64Array(memory);
    cells[ceilingAt] = unlimited;
    cells[pressureAt] = BigInt(pressureBytes);
    return memory;
  }

  /** Bytes that can be taken; Infinity without a limit. */
  get remainingBytes(): number {
    if (Atomics.load(this.#cells, ceilingAt) >= unlimited) return Number.POSITIVE_INFINITY;
    return Math.max(0, Number(this.#room()));
  }

  /** Bytes written so far, by all threads. */
  get writtenBytes(): number {
    return Number(Atomics.load(this.#cells, writtenAt));
  }

  /** Rises whenever there may be more room than before. */
  get changes(): bigint {
    return Atomics.load(this.#cells, changesAt);
  }

  /** Rises whenever room was set or added. */
  get grants(): number {
    return Number(Atomics.load(this.#cells, grantsAt));
  }

  /** Takes all of the bytes, or none. Whoever has taken them must {@link settle} them. */
  take(bytes: number): boolean {
    const cells = this.#cells;
    const wanted = BigInt(bytes);
    for (;;) {
      const taken = Atomics.load(cells, takenAt);
      const left = Atomics.load(cells, ceilingAt) - taken - wanted;
      if (left < 0n) {
        if (this.#isRefused(wanted)) return false;
        continue;
      }
      if (Atomics.compareExchange(cells, takenAt, taken, taken + wanted) !== taken) continue;
      // Lowered meanwhile: either this sees it, or who has lowered it sees these bytes taken.
      if (Atomics.load(cells, ceilingAt) < taken + wanted) {
        this.settle(bytes, 0);
        continue;
      }
      if (left < this.#pressureBytes) this.#noteLow();
      return true;
    }
  }

  /** Ends a write: of the bytes taken so many were written, the rest is given back. */
  settle(taken: number, written: number): void {
    if (written > 0) Atomics.add(this.#cells, writtenAt, BigInt(written));
    if (written === taken) return;
    Atomics.sub(this.#cells, takenAt, BigInt(taken - written));
    Atomics.add(this.#cells, changesAt, 1n);
  }

  /** Lets so much be taken in all. @param bytes - counted from the first byte ever written; Infinity for no limit. */
  limit(bytes: number): void {
    Atomics.store(this.#cells, ceilingAt, bytes === Number.POSITIVE_INFINITY ? unlimited : BigInt(bytes));
    this.#noteGrant();
  }

  /** Lets so much more be taken, or less when negative. Nothing changes while there is no limit. */
  add(bytes: number): void {
    const isLimited = Atomics.load(this.#cells, ceilingAt) < unlimited;
    if (isLimited) Atomics.add(this.#cells, ceilingAt, BigInt(bytes));
    this.#noteGrant();
  }

  /** After the ceiling: who sees the new count sees the new room. */
  #noteGrant(): void {
    Atomics.add(this.#cells, changesAt, 1n);
    Atomics.add(this.#cells, grantsAt, 1n);
  }

  #room(): bigint {
    return Atomics.load(this.#cells, ceilingAt) - Atomics.load(this.#cells, takenAt);
  }

  /** The counts are read before the room is looked at once more, so that room made since has a higher one. */
  #isRefused(wanted: bigint): boolean {
    const { changes } = this;
    const grants = Atomics.load(this.#cells, grantsAt);
    if (this.#room() >= wanted) return false;
    this.refusedAt = changes;
    this.#tell(grants);
    return true;
  }

  #noteLow(): void {
    const grants = Atomics.load(this.#cells, grantsAt);
    if (this.#room() < this.#pressureBytes) this.#tell(grants);
  }

  #tell(grants: bigint): void {
    if (this.#toldAt === grants) return;
    this.#toldAt = grants;
    this.#onPressure(Number(grants));
  }
}
