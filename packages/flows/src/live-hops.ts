import type { FlowRecord } from "@waybill/protocols";
import type { RememberedFlow } from "./flow-history.ts";
import { createLogHistogram, type LogHistogram } from "./log-histogram.ts";
import type { Quantiles } from "./quantiles.ts";

/** Deliveries of one event that are timed at once; beyond that they are counted, not timed. */
const timedDeliveriesMax = 1024;

interface LiveEvent {
  readonly publish: FlowRecord | undefined;
  isReceived: boolean;
  readonly working: FlowRecord[];
}

interface LiveTier {
  publish: number;
  receive: number;
  finish: number;
  errors: number;
  readonly waitUs: LogHistogram;
  readonly workUs: LogHistogram;
  readonly totalUs: LogHistogram;
}

/** Counters of one tier since the tracer was created. Times in milliseconds, with an error of at most 1/32. */
export interface LiveTierStats {
  readonly publish: number;
  readonly receive: number;
  readonly finish: number;
  /** Finishes with status `error`. */
  readonly errors: number;
  readonly wait: Quantiles;
  readonly work: Quantiles;
  readonly total: Quantiles;
}

/** Times hops while they happen, as far as this process sees both ends of them. */
export interface LiveHops {
  /** @param flow - what is known of the record's flow. */
  observe(record: FlowRecord, flow: RememberedFlow | undefined): void;
  /** The publication of an event by this process, while it is remembered. */
  publicationOf(eventId: string): FlowRecord | undefined;
  readonly flowsFinished: number;
  readonly flowsFailed: number;
  tiers(): Readonly<Record<string, LiveTierStats>>;
}

/**
 * @param eventsMax - events remembered for timing, integer ≥ 1; the oldest is forgotten first.
 */
export function createLiveHops(eventsMax: number): LiveHops {
  const events = new Map<string, LiveEvent>();
  // A ring of the ids in `events`, oldest at `next`. Asking the map for its first key instead walks over every place
  // that was deleted since it last grew, which a profile showed to be a third of the time of a record.
  const order: string[] = [];
  let next = 0;
  const tiers = new Map<string, LiveTier>();
  let flowsFinished = 0;
  let flowsFailed = 0;

  const remember = (eventId: string, publish: FlowRecord | undefined): LiveEvent => {
    const oldest = order[next];
    if (oldest !== undefined) events.delete(oldest);
    order[next] = eventId;
    next = (next + 1) % eventsMax;
    const event: LiveEvent = { publish, isReceived: false, working: [] };
    events.set(eventId, event);
    return event;
  };

  const published = (record: FlowRecord, flow: RememberedFlow | undefined) => {
    if (events.has(record.eventId)) return;
    remember(record.eventId, record);
    if (flow !== undefined && record.tier !== "internal") flow.awaiting += 1;
  };

  const received = (record: FlowRecord, tier: LiveTier, flow: RememberedFlow | undefined) => {
    const event = events.get(record.eventId) ?? remember(record.eventId, undefined);
    if (event.publish !== undefined) {
      tier.waitUs.add(record.monoUs - event.publish.monoUs);
      if (!event.isReceived && flow !== undefined && record.tier !== "internal") flow.awaiting -= 1;
    }
    event.isReceived = true;
    if (event.working.length >= timedDeliveriesMax) return;
    event.working.push(record);
    if (flow !== undefined) flow.working += 1;
  };

  const finished = (record: FlowRecord, tier: LiveTier, flow: RememberedFlow | undefined) => {
    const event = events.get(record.eventId);
    const position = event?.working.findIndex((receive) => receive.target === record.target) ?? -1;
    const [receive] = position < 0 ? [] : (event?.working.splice(position, 1) ?? []);
    if (receive !== undefined) {
      tier.workUs.add(record.monoUs - receive.monoUs);
      if (event?.publish !== undefined) tier.totalUs.add(record.monoUs - event.publish.monoUs);
    }
    if (record.status === "error") tier.errors += 1;
    if (flow === undefined) return;
    if (receive !== undefined) flow.working -= 1;
    if (record.status === "error" && !flow.hasFailed) {
      flow.hasFailed = true;
      flowsFailed += 1;
    }
    if (flow.awaiting <= 0 && flow.working <= 0 && !flow.hasFinished) {
      flow.hasFinished = true;
      flowsFinished += 1;
    }
  };

  return {
    observe(record, flow) {
      let tier = tiers.get(record.tier);
      if (tier === undefined) {
        tier = createLiveTier();
        tiers.set(record.tier, tier);
      }
      tier[record.phase] += 1;
      if (record.phase === "publish") published(record, flow);
      else if (record.phase === "receive") received(record, tier, flow);
      else finished(record, tier, flow);
    },
    publicationOf: (eventId) => events.get(eventId)?.publish,
    get flowsFinished() {
      return flowsFinished;
    },
    get flowsFailed() {
      return flowsFailed;
    },
    tiers: () => Object.fromEntries([...tiers].map(([name, tier]) => [name, statsOf(tier)])),
  };
}

function createLiveTier(): LiveTier {
  return {
    publish: 0,
    receive: 0,
    finish: 0,
    errors: 0,
    waitUs: createLogHistogram(),
    workUs: createLogHistogram(),
    totalUs: createLogHistogram(),
  };
}

function statsOf(tier: LiveTier): LiveTierStats {
  const { publish, receive, finish, errors } = tier;
  return {
    publish,
    receive,
    finish,
    errors,
    wait: tier.waitUs.quantiles(0.001),
    work: tier.workUs.quantiles(0.001),
    total: tier.totalUs.quantiles(0.001),
  };
}
