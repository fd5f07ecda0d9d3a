import type { Tier } from "@waybill/protocols";
import type { PublishedEvent } from "./flow-event.ts";
import { unknownContainer } from "./flow-record.ts";

/** What `traceInternalEvent` takes. */
export interface InternalEvent {
  /** Default: a new id. */
  readonly eventId?: string | undefined;
  /** Container that the event stays in. Default: the coordinator. */
  readonly container?: string | undefined;
  readonly eventType: string;
  /** Default: that of the running context. */
  readonly correlationId?: string | undefined;
  /** Default: the event that the running context works on. */
  readonly parentEventId?: string | undefined;
}

/** What `traceExternalEvent` takes. */
export interface ExternalEvent {
  /** Default: a new id. */
  readonly eventId?: string | undefined;
  readonly sourceContainer: string;
  /** Leave it out, or say `unknown`, when the router fills it in. */
  readonly targetContainer?: string | undefined;
  readonly tier: Tier;
  readonly eventType: string;
  /** Default: that of the running context. */
  readonly correlationId?: string | undefined;
  /** Default: the event that the running context works on. */
  readonly parentEventId?: string | undefined;
}

/** The publication of an event that stays inside its container. Never throws. */
export function fromInternal(event: InternalEvent, defaultContainer: string): PublishedEvent {
  return readEvent(() => {
    const { eventId, container = defaultContainer, eventType, correlationId, parentEventId } = event;
    return {
      eventId,
      eventType,
      source: container,
      target: container,
      tier: "internal",
      correlationId,
      parentEventId,
    };
  });
}

/** The publication of an event to another container. Never throws. */
export function fromExternal(event: ExternalEvent): PublishedEvent {
  return readEvent(() => {
    const {
      eventId,
      sourceContainer: source,
      targetContainer,
      tier,
      eventType,
      correlationId,
      parentEventId,
    } = event;
    return {
      eventId,
      eventType,
      source,
      target: knownTarget(targetContainer),
      tier,
      correlationId,
      parentEventId,
    };
  });
}

/** The document passes `unknown` for a target that the router fills in. */
export function knownTarget(target: string | undefined): string | undefined {
  return target === unknownContainer ? undefined : target;
}

/** Reads the tier and the type of an event out of free fields, in either spelling. Never throws. */
export function readTraceContext(
  context: Readonly<Record<string, unknown>> | undefined,
): Pick<PublishedEvent, "tier" | "eventType"> {
  const text = (key: string) => {
    const value = readOr(() => context?.[key], undefined);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return { tier: text("tier") ?? "standard", eventType: text("event_type") ?? text("eventType") ?? "event" };
}

function readEvent(read: () => PublishedEvent): PublishedEvent {
  return readOr(read, { eventType: "unknown", source: unknownContainer, tier: "standard" });
}

/** A getter of a caller's object may throw; the publication is recorded all the same. */
function readOr<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
