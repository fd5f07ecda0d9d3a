import { randomUUID } from "node:crypto";
import type { MonitorSnapshot } from "../snapshot.ts";
import type { AlertEvent } from "./alert-event.ts";
import { type AlertRule, type FullThreshold, fullThreshold } from "./alert-rule.ts";
import { type AlertChange, type AlertState, restingAlert, stepAlert } from "./alert-state.ts";

/** Rules, and where each of their alerts stands. */
export interface AlertRules {
  /**
   * Moves every alert on by one run.
   *
   * @param nowMs - monotonic milliseconds, not before the last call.
   * @returns what began, lasts or ended, in the order of the rules.
   */
  evaluate(snapshot: MonitorSnapshot, nowMs: number): readonly AlertEvent[];
  /** The alerts that have begun and not ended, as they were told last. */
  firing(): readonly AlertEvent[];
  /**
   * Watches other rules from the next round on. An alert whose rule has the name of an earlier one stays where it
   * stands: it is not told anew, and ends by the thresholds of the new rule. One whose rule is gone ends.
   *
   * @throws as {@link createAlertRules}; everything is as before then.
   */
  replace(rules: readonly AlertRule[]): void;
  /** Rounds of a rule in which it threw, or had more keys to follow than `keysMax`. */
  readonly failures: number;
}

/** Options of {@link createAlertRules}. */
export interface AlertRulesOptions {
  /** Keys of one rule whose alerts are followed at a time, integer ≥ 1; only those that are not at rest. Default 1000. */
  readonly keysMax?: number;
}

interface FollowedAlert {
  state: AlertState;
  last: AlertEvent | undefined;
  /** The round that saw its key last. */
  round: number;
}

/** The key of a rule that has one value. */
const onlyKey = Symbol("only");
type Key = string | typeof onlyKey;

/**
 * Starts with every alert at rest.
 *
 * @throws {RangeError} for a threshold that cannot work, or two rules of one name.
 */
export function createAlertRules(
  rules: readonly AlertRule[],
  { keysMax = 1000 }: AlertRulesOptions = {},
): AlertRules {
  if (!Number.isInteger(keysMax) || keysMax < 1)
    throw new RangeError(`keysMax must be an integer from 1, not ${keysMax}`);
  let followers: ReadonlyMap<string, RuleFollower> = new Map();
  /** Those whose rule is gone, until they have told so. */
  let leaving: ReadonlyMap<string, RuleFollower> = new Map();
  let failuresOfGone = 0;

  const replace = (next: readonly AlertRule[]): void => {
    const checked = next.map((rule) => ({ rule, threshold: fullThreshold(rule.name, rule) }));
    const names = new Set(next.map(({ name }) => name));
    if (names.size < next.length) throw new RangeError("two alert rules have the same name");
    const known = new Map([...leaving, ...followers]);
    followers = new Map(
      checked.map(({ rule, threshold }) => {
        const follower = known.get(rule.name);
        follower?.change(rule, threshold);
        return [rule.name, follower ?? new RuleFollower(rule, threshold, keysMax)];
      }),
    );
    leaving = new Map([...known].filter(([name]) => !names.has(name)));
  };
  const evaluateLeaving = (snapshot: MonitorSnapshot, nowMs: number): AlertEvent[] => {
    if (leaving.size === 0) return [];
    const gone = [...leaving.values()];
    leaving = new Map();
    failuresOfGone += gone.reduce((sum, { failures }) => sum + failures, 0);
    return gone.flatMap((follower) => follower.endAll(snapshot, nowMs));
  };

  replace(rules);
  return {
    evaluate: (snapshot, nowMs) => [
      ...evaluateLeaving(snapshot, nowMs),
      ...[...followers.values()].flatMap((follower) => follower.evaluate(snapshot, nowMs)),
    ],
    firing: () => [...leaving.values(), ...followers.values()].flatMap((follower) => follower.firing()),
    replace,
    get failures() {
      const all = [...leaving.values(), ...followers.values()];
      return all.reduce((sum, { failures }) => sum + failures, failuresOfGone);
    },
  };
}

class RuleFollower {
  #rule: AlertRule;
  #threshold: FullThreshold;
  readonly #keysMax: number;
  readonly #alerts = new Map<Key, FollowedAlert>();
  #round = 0;
  /** The last round that found no room for another key. */
  #fullRound: number | undefined;
  failures = 0;

  constructor(rule: AlertRule, threshold: FullThreshold, keysMax: number) {
    this.#rule = rule;
    this.#threshold = threshold;
    this.#keysMax = keysMax;
  }

  /** Follows another rule of the same name; every alert stays where it stands. */
  change(rule: AlertRule, threshold: FullThreshold): void {
    this.#rule = rule;
    this.#threshold = threshold;
  }

  firing(): AlertEvent[] {
    return [...this.#alerts.values()].flatMap(({ state, last }) =>
      state.phase === "firing" && last !== undefined ? [last] : [],
    );
  }

  /** Ends every alert, because nobody watches it from now on. */
  endAll(snapshot: MonitorSnapshot, nowMs: number): AlertEvent[] {
    return [...this.#alerts].flatMap(([key, { state }]) => {
      if (state.phase !== "firing") return [];
      const event = this.#event(snapshot, key, "resolved", undefined, nowMs - (state.firedMs ?? nowMs));
      return [{ ...event, message: `ended: ${this.#subject(event.key)}, which is not watched any more` }];
    });
  }

  evaluate(snapshot: MonitorSnapshot, nowMs: number): AlertEvent[] {
    const events: AlertEvent[] = [];
    this.#round += 1;
    try {
      const reading = this.#rule.read(snapshot);
      if (reading === undefined) return events;
      if (typeof reading === "number") {
        this.#step(events, snapshot, onlyKey, reading, nowMs);
        return events;
      }
      for (const [key, value] of reading) this.#step(events, snapshot, key, value, nowMs);
      this.#endUnseen(events, snapshot, nowMs);
    } catch {
      this.failures += 1;
    }
    return events;
  }

  #step(
    events: AlertEvent[],
    snapshot: MonitorSnapshot,
    key: Key,
    value: number | undefined,
    nowMs: number,
  ): void {
    const followed = this.#alerts.get(key);
    if (followed !== undefined) followed.round = this.#round;
    const before = followed?.state ?? restingAlert;
    const { state, change } = stepAlert(this.#threshold, before, value, nowMs);
    // Nearly always: of thousands of containers, few are near their threshold.
    if (state === before) return;
    if (isAtRest(state, this.#threshold, nowMs)) this.#alerts.delete(key);
    else if (followed !== undefined) followed.state = state;
    else if (!this.#makeRoom(nowMs)) return;
    else this.#alerts.set(key, { state, last: undefined, round: this.#round });
    if (change === undefined) return;
    const since = change === "fired" ? nowMs : (before.firedMs ?? nowMs);
    const event = this.#event(snapshot, key, change, value, nowMs - since);
    const kept = this.#alerts.get(key);
    if (kept !== undefined) kept.last = event;
    events.push(event);
  }

  /** Alerts of keys that are gone, such as containers that were removed. */
  #endUnseen(events: AlertEvent[], snapshot: MonitorSnapshot, nowMs: number): void {
    for (const [key, followed] of this.#alerts) {
      if (followed.round === this.#round) continue;
      const { state } = followed;
      if (state.phase === "firing")
        events.push(this.#event(snapshot, key, "resolved", undefined, nowMs - (state.firedMs ?? nowMs)));
      // Kept until its cool-down is over: a container that comes and goes must not tell the same thing each time.
      followed.state = { ...state, phase: "ok" };
      if (isAtRest(followed.state, this.#threshold, nowMs)) this.#alerts.delete(key);
    }
  }

  /** Forgets alerts that only wait for the end of their cool-down; @returns whether one more can be followed. */
  #makeRoom(nowMs: number): boolean {
    if (this.#alerts.size < this.#keysMax) return true;
    // Looking through all of them once a round is enough: thousands of keys may ask.
    if (this.#fullRound === this.#round) return false;
    for (const [key, { state }] of this.#alerts)
      if (isAtRest(state, this.#threshold, nowMs)) this.#alerts.delete(key);
    if (this.#alerts.size < this.#keysMax) return true;
    this.failures += 1;
    this.#fullRound = this.#round;
    return false;
  }

  #event(
    snapshot: MonitorSnapshot,
    key: Key,
    change: AlertChange,
    value: number | undefined,
    durationMs: number,
  ): AlertEvent {
    const { name, severity, unit } = this.#rule;
    const state = change === "resolved" ? "ok" : "firing";
    const shownKey = key === onlyKey ? undefined : key;
    return {
      id: randomUUID(),
      alert: name,
      key: shownKey,
      severity,
      state,
      change,
      value,
      threshold: this.#threshold.firesAt,
      unit,
      message: `${state === "ok" ? "ended: " : ""}${this.#describe(value, shownKey, snapshot)}`,
      atMs: snapshot.atMs,
      durationMs,
    };
  }

  #describe(value: number | undefined, key: string | undefined, snapshot: MonitorSnapshot): string {
    const { unit, describe } = this.#rule;
    const subject = this.#subject(key);
    if (value === undefined) return `${subject}, which is gone`;
    try {
      if (describe !== undefined) return describe(value, key, snapshot);
    } catch {
      this.failures += 1;
    }
    return `${subject} is ${Number(value.toPrecision(4))} ${unit}, threshold ${this.#threshold.firesAt}`;
  }

  #subject(key: string | undefined): string {
    return key === undefined ? this.#rule.name : `${this.#rule.name} of ${key}`;
  }
}

/** Nothing would be lost by forgetting it: it is ok, and may begin at once. */
function isAtRest(state: AlertState, { coolDownMs }: FullThreshold, nowMs: number): boolean {
  return state.phase === "ok" && (state.firedMs === undefined || nowMs - state.firedMs >= coolDownMs);
}
