import {
  type Clock,
  type EntryInput,
  type Level,
  severityOf,
  systemClock,
  type Timer,
  type Writer,
} from "@waybill/protocols";
import { checkedLevel } from "../checked-level.ts";
import { isReleased } from "../recorder/released-entries.ts";
import { isTaken, type Stage, type StageCounts, type StageWriter, tellingWriter } from "../telling-writer.ts";
import { countRepeat, type RepeatCount, repeatedEntry, windowUsOf } from "./repeat-count.ts";

/** Options of {@link foldMessages}. */
export interface FoldMessagesOptions {
  /** Milliseconds within which entries of one level and message are folded, 1 to 3,600,000. */
  readonly windowMs: number;
  /** Entries of a window that are written before the rest is folded, integer ≥ 1. Default 5. */
  readonly keepFirst?: number;
  /** One in so many of the rest is written as a sample, integer ≥ 1. Default: none of it. */
  readonly keepEvery?: number | undefined;
  /** The most severe level that is folded. Default `WARNING`. */
  readonly maxLevel?: Level;
  /** Only entries whose message it matches are folded. Default all. */
  readonly message?: RegExp;
  /** Messages told apart at once, integer ≥ 1; entries with others are written as they come. Default 256. */
  readonly messagesMax?: number;
  /** Default the clock of this process. */
  readonly clock?: Clock;
}

/**
 * A writer that folds entries of the same level and message, whatever their context: the first few of a window are
 * written, of the rest one in so many or none.
 *
 * What was left out is counted and told at the end of the window, at `flush` and at `close`, by one entry of that level
 * and message with `context.repeated` = `{count, from_time, to_time}` and nothing else: ids and contexts of those that
 * it stands for are lost. Until then they count as queued. What a flight recorder releases is written as it comes.
 *
 * @param writer - of one stream.
 * @throws {RangeError} when an option is out of its range.
 */
export function foldMessages(writer: Writer, options: FoldMessagesOptions): StageWriter {
  return tellingWriter(writer, new MessageStage(writer, options));
}

/** Longer messages are no words of a program; to remember them would cost more than it saves. */
const messageUnitsMax = 1024;

/** Entries of one level and message within a window. */
interface Group {
  /** The first entry, without its ids and context. */
  readonly entry: EntryInput;
  readonly endUs: number;
  seen: number;
  repeats: RepeatCount | undefined;
  /** The group whose window ends next. */
  after: Group | undefined;
}

class MessageStage implements Stage {
  readonly #writer: Writer;
  readonly #clock: Clock;
  readonly #windowUs: number;
  readonly #keepFirst: number;
  readonly #keepEvery: number;
  readonly #severityMax: number;
  readonly #pattern: RegExp | undefined;
  readonly #messagesMax: number;
  readonly #groups: Readonly<Record<Level, Map<string, Group>>>;
  #groupCount = 0;
  /** The groups in the order in which their windows end, which is that in which they began. */
  #first: Group | undefined;
  #last: Group | undefined;
  #timer: Timer | undefined;
  #waiting = 0;
  #told = 0;
  #refused = 0;
  #represented = 0;
  #dropped = 0;

  constructor(writer: Writer, options: FoldMessagesOptions) {
    this.#writer = writer;
    this.#clock = options.clock ?? systemClock;
    this.#windowUs = windowUsOf(options.windowMs);
    this.#keepFirst = checkedCount("keepFirst", options.keepFirst ?? 5);
    this.#keepEvery =
      options.keepEvery === undefined
        ? Number.POSITIVE_INFINITY
        : checkedCount("keepEvery", options.keepEvery);
    this.#severityMax = severityOf[checkedLevel(options.maxLevel ?? "WARNING")];
    this.#pattern = options.message;
    this.#messagesMax = checkedCount("messagesMax", options.messagesMax ?? 256);
    this.#groups = {
      TRACE: new Map(),
      DEBUG: new Map(),
      INFO: new Map(),
      WARNING: new Map(),
      ERROR: new Map(),
      CRITICAL: new Map(),
    };
  }

  write(entry: EntryInput): boolean {
    if (!this.#concerns(entry)) return this.#writer.write(entry);
    const nowUs = this.#clock.monotonicUs();
    this.#endWindows(nowUs);
    const group = this.#groups[entry.level].get(entry.message) ?? this.#begin(entry, nowUs);
    if (group === undefined || this.#isKept(group)) return this.#writer.write(entry);
    group.repeats = countRepeat(group.repeats, entry.timestampMs);
    this.#waiting++;
    this.#awaitEnd(nowUs);
    return true;
  }

  tell(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let group = this.#first; group !== undefined; group = group.after) this.#tellOf(group);
  }

  counts(): StageCounts {
    return {
      told: this.#told,
      refused: this.#refused,
      represented: this.#represented,
      waiting: this.#waiting,
      dropped: this.#dropped,
    };
  }

  #concerns(entry: EntryInput): boolean {
    const { level, message } = entry;
    if (isReleased(entry) || severityOf[level] > this.#severityMax || message.length > messageUnitsMax)
      return false;
    // Not `test`, which would go on where it last stopped if the pattern has the flag g or y.
    return this.#pattern === undefined || message.search(this.#pattern) >= 0;
  }

  /** @returns undefined when as many messages are told apart as may be. */
  #begin(entry: EntryInput, nowUs: number): Group | undefined {
    if (this.#groupCount >= this.#messagesMax) return undefined;
    const group: Group = {
      entry: withoutDetails(entry),
      endUs: nowUs + this.#windowUs,
      seen: 0,
      repeats: undefined,
      after: undefined,
    };
    this.#groups[entry.level].set(entry.message, group);
    this.#groupCount++;
    if (this.#last === undefined) this.#first = group;
    else this.#last.after = group;
    this.#last = group;
    return group;
  }

  #isKept(group: Group): boolean {
    group.seen++;
    const beyond = group.seen - this.#keepFirst;
    return beyond < 0 || beyond % this.#keepEvery === 0;
  }

  #endWindows(nowUs: number): void {
    for (let group = this.#first; group !== undefined && group.endUs <= nowUs; group = this.#first) {
      this.#first = group.after;
      if (this.#first === undefined) this.#last = undefined;
      this.#groups[group.entry.level].delete(group.entry.message);
      this.#groupCount--;
      this.#tellOf(group);
    }
  }

  /** One timer, for the window that ends first. */
  #awaitEnd(nowUs: number): void {
    if (this.#timer !== undefined || this.#first === undefined || this.#waiting === 0) return;
    const delayMs = Math.max(0, this.#first.endUs - nowUs) / 1000;
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      const thenUs = this.#clock.monotonicUs();
      this.#endWindows(thenUs);
      this.#awaitEnd(thenUs);
    }, delayMs);
  }

  #tellOf(group: Group): void {
    const { repeats } = group;
    if (repeats === undefined) return;
    group.repeats = undefined;
    this.#waiting -= repeats.count;
    if (isTaken(this.#writer, repeatedEntry(group.entry, repeats))) {
      this.#told++;
      this.#represented += repeats.count;
    } else {
      this.#refused++;
      this.#dropped += repeats.count;
    }
  }
}

function withoutDetails(entry: EntryInput): EntryInput {
  const none = { correlationId: undefined, eventId: undefined, traceId: undefined, spanId: undefined };
  return { ...entry, ...none, context: undefined };
}

function checkedCount(name: string, count: number): number {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${name} is ${count}, not ≥ 1`);
  return count;
}
