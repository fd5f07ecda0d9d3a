import type {
  EntryInput,
  EntrySource,
  EventScope,
  FlowPhase,
  FlowRecord,
  LogEntry,
} from "@waybill/protocols";

/** Component name of every entry that carries a flow record. */
export const flowComponentName = "event_flow";

/** Stands for a container that nobody named. */
export const unknownContainer = "unknown";

const messages: Readonly<Record<FlowPhase, string>> = {
  publish: "event published",
  receive: "event received",
  finish: "event finished",
};

/** The trace context that an entry may carry beside the record. */
export interface FlowTraceContext {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

/** The container that acts in a phase: the source publishes, the target receives and finishes. */
export function actingContainer(record: FlowRecord): string {
  return record.phase === "publish" ? record.source : (record.target ?? unknownContainer);
}

/** The event scope of a tier: `internal_bus`, or `external_<tier>_tier`. */
export function flowScope(tier: string): EventScope {
  return tier === "internal" ? "internal_bus" : `external_${tier}_tier`;
}

/**
 * Puts a flow record into the entry that carries it. The inverse of {@link parseFlowRecord}.
 *
 * @param source - pass the same object for the same container: writers recognise sources by identity.
 * @param trace - the active W3C trace context.
 * @param details - the caller's own fields, written under `details` and not read back.
 */
export function formatFlowRecord(
  record: FlowRecord,
  source: EntrySource = { containerId: actingContainer(record), componentName: flowComponentName },
  scope: EventScope = flowScope(record.tier),
  trace?: FlowTraceContext,
  details?: Readonly<Record<string, unknown>>,
): EntryInput {
  return {
    timestampMs: record.timestampMs,
    level: "INFO",
    message: messages[record.phase],
    source,
    scope,
    correlationId: record.correlationId,
    eventId: record.eventId,
    traceId: trace?.traceId,
    spanId: trace?.spanId,
    context: {
      phase: record.phase,
      event_type: record.eventType,
      source: record.source,
      target: record.target,
      tier: record.tier,
      parent_event_id: record.parentEventId,
      mono_us: record.monoUs,
      clock_id: record.clockId,
      origin_us: record.originUs,
      status: record.status,
      details,
    },
  };
}

/**
 * Reads a flow record back from an entry of a `flows/` stream.
 *
 * @returns undefined when the entry is no flow record, or lacks what none can do without: phase, event id, source,
 * tier. A record without a clock keeps `monoUs` 0 and no `clockId`, and is then timed by the wall clock.
 */
export function parseFlowRecord(entry: LogEntry): FlowRecord | undefined {
  if (entry.componentName !== flowComponentName || entry.eventId === undefined) return undefined;
  const { context } = entry;
  const phase = textOf(context["phase"]);
  const source = textOf(context["source"]);
  const tier = textOf(context["tier"]);
  if (source === undefined || tier === undefined || !isPhase(phase)) return undefined;
  const monoUs = numberOf(context["mono_us"]);
  return {
    phase,
    eventId: entry.eventId,
    parentEventId: textOf(context["parent_event_id"]),
    eventType: textOf(context["event_type"]) ?? "unknown",
    source,
    target: textOf(context["target"]),
    tier,
    correlationId: entry.correlationId,
    timestampMs: entry.timestampMs,
    monoUs: monoUs ?? 0,
    clockId: monoUs === undefined ? undefined : textOf(context["clock_id"]),
    originUs: numberOf(context["origin_us"]),
    status: context["status"] === "error" ? "error" : "ok",
  };
}

function isPhase(text: string | undefined): text is FlowPhase {
  return text !== undefined && Object.hasOwn(messages, text);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
