import { currentCorrelation, runWithCorrelation, runWithParentEvent } from "@waybill/correlation";
import {
  type EntrySource,
  type EventTrackable,
  type FlowPhase,
  type FlowRecord,
  type FlowStatus,
  systemClock,
} from "@waybill/protocols";
import { assembleFlow } from "./assemble-flows.ts";
import { cleanEventId } from "./clean-text.ts";
import { currentClockId } from "./clock-id.ts";
import {
  type ExternalEvent,
  fromExternal,
  fromInternal,
  type InternalEvent,
  knownTarget,
  readTraceContext,
} from "./document-events.ts";
import { createEventIds } from "./event-ids.ts";
import type { LiveFlow } from "./flow.ts";
import type { FlowEvent, PublishedEvent } from "./flow-event.ts";
import { createFlowHistory } from "./flow-history.ts";
import { actingContainer, flowComponentName, formatFlowRecord, unknownContainer } from "./flow-record.ts";
import { createLiveHops } from "./live-hops.ts";
import { buildRecord, originOf } from "./record-builder.ts";
import { createTierRoutes } from "./tier-routes.ts";
import {
  type EventFlowTracerOptions,
  type EventFlowTracerPorts,
  resolveTracerOptions,
} from "./tracer-options.ts";
import type { EventFlowTracerStats } from "./tracer-stats.ts";
import { workOn } from "./work-on.ts";

/**
 * Records how events travel between containers: published, received, finished. No method throws by itself, whatever
 * it is passed; what cannot be written is counted in `stats()`.
 */
export interface EventFlowTracer extends EventTrackable {
  readonly coordinatorId: string;
  /** @returns the event with every field filled in, to be handed on to `receive` or `handle`. */
  publish(event: PublishedEvent): FlowEvent;
  /** A target takes an event over. Several targets of one event are a fan-out; the name of the target tells them apart. */
  receive(event: FlowEvent): FlowEvent;
  /** A target is done. @param status - default `ok`. */
  finish(event: FlowEvent, status?: FlowStatus): FlowEvent;
  /**
   * Records the receive, runs the work, and records how it finished. What the work publishes has the event as parent
   * and its correlation id.
   *
   * @returns what the work returns; of a promise (or thenable) one that settles alike, after the finish is recorded.
   * @throws what the work throws.
   */
  handle<T>(event: FlowEvent, work: () => T): T;
  /**
   * Records a publication in the words of the document.
   *
   * @param context - `tier` (default `standard`), `event_type` or `eventType` (default `event`) are understood;
   * everything is written under `details`.
   */
  traceEvent(
    eventId: string,
    source: string,
    target: string,
    context?: Readonly<Record<string, unknown>>,
  ): void;
  /** Records an event that stays inside its container. */
  traceInternalEvent(event: InternalEvent): FlowEvent;
  /** Records the publication of an event to another container. */
  traceExternalEvent(event: ExternalEvent): FlowEvent;
  /** The flow of one correlation id as far as this tracer saw and still remembers it; files know more. */
  traceSignalFlow(correlationId: string): LiveFlow | undefined;
  newEventId(): string;
  /** A copy of all counters. */
  stats(): EventFlowTracerStats;
}

/** Most containers whose entry source is kept; the oldest goes first. */
const sourcesMax = 1024;

/**
 * Creates an {@link EventFlowTracer}. It owns nothing that must be closed: its writers belong to who gave them.
 *
 * @throws {TypeError | RangeError} on a wrong option.
 */
export function createEventFlowTracer(
  options: EventFlowTracerOptions,
  ports: EventFlowTracerPorts = {},
): EventFlowTracer {
  const resolved = resolveTracerOptions(options);
  const { coordinatorId, lostAfterMs } = resolved;
  const { clock = systemClock, clockId = currentClockId() } = ports;
  const ownEventId = createEventIds();
  const routes = createTierRoutes(resolved.tiers, resolved.writerFor);
  const history = createFlowHistory({
    flowsMax: resolved.historyFlowsMax,
    recordsPerFlowMax: resolved.historyRecordsPerFlowMax,
    maxAgeMs: resolved.historyMaxAgeMs,
  });
  const live = createLiveHops(resolved.liveEventsMax);
  const sources = new Map<string, EntrySource>();
  const counts = { records: 0, uncorrelated: 0, unwritten: 0, cut: 0, replaced: 0 };

  const newEventId = (): string => {
    try {
      const eventId = cleanEventId(ports.newEventId?.(), undefined, counts);
      if (eventId !== undefined) return eventId;
    } catch {
      counts.replaced += 1;
    }
    return ownEventId();
  };

  const sourceOf = (containerId: string): EntrySource => {
    let source = sources.get(containerId);
    if (source !== undefined) return source;
    if (sources.size >= sourcesMax) {
      for (const oldest of sources.keys()) {
        sources.delete(oldest);
        break;
      }
    }
    source = { containerId, componentName: flowComponentName };
    sources.set(containerId, source);
    return source;
  };

  const build = (phase: FlowPhase, event: PublishedEvent, status: FlowStatus): FlowRecord => {
    const { eventId } = event;
    const publication =
      phase !== "publish" && typeof eventId === "string" ? live.publicationOf(eventId) : undefined;
    const parts = {
      phase,
      status,
      eventId: cleanEventId(eventId, publication?.eventId, counts) ?? newEventId(),
      tier: routes.routeOf(event.tier).tier,
      context: currentCorrelation(),
      publication,
      timestampMs: clock.now(),
      monoUs: clock.monotonicUs(),
      clockId,
    };
    const record = buildRecord(event, parts, counts);
    const isFirst =
      phase === "publish" &&
      record.parentEventId === undefined &&
      record.correlationId !== undefined &&
      !history.has(record.correlationId);
    return isFirst ? { ...record, originUs: originOf(record, parts.context) } : record;
  };

  const keep = (record: FlowRecord, details: Readonly<Record<string, unknown>> | undefined): void => {
    counts.records += 1;
    if (record.correlationId === undefined) counts.uncorrelated += 1;
    const flow =
      record.correlationId === undefined ? undefined : history.append(record.correlationId, record);
    live.observe(record, flow);
    const { writer, scope } = routes.routeOf(record.tier);
    const source = sourceOf(actingContainer(record));
    const entry = formatFlowRecord(record, source, scope, currentCorrelation(), details);
    if (writer === undefined || !writer.write(entry)) counts.unwritten += 1;
  };

  const record = (
    phase: FlowPhase,
    event: PublishedEvent,
    status: FlowStatus,
    details?: Readonly<Record<string, unknown>>,
  ): FlowRecord => {
    let built: FlowRecord;
    try {
      built = build(phase, event, status);
    } catch {
      // A field that cannot be read: what happened is still recorded, as an event of which nothing is known.
      counts.replaced += 1;
      built = build(phase, { eventType: "unknown", source: unknownContainer, tier: "standard" }, status);
    }
    try {
      keep(built, details);
    } catch {
      counts.unwritten += 1;
    }
    return built;
  };

  const publish = (event: PublishedEvent): FlowEvent => record("publish", event, "ok");

  return {
    coordinatorId,
    newEventId,
    publish,
    receive: (event) => record("receive", event, "ok"),
    finish: (event, status = "ok") => record("finish", event, status === "error" ? "error" : "ok"),
    handle(event, work) {
      const received = record("receive", event, "ok");
      const { eventId, correlationId } = received;
      const run = () =>
        correlationId === undefined
          ? runWithParentEvent(eventId, work)
          : runWithCorrelation(correlationId, work, { parentEventId: eventId });
      return workOn(run, (status) => record("finish", received, status));
    },
    traceEvent(eventId, source, target, context) {
      const { tier, eventType } = readTraceContext(context);
      record("publish", { eventId, source, target: knownTarget(target), tier, eventType }, "ok", context);
    },
    traceInternalEvent(event) {
      return publish(fromInternal(event, coordinatorId));
    },
    traceExternalEvent(event) {
      return publish(fromExternal(event));
    },
    traceSignalFlow(correlationId) {
      const known = history.find(correlationId, clock.monotonicUs());
      if (known === undefined) return undefined;
      const flow = assembleFlow(correlationId, known.records, { asOfMs: clock.now(), lostAfterMs });
      const hasFailed = known.missing > 0 && known.hasFailed;
      return flow && { ...flow, status: hasFailed ? "failed" : flow.status, missingRecords: known.missing };
    },
    stats: () => ({
      records: counts.records,
      uncorrelated: counts.uncorrelated,
      unwritten: counts.unwritten,
      fieldsCut: counts.cut,
      fieldsReplaced: counts.replaced,
      tiersRerouted: routes.rerouted,
      unconfiguredTiers: routes.unconfigured,
      flows: {
        started: history.started,
        finished: live.flowsFinished,
        failed: live.flowsFailed,
        remembered: history.flows,
        evicted: history.evicted,
        recordsDropped: history.recordsDropped,
      },
      tiers: live.tiers(),
    }),
  };
}
