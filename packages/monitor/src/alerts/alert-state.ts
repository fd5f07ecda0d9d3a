import type { FullThreshold } from "./alert-rule.ts";

/**
 * Where an alert stands. Times are monotonic milliseconds.
 * - `ok`: the value is not past the threshold.
 * - `pending`: it is, but not for long enough, or the alert began not long ago.
 * - `firing`: it has begun and not ended.
 */
export interface AlertState {
  readonly phase: "ok" | "pending" | "firing";
  /** Since when it is in this phase. */
  readonly sinceMs: number;
  /** When it began last; undefined when it never did. */
  readonly firedMs: number | undefined;
  /** When it was told last, by beginning or again. */
  readonly toldMs: number | undefined;
}

/** What the people should hear of a step. */
export type AlertChange = "fired" | "repeated" | "resolved";

/** An alert that never began. */
export const restingAlert: AlertState = {
  phase: "ok",
  sinceMs: Number.NEGATIVE_INFINITY,
  firedMs: undefined,
  toldMs: undefined,
};

/**
 * Moves an alert on by one measurement. Pure.
 *
 * @param value - undefined or NaN = not measured, which changes nothing.
 * @param nowMs - monotonic milliseconds.
 */
export function stepAlert(
  threshold: FullThreshold,
  state: AlertState,
  value: number | undefined,
  nowMs: number,
): { readonly state: AlertState; readonly change: AlertChange | undefined } {
  if (value === undefined || Number.isNaN(value)) return { state, change: undefined };
  if (state.phase === "firing") {
    if (hasCleared(threshold, value))
      return { state: { ...state, phase: "ok", sinceMs: nowMs }, change: "resolved" };
    if (threshold.repeatMs !== undefined && nowMs - (state.toldMs ?? nowMs) >= threshold.repeatMs)
      return { state: { ...state, toldMs: nowMs }, change: "repeated" };
    return { state, change: undefined };
  }
  if (!isPast(threshold, value)) {
    const next: AlertState = state.phase === "ok" ? state : { ...state, phase: "ok", sinceMs: nowMs };
    return { state: next, change: undefined };
  }
  const pendingMs = state.phase === "pending" ? state.sinceMs : nowMs;
  const isLongEnough = nowMs - pendingMs >= threshold.forMs;
  const isCool = state.firedMs === undefined || nowMs - state.firedMs >= threshold.coolDownMs;
  if (isLongEnough && isCool)
    return { state: { phase: "firing", sinceMs: nowMs, firedMs: nowMs, toldMs: nowMs }, change: "fired" };
  return { state: { ...state, phase: "pending", sinceMs: pendingMs }, change: undefined };
}

function isPast({ direction, firesAt }: FullThreshold, value: number): boolean {
  return direction === "above" ? value > firesAt : value < firesAt;
}

/** Not past the threshold any more, and past the one for the end, if that is another. */
function hasCleared(threshold: FullThreshold, value: number): boolean {
  const { direction, clearsAt } = threshold;
  if (isPast(threshold, value)) return false;
  return direction === "above" ? value <= clearsAt : value >= clearsAt;
}
