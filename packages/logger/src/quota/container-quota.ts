import { type Clock, systemClock } from "@waybill/protocols";
import { TokenBucket } from "./token-bucket.ts";

/** What one container may write. */
export interface ContainerQuotaOptions {
  /** Entries per second, number > 0. Default: no limit. */
  readonly linesPerSecond?: number | undefined;
  /** Bytes per second, as writers tell them in `bytesWritten`, number > 0. Default: no limit. */
  readonly bytesPerSecond?: number | undefined;
  /** Seconds of the rate that may come at once after a pause, number > 0. Default 5. A tenth of it is for errors. */
  readonly burstSeconds?: number | undefined;
}

/** What a {@link ContainerQuota} works with. */
export interface ContainerQuotaPorts {
  /** Its monotonic time and its timers count. Default that of this process. */
  readonly clock?: Clock;
}

/** Counters of a {@link ContainerQuota}, over all its writers. */
export interface ContainerQuotaStatus {
  /** Whether entries below ERROR were left out last, and still are. */
  readonly isLimiting: boolean;
  /** Entries let through. */
  readonly admitted: number;
  /** Entries left out. */
  readonly dropped: number;
}

/** What all streams of one container may write together: each goes through a `limitWriter` with the same quota. */
export interface ContainerQuota {
  readonly clock: Clock;
  /**
   * Asks for one entry, and takes what it costs.
   *
   * @param isError - may also use what is kept for errors.
   * @param bytes - the length that its line will probably have; see {@link correctBytes}.
   * @param nowUs - microseconds of the clock's monotonic time.
   * @param entries - how many are left out with it. Default 1.
   */
  admit(isError: boolean, bytes: number, nowUs: number, entries?: number): boolean;
  /** Takes what an entry costs that is written without asking: a gap record. */
  charge(bytes: number): void;
  /** Takes bytes by which lines were longer than they were charged with; a negative number gives them back. */
  correctBytes(bytes: number): void;
  /** Microseconds until entries below ERROR are let through again; 0 when they are. */
  reopensInUs(nowUs: number): number;
  /**
   * Other limits from now on. What has been saved up or is owed is forgotten.
   *
   * @throws {RangeError} when a limit is not above 0; the old ones then stay.
   */
  setLimits(options: ContainerQuotaOptions): void;
  status(): ContainerQuotaStatus;
}

/** @throws {RangeError} when a limit is not above 0. */
export function createContainerQuota(
  options: ContainerQuotaOptions = {},
  ports: ContainerQuotaPorts = {},
): ContainerQuota {
  return new BucketQuota(options, ports.clock ?? systemClock);
}

class BucketQuota implements ContainerQuota {
  readonly clock: Clock;
  #lines: TokenBucket | undefined;
  #bytes: TokenBucket | undefined;
  #isLimiting = false;
  #admitted = 0;
  #dropped = 0;

  constructor(options: ContainerQuotaOptions, clock: Clock) {
    this.clock = clock;
    this.setLimits(options);
  }

  setLimits({ linesPerSecond, bytesPerSecond, burstSeconds = 5 }: ContainerQuotaOptions): void {
    for (const [name, limit] of Object.entries({ linesPerSecond, bytesPerSecond, burstSeconds })) {
      if (limit !== undefined && !(limit > 0 && limit < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`${name} is ${limit}, not above 0`);
      }
    }
    const nowUs = this.clock.monotonicUs();
    const bucketOf = (perSecond: number | undefined) =>
      perSecond === undefined ? undefined : new TokenBucket(perSecond, burstSeconds, nowUs);
    this.#lines = bucketOf(linesPerSecond);
    this.#bytes = bucketOf(bytesPerSecond);
  }

  admit(isError: boolean, bytes: number, nowUs: number, entries = 1): boolean {
    const isAdmitted = this.#mayPass(isError, nowUs);
    if (!isAdmitted) {
      this.#isLimiting = true;
      this.#dropped += entries;
      return false;
    }
    this.#admitted++;
    this.charge(bytes);
    return true;
  }

  charge(bytes: number): void {
    this.#lines?.take(1);
    this.#bytes?.take(bytes);
  }

  correctBytes(bytes: number): void {
    this.#bytes?.correct(bytes);
  }

  reopensInUs(nowUs: number): number {
    this.#lines?.fill(nowUs);
    this.#bytes?.fill(nowUs);
    if (!this.#isLimiting) return 0;
    const waitUs = Math.max(this.#lines?.reopensInUs ?? 0, this.#bytes?.reopensInUs ?? 0);
    // From now on it is open until it is used up, also if the first to come is a gap record, which costs its share.
    if (waitUs === 0) this.#isLimiting = false;
    return waitUs;
  }

  status(): ContainerQuotaStatus {
    const isLimiting = this.reopensInUs(this.clock.monotonicUs()) > 0;
    return { isLimiting, admitted: this.#admitted, dropped: this.#dropped };
  }

  #mayPass(isError: boolean, nowUs: number): boolean {
    const waitUs = this.reopensInUs(nowUs);
    if (waitUs > 0 && !isError) return false;
    return this.#lines?.admits(isError) !== false && this.#bytes?.admits(isError) !== false;
  }
}
