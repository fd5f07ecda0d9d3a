import { effectiveLevel, type LogKind, matchesGlob, type WaybillConfig } from "@waybill/config";
import { type Clock, isLevel, type Level, type Timer } from "@waybill/protocols";

/** Who logs. */
export interface LevelSubject {
  readonly kind: LogKind;
  readonly containerId: string;
  readonly type: string | undefined;
  readonly component: string;
}

/** A logger as far as its level is concerned. */
export interface LeveledLogger {
  level: Level;
}

/** Options of `setLevel`. */
export interface SetLevelOptions {
  /** Milliseconds, 1 to 604,800,000 (a week); then the level falls back by itself. Default: until it is set anew. */
  readonly forMs?: number;
}

/** What a {@link LevelBook} works with. */
export interface LevelBookParts {
  readonly config: WaybillConfig;
  /** All loggers that are open now. */
  readonly loggers: () => Iterable<readonly [LevelSubject, LeveledLogger]>;
  /** Told when a level that was set for a time has fallen back. */
  readonly onFallBack: (pattern: string) => void;
  readonly clock: Clock;
}

/** The level of every logger: by the configuration, unless one was set while running. */
export interface LevelBook {
  levelOf(subject: LevelSubject): Level;
  /** See `LogManager.setLevel`. */
  setLevel(pattern: string, level: Level | undefined, options?: SetLevelOptions): number;
  /** Levels that were set while running stay. */
  reconfigure(config: WaybillConfig): void;
  /** Ends its timers; levels stay as they are. */
  close(): void;
}

interface SetLevel {
  readonly level: Level;
  readonly timer: Timer | undefined;
}

const forMsMax = 604_800_000;

/** @param parts - see {@link LevelBookParts}. */
export function createLevelBook(parts: LevelBookParts): LevelBook {
  let { config } = parts;
  /** By pattern, in the order in which they were set: the last one that matches holds. */
  const set = new Map<string, SetLevel>();

  function levelOf(subject: LevelSubject): Level {
    let level = effectiveLevel(config, subject);
    for (const [pattern, { level: own }] of set) if (matches(pattern, subject)) level = own;
    return level;
  }

  /** Somebody who has set the level of a logger himself keeps it until it changes here. */
  function change(act: () => void): void {
    const before = Array.from(
      parts.loggers(),
      ([subject, logger]) => [subject, logger, levelOf(subject)] as const,
    );
    act();
    for (const [subject, logger, was] of before) {
      const level = levelOf(subject);
      if (level !== was) logger.level = level;
    }
  }

  function forget(pattern: string): void {
    set.get(pattern)?.timer?.cancel();
    set.delete(pattern);
  }

  return {
    levelOf,
    setLevel(pattern, level, { forMs } = {}) {
      check(pattern, level, forMs);
      const fallBack = (): void => {
        change(() => set.delete(pattern));
        parts.onFallBack(pattern);
      };
      change(() => {
        forget(pattern);
        if (level === undefined) return;
        const timer = forMs === undefined ? undefined : parts.clock.setTimer(fallBack, forMs);
        set.set(pattern, { level, timer });
      });
      return [...parts.loggers()].filter(([subject]) => matches(pattern, subject)).length;
    },
    reconfigure(next) {
      change(() => {
        config = next;
      });
    },
    close() {
      for (const { timer } of set.values()) timer?.cancel();
    },
  };
}

/** A pattern with a slash is about components (`feed/order_book`), any other about containers (`strategy_*`). */
function matches(pattern: string, { containerId, component }: LevelSubject): boolean {
  const slash = pattern.lastIndexOf("/");
  if (slash < 0) return matchesGlob(pattern, containerId);
  return (
    matchesGlob(pattern.slice(0, slash), containerId) && matchesGlob(pattern.slice(slash + 1), component)
  );
}

function check(pattern: string, level: Level | undefined, forMs: number | undefined): void {
  if (typeof pattern !== "string" || pattern === "")
    throw new TypeError(
      `the pattern of a level names containers, as in "strategy_*", not ${String(pattern)}`,
    );
  if (level !== undefined && !isLevel(level))
    throw new TypeError(`the level must be one of TRACE to CRITICAL, not ${String(level)}`);
  if (forMs !== undefined && !(forMs >= 1 && forMs <= forMsMax))
    throw new RangeError(`forMs must be milliseconds from 1 to ${forMsMax}, not ${String(forMs)}`);
}
