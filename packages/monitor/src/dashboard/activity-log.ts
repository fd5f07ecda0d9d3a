import { type Clock, systemClock } from "@waybill/protocols";

/** Something that happened to the log tree or a container. */
export interface Activity {
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  /** What happened, such as `container_created` or `log_rotation`. */
  readonly event: string;
  readonly status: "success" | "failure";
  readonly containerId?: string;
  readonly file?: string;
  /** A sentence more. */
  readonly detail?: string;
}

/** The latest activities. */
export interface ActivityLog {
  note(activity: Omit<Activity, "timestamp">): void;
  /** Newest first. */
  recent(): readonly Activity[];
}

/**
 * Creates an empty log.
 *
 * @param activitiesMax - activities kept, integer ≥ 1; the oldest makes room. Default 100.
 * @throws {RangeError} for a wrong `activitiesMax`.
 */
export function createActivityLog(activitiesMax = 100, clock: Clock = systemClock): ActivityLog {
  if (!Number.isInteger(activitiesMax) || activitiesMax < 1)
    throw new RangeError(`activitiesMax must be an integer from 1, not ${activitiesMax}`);
  const kept: Activity[] = [];
  return {
    note(activity) {
      if (kept.length >= activitiesMax) kept.shift();
      kept.push({ timestamp: new Date(clock.now()).toISOString(), ...activity });
    },
    recent: () => kept.toReversed(),
  };
}
