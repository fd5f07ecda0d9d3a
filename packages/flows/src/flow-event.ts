import type { Tier } from "@waybill/protocols";

/**
 * One event on its way between containers, as a message bus knows it.
 *
 * What {@link EventFlowTracer.publish} returns has every field filled in; hand that (with the real target) to
 * `receive`, `finish` and `handle`, also over a queue or a process border: it is plain data.
 */
export interface FlowEvent {
  /** Joins the phases of a hop. Unique per event, the same for every receiver of a fan-out. */
  readonly eventId: string;
  readonly eventType: string;
  /** Container that publishes. */
  readonly source: string;
  /** Container that receives. Leave it out on `publish` when the router alone knows it. */
  readonly target?: string | undefined;
  /** `fast`, `standard`, `reliable`, a configured tier, or `internal` for an event that stays in its container. */
  readonly tier: Tier | "internal";
  /** Default: the correlation id of the running context, if there is one. */
  readonly correlationId?: string | undefined;
  /** Event that caused this one. Default on `publish`: the event that the running context works on. */
  readonly parentEventId?: string | undefined;
}

/** A {@link FlowEvent} to publish; without an event id it gets a new one. */
export type PublishedEvent = Omit<FlowEvent, "eventId"> & { readonly eventId?: string | undefined };
