import type { FlowRecord } from "@waybill/protocols";
import { compareRecords, sameClock } from "./instant.ts";

/** The records of one event delivered once to one target; at least one of the three is there. */
export interface Delivery {
  readonly publish: FlowRecord | undefined;
  readonly receive: FlowRecord | undefined;
  readonly finish: FlowRecord | undefined;
  /** Whether a surplus finish reported an error: no failure may hide behind an earlier success. */
  readonly failedLater: boolean;
  /** 1 for the first delivery of the event to its target. */
  readonly delivery: number;
  readonly deliveries: number;
}

interface EventRecords {
  readonly publishes: FlowRecord[];
  readonly targets: Map<
    string | undefined,
    { readonly receives: FlowRecord[]; readonly finishes: FlowRecord[] }
  >;
}

/**
 * Joins records to deliveries by event id and target. A record that was read twice counts once; one that was written
 * twice is a duplicate, kept as a further delivery and counted.
 */
export function collectDeliveries(records: readonly FlowRecord[]): {
  readonly deliveries: readonly Delivery[];
  readonly duplicates: number;
} {
  const sorted = [...records]
    .sort(compareRecords)
    .filter((record, index, all) => index === 0 || compareRecords(all[index - 1] ?? record, record) !== 0);
  const deliveries: Delivery[] = [];
  let duplicates = 0;
  for (const event of groupByEvent(sorted).values()) {
    duplicates += countRepeatedPublishes(event.publishes);
    for (const target of targetsOf(event)) {
      const found = event.targets.get(target);
      const { pairs, surplus } = pairUp(found?.receives ?? [], found?.finishes ?? []);
      duplicates += surplus.length + pairs.length - 1;
      const publish = publishFor(event.publishes, target);
      const failedLater = surplus.some((finish) => finish.status === "error");
      pairs.forEach(([receive, finish], index) => {
        const isLast = index === pairs.length - 1;
        deliveries.push({
          publish,
          receive,
          finish,
          failedLater: isLast && failedLater,
          delivery: index + 1,
          deliveries: pairs.length,
        });
      });
    }
  }
  return { deliveries, duplicates };
}

function groupByEvent(records: readonly FlowRecord[]): Map<string, EventRecords> {
  const events = new Map<string, EventRecords>();
  for (const record of records) {
    let event = events.get(record.eventId);
    if (event === undefined) {
      event = { publishes: [], targets: new Map() };
      events.set(record.eventId, event);
    }
    if (record.phase === "publish") {
      event.publishes.push(record);
      continue;
    }
    let target = event.targets.get(record.target);
    if (target === undefined) {
      target = { receives: [], finishes: [] };
      event.targets.set(record.target, target);
    }
    (record.phase === "receive" ? target.receives : target.finishes).push(record);
  }
  return events;
}

/** Every target that was named or that took the event; one unnamed target when nobody was and nobody did. */
function targetsOf(event: EventRecords): ReadonlySet<string | undefined> {
  const targets = new Set<string | undefined>(event.targets.keys());
  for (const { target } of event.publishes) if (target !== undefined) targets.add(target);
  return targets.size === 0 ? new Set([undefined]) : targets;
}

/** The publication to this target by name, else the one that left the target to the router, else any. */
function publishFor(publishes: readonly FlowRecord[], target: string | undefined): FlowRecord | undefined {
  return (
    publishes.find((record) => record.target === target) ??
    publishes.find((record) => record.target === undefined) ??
    publishes[0]
  );
}

function countRepeatedPublishes(publishes: readonly FlowRecord[]): number {
  return publishes.length - new Set(publishes.map((record) => record.target)).size;
}

type Pair = readonly [receive: FlowRecord | undefined, finish: FlowRecord | undefined];

/**
 * Gives each finish its receive: first within one clock in order, because after a crash the second process finishes
 * what itself received; then whatever is left, in order.
 */
function pairUp(
  receives: readonly FlowRecord[],
  finishes: readonly FlowRecord[],
): { readonly pairs: readonly Pair[]; readonly surplus: readonly FlowRecord[] } {
  if (receives.length === 0) return { pairs: [[undefined, finishes[0]]], surplus: finishes.slice(1) };
  const finishOf = new Map<FlowRecord, FlowRecord>();
  const assign = (finish: FlowRecord, fits: (receive: FlowRecord) => boolean) => {
    const receive = receives.find((candidate) => !finishOf.has(candidate) && fits(candidate));
    if (receive === undefined) return false;
    finishOf.set(receive, finish);
    return true;
  };
  const left = finishes.filter((finish) => !assign(finish, (receive) => sameClock(receive, finish)));
  const surplus = left.filter((finish) => !assign(finish, () => true));
  return { pairs: receives.map((receive) => [receive, finishOf.get(receive)]), surplus };
}
