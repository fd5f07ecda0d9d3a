import { ByteBuffer, createEntryEncoder } from "@waybill/log-tree";
import {
  type Clock,
  type EntryInput,
  type EntrySource,
  type Level,
  severityOf,
  systemClock,
  type Timer,
  type Writer,
} from "@waybill/protocols";
import { checkedLevel } from "../checked-level.ts";
import { entryOfLine } from "../entry-line.ts";
import { isReleased } from "../recorder/released-entries.ts";
import { isTaken, type Stage, type StageCounts, type StageWriter, tellingWriter } from "../telling-writer.ts";
import { countRepeat, type RepeatCount, repeatedEntry, windowUsOf } from "./repeat-count.ts";

/** Options of {@link foldRepeats}. */
export interface FoldRepeatsOptions {
  /** Milliseconds from the first entry within which those like it are folded, 1 to 3,600,000. */
  readonly windowMs: number;
  /** The most severe level that is folded. Default `CRITICAL`: all. */
  readonly maxLevel?: Level;
  /** Default the clock of this process. */
  readonly clock?: Clock;
}

/** Entries with longer lines are written as they come. */
const comparedBytesMax = 4096;
/** A buffer that one large entry has grown is given back. */
const keptBufferBytesMax = 2 * comparedBytesMax;
/**
 * One for all streams, because it keeps texts that recur. It serves an entry that is logged while another one is
 * encoded. What it leaves out beyond these limits makes an entry one that is not compared.
 */
const encoder = createEntryEncoder({
  stringUnitsMax: comparedBytesMax,
  lineBytesMax: 131_072,
  encodeMsMax: 5,
});
/** What encoders write in place of what they leave out, so two entries with it may differ there. */
const omission = "[+";

/**
 * A writer that folds entries that repeat the one before: same level, message, source, scope, ids and context, as they
 * would stand on disk in at most 4,096 bytes.
 *
 * The first is written at once. Those after it are counted, and written as one at the end of the window, before an
 * entry that differs, at `flush` and at `close`: the same entry at the time of the last, with
 * `context.repeated` = `{count, from_time, to_time}`; a single one is written as it was. Until then they count as
 * queued. Every entry is encoded once more for it, so its context is read twice. What a flight recorder releases is
 * written as it comes.
 *
 * @param writer - of one stream.
 * @throws {RangeError} when `windowMs` is out of its range or `maxLevel` names no level.
 */
export function foldRepeats(writer: Writer, options: FoldRepeatsOptions): StageWriter {
  return tellingWriter(writer, new RepeatStage(writer, options));
}

class RepeatStage implements Stage {
  readonly #writer: Writer;
  readonly #clock: Clock;
  readonly #windowUs: number;
  readonly #severityMax: number;
  /** The line, without its time, of the entry that was written last. */
  #last = new ByteBuffer();
  /** That of the entry in hand. */
  #next = new ByteBuffer();
  /** The source of the last; undefined when nothing can be folded into it. */
  #lastSource: EntrySource | undefined;
  #windowEndUs = 0;
  #repeats: RepeatCount | undefined;
  #timer: Timer | undefined;
  #isEncoding = false;
  #told = 0;
  #refused = 0;
  #represented = 0;
  #dropped = 0;

  constructor(writer: Writer, options: FoldRepeatsOptions) {
    this.#writer = writer;
    this.#clock = options.clock ?? systemClock;
    this.#windowUs = windowUsOf(options.windowMs);
    this.#severityMax = severityOf[checkedLevel(options.maxLevel ?? "CRITICAL")];
  }

  write(entry: EntryInput): boolean {
    const isComparable = this.#encode(entry);
    const nowUs = this.#clock.monotonicUs();
    if (isComparable && nowUs < this.#windowEndUs && this.#isSame()) {
      this.#repeats = countRepeat(this.#repeats, entry.timestampMs);
      this.#timer ??= this.#clock.setTimer(() => this.tell(), (this.#windowEndUs - nowUs) / 1000);
      return true;
    }
    this.tell();
    this.#lastSource = isComparable ? entry.source : undefined;
    this.#windowEndUs = nowUs + this.#windowUs;
    // Not for another one: `#next` may be that of an entry which logs this one while it is encoded.
    if (isComparable) [this.#last, this.#next] = [this.#next, this.#last];
    return this.#writer.write(entry);
  }

  tell(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const repeats = this.#repeats;
    const source = this.#lastSource;
    if (repeats === undefined || source === undefined) return;
    this.#repeats = undefined;
    if (isTaken(this.#writer, entryOfRepeats(this.#last, repeats, source))) {
      this.#told++;
      this.#represented += repeats.count;
    } else {
      this.#refused++;
      this.#dropped += repeats.count;
    }
  }

  counts(): StageCounts {
    return {
      told: this.#told,
      refused: this.#refused,
      represented: this.#represented,
      waiting: this.#repeats?.count ?? 0,
      dropped: this.#dropped,
    };
  }

  #isSame(): boolean {
    return this.#lastSource !== undefined && Buffer.compare(this.#last.view(), this.#next.view()) === 0;
  }

  /** Fills `#next`. @returns whether the entry can be compared. */
  #encode(entry: EntryInput): boolean {
    // What an entry logs while it is encoded is not another one like it.
    if (this.#isEncoding || severityOf[entry.level] > this.#severityMax || isReleased(entry)) return false;
    this.#isEncoding = true;
    try {
      if (this.#next.bytes.length > keptBufferBytesMax) this.#next = new ByteBuffer();
      this.#next.length = 0;
      encoder.encode(this.#next, { ...entry, timestampMs: 0 }, 1);
      const { bytes, length } = this.#next;
      return length <= comparedBytesMax && !bytes.subarray(0, length).includes(omission);
    } catch {
      // The end of the stack or of memory: the writer behind sees to what becomes of the entry.
      return false;
    } finally {
      this.#isEncoding = false;
    }
  }
}

function entryOfRepeats(line: ByteBuffer, repeats: RepeatCount, source: EntrySource): EntryInput {
  const entry = entryOfLine(line.bytes.subarray(0, line.length), source);
  return repeats.count === 1 ? { ...entry, timestampMs: repeats.toMs } : repeatedEntry(entry, repeats);
}
