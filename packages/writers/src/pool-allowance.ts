import type { Clock } from "@waybill/protocols";
import { DescriptorPool, defaultDescriptorLimit } from "./descriptor-pool.ts";
import { DescriptorShares } from "./descriptor-shares.ts";
import type { LaneSet } from "./lane/lane-set.ts";
import { QueueBudget } from "./queue-budget.ts";
import { requireIntegerWithin } from "./writer-options.ts";
import type { WriterPoolChanges, WriterPoolOptions } from "./writer-pool.ts";

/** Bytes of all queues together. */
const queuesBytesDefault = 67_108_864;
/** Milliseconds after which a file that nobody uses is closed. */
const idleCloseDefaultMs = 60_000;

/** What the threads of a pool may use together: open files, and memory for entries that cannot be written. */
export class PoolAllowance {
  /** Open files of the thread that logs. */
  readonly descriptors: DescriptorPool;
  readonly shares: DescriptorShares;
  /** Queues of the thread that logs. */
  readonly budget: QueueBudget;
  readonly idleCloseMs: number;
  readonly #hasLanes: boolean;
  #descriptorsMax: number;
  /** Of all threads. */
  queuesBytesMax: number;

  /** @param hasLanes - whether workers share it. @throws {RangeError} naming the option. */
  constructor(options: WriterPoolOptions, clock: Clock, hasLanes: boolean) {
    requireAllowance(options);
    this.idleCloseMs = options.idleCloseMs ?? idleCloseDefaultMs;
    requireIntegerWithin("idleCloseMs", this.idleCloseMs, 1000, 86_400_000);
    this.#descriptorsMax = options.descriptorsMax ?? defaultDescriptorLimit();
    this.queuesBytesMax = options.queuesBytesMax ?? queuesBytesDefault;
    this.#hasLanes = hasLanes;
    this.descriptors = new DescriptorPool(this.#descriptorsMax, { clock, idleCloseMs: this.idleCloseMs });
    this.shares = new DescriptorShares(this.#descriptorsMax, this.descriptors);
    this.budget = new QueueBudget(this.#queuesBytesHere());
  }

  /** Takes changes that {@link requireAllowance} has let pass. @param lanes - that share it. */
  change(changes: WriterPoolChanges, lanes: LaneSet | undefined): void {
    this.#descriptorsMax = changes.descriptorsMax ?? this.#descriptorsMax;
    this.queuesBytesMax = changes.queuesBytesMax ?? this.queuesBytesMax;
    this.budget.resize(this.#queuesBytesHere());
    this.shares.divideAnew(this.#descriptorsMax);
    lanes?.divideAnew(this.queuesBytesMax);
  }

  #queuesBytesHere(): number {
    return this.#hasLanes ? Math.floor(this.queuesBytesMax / 2) : this.queuesBytesMax;
  }
}

/** @throws {RangeError} naming the option that cannot be. */
export function requireAllowance({ descriptorsMax, queuesBytesMax }: WriterPoolChanges): void {
  if (descriptorsMax !== undefined) requireIntegerWithin("descriptorsMax", descriptorsMax, 1, 1_000_000);
  if (queuesBytesMax === undefined) return;
  requireIntegerWithin("queuesBytesMax", queuesBytesMax, 65_536, Number.MAX_SAFE_INTEGER);
}
