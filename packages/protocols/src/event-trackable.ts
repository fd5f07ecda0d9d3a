import { hasMembersOfType } from "./structure.ts";

/** Anything that can follow an event from one container to another. */
export interface EventTrackable {
  /** @param source - container that sends. @param target - container that receives. */
  traceEvent(
    eventId: string,
    source: string,
    target: string,
    context?: Readonly<Record<string, unknown>>,
  ): void;
}

/** Whether a value has the shape of {@link EventTrackable}. */
export function isEventTrackable(value: unknown): value is EventTrackable {
  return hasMembersOfType(value, "function", "traceEvent");
}
