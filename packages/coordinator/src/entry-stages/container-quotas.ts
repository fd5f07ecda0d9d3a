import { effectiveQuota, type QuotasConfig } from "@waybill/config";
import { type ContainerQuota, type ContainerQuotaOptions, createContainerQuota } from "@waybill/logger";
import type { Clock } from "@waybill/protocols";
import { areSame, quotaOptionsOf } from "./stage-options.ts";

/** What a container may write, for as long as it has streams. */
interface KnownContainer {
  type: string | undefined;
  streams: number;
  limits: ContainerQuotaOptions | undefined;
  quota: ContainerQuota | undefined;
}

/** What quotas have done. */
export interface QuotasStatus {
  /** Ids of the containers that are held to their quota now. */
  readonly limited: readonly string[];
  /** Entries left out so far, of all containers. */
  readonly dropped: number;
}

/** The quotas of containers, one for all streams of each. */
export class ContainerQuotas {
  readonly #clock: Clock;
  readonly #containers = new Map<string, KnownContainer>();
  #config: QuotasConfig;
  /** By quotas that are no more. */
  #droppedBefore = 0;

  constructor(config: QuotasConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** A stream of a container begins. */
  join(containerId: string, type: string | undefined): void {
    const known = this.#containers.get(containerId) ?? {
      type,
      streams: 0,
      limits: undefined,
      quota: undefined,
    };
    known.type = type;
    known.streams++;
    this.#containers.set(containerId, known);
    this.#apply(containerId, known);
  }

  /** A stream ends; with the last one what was saved up or owed is forgotten. */
  leave(containerId: string): void {
    const known = this.#containers.get(containerId);
    if (known === undefined) return;
    known.streams--;
    if (known.streams > 0) return;
    this.#droppedBefore += known.quota?.status().dropped ?? 0;
    this.#containers.delete(containerId);
  }

  /** The quota of a container with streams; undefined when nothing limits it. */
  of(containerId: string): ContainerQuota | undefined {
    return this.#containers.get(containerId)?.quota;
  }

  /** Other limits from now on; a container whose limits stay the same goes on with what it has saved up or owes. */
  reconfigure(config: QuotasConfig): void {
    this.#config = config;
    for (const [containerId, known] of this.#containers) this.#apply(containerId, known);
  }

  status(): QuotasStatus {
    const limited: string[] = [];
    let dropped = this.#droppedBefore;
    for (const [containerId, { quota }] of this.#containers) {
      const status = quota?.status();
      dropped += status?.dropped ?? 0;
      if (status?.isLimiting === true) limited.push(containerId);
    }
    return { limited, dropped };
  }

  #apply(containerId: string, known: KnownContainer): void {
    const limits = quotaOptionsOf(effectiveQuota(this.#config, { containerId, type: known.type }));
    if (areSame(limits, known.limits)) return;
    known.limits = limits;
    if (limits === undefined) {
      this.#droppedBefore += known.quota?.status().dropped ?? 0;
      known.quota = undefined;
    } else if (known.quota === undefined) {
      known.quota = createContainerQuota(limits, { clock: this.#clock });
    } else known.quota.setLimits(limits);
  }
}
