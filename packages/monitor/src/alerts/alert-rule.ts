import type { MonitorSnapshot } from "../snapshot.ts";

/** How much an alert matters. */
export type AlertSeverity = "warning" | "critical";

/** When an alert begins and ends. */
export interface AlertThreshold {
  /** Whether the alert is for values that are too high or too low. Default `above`. */
  readonly direction?: "above" | "below";
  /** The alert begins once the value is past this one; the value itself is still good. */
  readonly firesAt: number;
  /**
   * The alert ends once the value has come back to this one. Between the two nothing changes: a value that trembles around
   * one threshold would otherwise tell the same thing again and again. At most `firesAt` for `above`, at least for
   * `below`. Default `firesAt`.
   */
  readonly clearsAt?: number;
  /** Milliseconds that the value must stay there before the alert begins. Default 0. */
  readonly forMs?: number;
  /** Milliseconds in which it does not begin again after it has begun. Default 15 minutes. */
  readonly coolDownMs?: number;
  /** Milliseconds after which an alert that lasts is told again. Default never. */
  readonly repeatMs?: number;
}

/** One thing that a monitor watches. */
export interface AlertRule extends AlertThreshold {
  /** For programs, unique in a monitor: `disk_usage`. */
  readonly name: string;
  readonly severity: AlertSeverity;
  /** Of the value, for people and programs: `bytes`, `per_minute`, `ms`. */
  readonly unit: string;
  /**
   * The value, out of what a run measured. Several values with a key each are watched apart from each other, such as
   * the error rate of every container. Undefined = not measured: the alert stays as it is.
   */
  readonly read: (snapshot: MonitorSnapshot) => AlertReading;
  /** The sentence for people. Default one of name, value and threshold. */
  readonly describe?: (value: number, key: string | undefined, snapshot: MonitorSnapshot) => string;
}

/** One value, or several with a key each. */
export type AlertReading = number | undefined | Iterable<readonly [key: string, value: number | undefined]>;

/** An {@link AlertThreshold} with every default filled in. */
export type FullThreshold = Required<Omit<AlertThreshold, "repeatMs">> & {
  readonly repeatMs: number | undefined;
};

const defaultCoolDownMs = 15 * 60_000;

/** Fills in the defaults of a threshold. @throws {RangeError} with the name of the rule when it cannot work. */
export function fullThreshold(name: string, threshold: AlertThreshold): FullThreshold {
  const { direction = "above", firesAt, clearsAt = firesAt, forMs = 0, repeatMs } = threshold;
  const { coolDownMs = defaultCoolDownMs } = threshold;
  const refuse = (reason: string): never => {
    throw new RangeError(`alert rule ${name}: ${reason}`);
  };
  if (!Number.isFinite(firesAt) || !Number.isFinite(clearsAt))
    refuse(`firesAt (${firesAt}) and clearsAt (${clearsAt}) must be numbers`);
  if (direction === "above" ? clearsAt > firesAt : clearsAt < firesAt)
    refuse(`clearsAt (${clearsAt}) must not be past firesAt (${firesAt}): it would begin as it ends`);
  for (const [option, ms] of Object.entries({ forMs, coolDownMs, repeatMs: repeatMs ?? 1 }))
    if (!(ms >= 0 && Number.isFinite(ms))) refuse(`${option} must be milliseconds from 0, not ${ms}`);
  if (repeatMs === 0) refuse("repeatMs must be more than 0");
  return { direction, firesAt, clearsAt, forMs, coolDownMs, repeatMs };
}
