import type { Tier } from "./scope.ts";

/**
 * The three moments of a hop: the source hands the event over, the target takes it, the target is done.
 * Wait = receive − publish, work = finish − receive.
 */
export type FlowPhase = "publish" | "receive" | "finish";

/** How a phase ended. `error` on `finish` means that the target failed while it worked on the event. */
export type FlowStatus = "ok" | "error";

/** One phase of one hop, as it stands in a `flows/` stream. */
export interface FlowRecord {
  readonly phase: FlowPhase;
  readonly eventId: string;
  /** The event that the source was working on when it published this one; undefined at the start of a flow. */
  readonly parentEventId: string | undefined;
  readonly eventType: string;
  /** Container that published. */
  readonly source: string;
  /** Container that receives; undefined on `publish` when the router alone knows it. */
  readonly target: string | undefined;
  /** `internal` for an event that stays inside its container. */
  readonly tier: Tier | "internal";
  readonly correlationId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  /** Microseconds on a monotonic clock; comparable only between records of the same `clockId`. */
  readonly monoUs: number;
  /** Names the monotonic clock behind `monoUs`, one per process start; undefined when it is not known. */
  readonly clockId: string | undefined;
  /**
   * Microseconds between the start of the correlation and this `publish`, on the first hop of a flow only: the time
   * that the originating container spent.
   */
  readonly originUs: number | undefined;
  readonly status: FlowStatus;
}
