import { ByteBuffer, type EntryEncoder } from "@waybill/log-tree";
import { type Clock, type EntryInput, type EntrySource, type Gap, gapEntry } from "@waybill/protocols";
import { EntriesAside } from "./entries-aside.ts";
import { gapsIn } from "./gap-lines.ts";
import { countLines } from "./lane/lines-behind.ts";
import { joined, LineQueue } from "./line-queue.ts";
import { type DropOrder, planOverflow, queuedLines } from "./overflow.ts";
import { rebuildQueue, renumberQueue } from "./rebuild-queue.ts";

const newline = 0x0a;

/**
 * The entries of one stream that the operating system has not taken, encoded, in order of `seq`; may begin with the
 * rest of a line that was half written.
 *
 * Every entry that goes in comes out of {@link consume} or {@link dropDownTo}, or is counted by `entries`.
 */
export class EntryQueue extends LineQueue {
  /** Under whose name gap records are written: the first source seen. */
  source: EntrySource | undefined;
  /** Whether {@link oldestMs} is kept. */
  isAgeKept = false;
  /**
   * When the oldest entry in the queue came in, milliseconds since the epoch, or one before it that was written by now;
   * 0 when that is not known.
   */
  oldestMs = 0;
  readonly #encoder: EntryEncoder;
  readonly #clock: Clock;
  /** The buffer that an entry is being encoded into: its context may log and flush meanwhile. */
  #encodingInto: ByteBuffer | undefined;
  #encodingFrom = 0;
  readonly #aside: EntriesAside;

  /** @param keepsUnsynced - whether {@link takeBack} will be asked for. */
  constructor(encoder: EntryEncoder, clock: Clock, keepsUnsynced: boolean) {
    super(keepsUnsynced);
    this.#encoder = encoder;
    this.#clock = clock;
    this.#aside = new EntriesAside(encoder);
  }

  /** Entries in the queue, without gap records. */
  get entries(): number {
    return this.lineCount - this.gaps.size + this.#aside.count;
  }

  /** Entries that are being encoded at this moment. */
  get encoding(): number {
    return Number(this.#encodingInto !== undefined) + Number(this.#aside.isEncoding);
  }

  /** Appends the line of an entry. @throws what the encoder throws; the queue is as before then. */
  encode(entry: EntryInput, seq: number): void {
    if (this.#aside.count > 0) this.moveAside();
    const lines = this.lines;
    const start = lines.length;
    if (start === 0 && this.isAgeKept) this.oldestMs = this.#clock.now();
    this.#encodingInto = lines;
    this.#encodingFrom = start;
    try {
      this.#encoder.encode(lines, entry, seq);
      if (this.lines !== lines) this.lines.append(lines.bytes.subarray(start, lines.length));
      // Nothing that follows may throw: the entry is in.
      this.lineCount++;
    } catch (error) {
      lines.length = start;
      throw error;
    } finally {
      this.#encodingInto = undefined;
      if (this.#aside.count > 0) {
        try {
          this.moveAside();
        } catch {
          // The stack is at its end: they are moved before the next one.
        }
      }
    }
  }

  /** Moves the entries that came in aside behind the others, once none is being encoded. */
  moveAside(): void {
    if (this.#encodingInto === undefined) this.lineCount += this.#aside.moveTo(this.lines);
  }

  /**
   * Takes an entry that a getter or `toJSON` of the entry that is being encoded has logged. It follows that one.
   *
   * @returns false when it was not taken: too many bytes, or logged while such an entry was encoded, which may never
   * end.
   */
  encodeAside(entry: EntryInput, seq: number): boolean {
    return this.#aside.encode(entry, seq);
  }

  /** Takes the line that is being encoded out of the way, so that the whole ones can be written. */
  detachEncoding(): void {
    if (this.#encodingInto !== this.lines) return;
    const whole = new ByteBuffer(this.#encodingFrom);
    whole.append(this.lines.bytes.subarray(0, this.#encodingFrom));
    this.lines = whole;
  }

  /** Takes the whole lines out, and forgets the rest. */
  takeLines(): Uint8Array {
    this.detachEncoding();
    if (this.isCut) this.dropCut();
    const lines = Uint8Array.from(this.view());
    this.clear();
    return lines;
  }

  /** Puts whole lines in front that were given away and are not known to be written. */
  putBack(lines: Uint8Array): void {
    const gaps = gapsIn(lines);
    this.detachEncoding();
    this.lines = joined([lines, this.lines.view()]);
    this.lineCount += countLines(lines);
    this.gaps = new Map([...gaps, ...this.gaps]);
  }

  /**
   * Removes the rest of a line whose beginning is gone, and puts a gap record in its place.
   *
   * @returns as {@link dropCut}.
   * @throws what the encoder throws; the queue is as before then.
   */
  replaceCut(reason: string): number {
    const seq = this.cutSeq;
    const told = this.gaps.get(seq);
    const gap = told ?? { dropped: 1, byLevel: {}, fromSeq: seq, toSeq: seq, reason };
    const line = new ByteBuffer();
    // Before anything is removed: it may throw.
    this.#encodeGap(line, gap, seq);
    const lost = this.dropCut();
    this.#prepend(line, gap, seq);
    return lost;
  }

  /**
   * Drops lines, the least severe or the oldest first, until at most `keepBytes` stay, and puts a gap record in their
   * place. The rest of a half-written line stays in front: what was begun in the file must be finished there.
   *
   * @returns entries that were dropped.
   */
  dropDownTo(keepBytes: number, reason: string, order: DropOrder = "least_severe"): number {
    const { bytes, length } = this.lines;
    const wholeFrom = this.isCut ? bytes.indexOf(newline) + 1 : 0;
    const lines = queuedLines(bytes, wholeFrom, length, this.lineCount, (seq) => this.gaps.has(seq));
    const plan = planOverflow(lines, keepBytes - wholeFrom, order);
    const rebuilt = rebuildQueue({ bytes, lines, plan, gaps: this.gaps, reason }, (into, gap, seq) =>
      this.#encodeGap(into, gap, seq),
    );
    const cutGap = this.gaps.get(this.cutSeq);
    if (cutGap !== undefined) rebuilt.gaps.set(this.cutSeq, cutGap);
    this.lineCount += rebuilt.gaps.size - this.gaps.size - plan.dropped;
    this.gaps = rebuilt.gaps;
    this.lines = rebuilt.lines;
    return plan.dropped;
  }

  /** Adds to all numbers, because the stream turned out to have so many entries before these. */
  renumber(added: number): void {
    const { lines, gaps } = renumberQueue(this.lines, this.gaps, added, (into, gap, seq) =>
      this.#encodeGap(into, gap, seq),
    );
    this.gaps = gaps;
    this.lines = lines;
  }

  /** Puts a gap record behind all entries. */
  appendGap(gap: Gap, seq: number): void {
    const lines = this.lines;
    const start = lines.length;
    try {
      this.#encodeGap(lines, gap, seq);
      this.gaps.set(seq, gap);
    } catch (error) {
      lines.length = start;
      throw error;
    }
    this.lineCount++;
  }

  /** Puts a gap record before all entries. @throws what the encoder throws; the queue is as before then. */
  prependGap(gap: Gap, seq: number): void {
    const line = new ByteBuffer();
    this.#encodeGap(line, gap, seq);
    this.#prepend(line, gap, seq);
  }

  /** @returns entries that were in the queue. */
  override clear(): number {
    const entries = super.clear() + this.#aside.count;
    this.#aside.clear();
    return entries;
  }

  #encodeGap(into: ByteBuffer, gap: Gap, seq: number): void {
    const source = this.source ?? { containerId: "", componentName: "" };
    this.#encoder.encode(into, gapEntry(gap, source, this.#clock.now()), seq);
  }

  #prepend(line: ByteBuffer, gap: Gap, seq: number): void {
    this.detachEncoding();
    this.lines = joined([line.view(), this.lines.view()]);
    this.gaps.set(seq, gap);
    this.lineCount++;
  }
}
