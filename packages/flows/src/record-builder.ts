import type { CorrelationContext } from "@waybill/correlation";
import type { FlowPhase, FlowRecord, FlowStatus } from "@waybill/protocols";
import { cleanEventId, cleanName, type RepairCounts } from "./clean-text.ts";
import type { PublishedEvent } from "./flow-event.ts";
import { unknownContainer } from "./flow-record.ts";

/** What a record is made of beside the event. */
export interface RecordParts {
  readonly phase: FlowPhase;
  readonly status: FlowStatus;
  readonly eventId: string;
  readonly tier: string;
  readonly context: CorrelationContext | undefined;
  /** This process's own publication of the event, if it remembers one. */
  readonly publication: FlowRecord | undefined;
  readonly timestampMs: number;
  readonly monoUs: number;
  readonly clockId: string;
}

/**
 * Makes the record of one phase out of an event as the caller passed it, whatever that is.
 *
 * The running context gives a missing parent on `publish` only: on `receive` and `finish` it belongs to the receiver,
 * where the event itself would come out as its own cause. A missing correlation id comes first from the publication,
 * because a receiver may run in a context that has nothing to do with the event.
 */
export function buildRecord(event: PublishedEvent, parts: RecordParts, repairs: RepairCounts): FlowRecord {
  const { phase, status, eventId, tier, context, publication, timestampMs, monoUs, clockId } = parts;
  const ownParent = phase === "publish" ? context?.parentEventId : publication?.parentEventId;
  const parentEventId = cleanEventId(event.parentEventId, ownParent, repairs) ?? ownParent;
  const ownCorrelation = publication?.correlationId ?? context?.correlationId;
  return {
    phase,
    eventId,
    parentEventId: parentEventId === eventId ? undefined : parentEventId,
    eventType: cleanName(event.eventType, repairs) ?? "unknown",
    source: cleanName(event.source, repairs) ?? unknownContainer,
    target: cleanName(event.target, repairs),
    tier,
    correlationId: cleanEventId(event.correlationId, ownCorrelation, repairs) ?? ownCorrelation,
    timestampMs,
    monoUs,
    clockId,
    originUs: undefined,
    status,
  };
}

/** The time from the start of the correlation to a publication; undefined when the two are not on one clock. */
export function originOf(record: FlowRecord, context: CorrelationContext | undefined): number | undefined {
  if (context === undefined || context.correlationId !== record.correlationId) return undefined;
  const originUs = record.monoUs - context.startedUs;
  return originUs >= 0 ? originUs : undefined;
}
