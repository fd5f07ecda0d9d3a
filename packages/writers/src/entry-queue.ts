import { ByteBuffer, type EntryEncoder, forEachLine, seqOfLine } from "@waybill/log-tree";
import type { Clock, EntryInput, EntrySource } from "@waybill/protocols";
import { EntriesAside } from "./entries-aside.ts";
import { type Gap, gapEntry } from "./gap-entry.ts";
import { gapsIn } from "./gap-lines.ts";
import { countLines, linesBehind } from "./lane/lines-behind.ts";
import { type DropOrder, planOverflow, queuedLines } from "./overflow.ts";
import { rebuildQueue, renumberQueue } from "./rebuild-queue.ts";
import { UnsyncedLines } from "./unsynced-lines.ts";

const newline = 0x0a;
/** A buffer that one large entry has grown is given back after the write. */
const keptCapacityBytes = 65_536;

/**
 * The entries of one stream that the operating system has not taken, encoded, in order of `seq`; may begin with the
 * rest of a line that was half written.
 *
 * Knows which of its lines are gap records by their numbers, and, if asked to, keeps what was written until it is
 * synced. Every entry that goes in comes out of {@link consume} or {@link dropDownTo}, or is counted by `entries`.
 */
export class EntryQueue {
  /** Under whose name gap records are written: the first source seen. */
  source: EntrySource | undefined;
  readonly #encoder: EntryEncoder;
  readonly #clock: Clock;
  readonly #unsynced: UnsyncedLines | undefined;
  #lines = new ByteBuffer();
  /** Lines whose end is in the queue, gap records included. */
  #lineCount = 0;
  #gaps = new Map<number, Gap>();
  /** `seq` of the line whose beginning was written and whose rest is in front; 0 when a line begins there. */
  #cutSeq = 0;
  /** The buffer that an entry is being encoded into: its context may log and flush meanwhile. */
  #encodingInto: ByteBuffer | undefined;
  #encodingFrom = 0;
  readonly #aside: EntriesAside;

  /** @param keepsUnsynced - whether {@link takeBack} will be asked for. */
  constructor(encoder: EntryEncoder, clock: Clock, keepsUnsynced: boolean) {
    this.#encoder = encoder;
    this.#clock = clock;
    this.#aside = new EntriesAside(encoder);
    this.#unsynced = keepsUnsynced ? new UnsyncedLines() : undefined;
  }

  get bytes(): Buffer {
    return this.#lines.bytes;
  }

  /** Bytes in the queue; of an entry that is being encoded, what is there so far. */
  get length(): number {
    return this.#lines.length;
  }

  /** The bytes in the queue. */
  view(): Uint8Array {
    return this.#lines.view();
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  /** `seq` of the first whole line; undefined when there is none. */
  get firstSeq(): number | undefined {
    return this.#lineCount === 0 ? undefined : seqOfLine(this.#lines.bytes, 0, this.#lines.length);
  }

  /** Entries in the queue, without gap records. */
  get entries(): number {
    return this.#lineCount - this.#gaps.size + this.#aside.count;
  }

  /** Entries lost of which the gap records are in the queue. */
  get untold(): number {
    let untold = 0;
    for (const { dropped } of this.#gaps.values()) untold += dropped;
    return untold;
  }

  /** How many of the whole lines in the first bytes are no gap records. */
  entriesIn(bytes: number): number {
    if (bytes === this.#lines.length) return this.#lineCount - this.#gaps.size;
    let entries = 0;
    forEachLine(this.#lines.bytes, 0, bytes, (start, end) => {
      if (!this.#gaps.has(seqOfLine(this.#lines.bytes, start, end))) entries++;
    });
    return entries;
  }

  /** Entries that are being encoded at this moment. */
  get encoding(): number {
    return Number(this.#encodingInto !== undefined) + Number(this.#aside.isEncoding);
  }

  /** Whether the queue begins with the rest of a line. */
  get isCut(): boolean {
    return this.#cutSeq > 0;
  }

  /** Bytes that were written and not synced. */
  get unsyncedBytes(): number {
    return this.#unsynced?.length ?? 0;
  }

  /** Appends the line of an entry. @throws what the encoder throws; the queue is as before then. */
  encode(entry: EntryInput, seq: number): void {
    if (this.#aside.count > 0) this.moveAside();
    const lines = this.#lines;
    const start = lines.length;
    this.#encodingInto = lines;
    this.#encodingFrom = start;
    try {
      this.#encoder.encode(lines, entry, seq);
      if (this.#lines !== lines) this.#lines.append(lines.bytes.subarray(start, lines.length));
      // Nothing that follows may throw: the entry is in.
      this.#lineCount++;
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
    if (this.#encodingInto === undefined) this.#lineCount += this.#aside.moveTo(this.#lines);
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

  /**
   * Appends whole lines that are encoded and numbered.
   *
   * @param entries - of them that are no gap records.
   */
  appendLines(lines: Uint8Array, entries: number): void {
    const count = countLines(lines);
    for (const [seq, gap] of gapsIn(lines, count - entries)) this.#gaps.set(seq, gap);
    this.#lines.append(lines);
    this.#lineCount += count;
  }

  /** Takes the line that is being encoded out of the way, so that the whole ones can be written. */
  detachEncoding(): void {
    if (this.#encodingInto !== this.#lines) return;
    const whole = new ByteBuffer(this.#encodingFrom);
    whole.append(this.#lines.bytes.subarray(0, this.#encodingFrom));
    this.#lines = whole;
  }

  /** Takes bytes off the front. @returns entries that ended in them. */
  consume(bytes: number): number {
    const lines = this.#lines;
    this.#unsynced?.add(lines.bytes.subarray(0, bytes));
    if (bytes === lines.length) {
      const entries = this.#lineCount - this.#gaps.size;
      this.#unsynced?.addGaps(this.#gaps);
      this.#gaps.clear();
      this.#lineCount = 0;
      this.#cutSeq = 0;
      lines.length = 0;
      if (lines.bytes.length > keptCapacityBytes) this.#lines = new ByteBuffer();
      return entries;
    }
    if (bytes === 0) return 0;
    let entries = 0;
    let end = 0;
    forEachLine(lines.bytes, 0, bytes, (lineStart, lineEnd) => {
      const seq = lineStart === 0 && this.isCut ? this.#cutSeq : seqOfLine(lines.bytes, lineStart, lineEnd);
      if (!this.#takeGap(seq)) entries++;
      end = lineEnd;
      this.#lineCount--;
    });
    if (end === bytes) this.#cutSeq = 0;
    else if (end > 0 || !this.isCut) this.#cutSeq = seqOfLine(lines.bytes, end, lines.length);
    this.#removeFront(bytes);
    return entries;
  }

  /** Puts whole lines in front that were given away and are not known to be written. */
  putBack(lines: Uint8Array): void {
    const gaps = gapsIn(lines);
    this.detachEncoding();
    this.#lines = joined([lines, this.#lines.view()]);
    this.#lineCount += countLines(lines);
    this.#gaps = new Map([...gaps, ...this.#gaps]);
  }

  /** Takes lines off the front that turned out to stand in the file. @returns entries among them. */
  skipThrough(lastSeq: number): number {
    return this.consume(this.length - linesBehind(this.view(), lastSeq).length);
  }

  /** Removes the rest of a line whose beginning is gone. @returns entries lost: 1, or 0 for a gap record. */
  dropCut(): number {
    const { bytes } = this.#lines;
    const lost = this.#takeGap(this.#cutSeq) ? 0 : 1;
    this.#cutSeq = 0;
    this.#lineCount--;
    this.#removeFront(bytes.indexOf(newline) + 1);
    return lost;
  }

  /**
   * Removes the rest of a line whose beginning is gone, and puts a gap record in its place.
   *
   * @returns as {@link dropCut}.
   * @throws what the encoder throws; the queue is as before then.
   */
  replaceCut(reason: string): number {
    const seq = this.#cutSeq;
    const told = this.#gaps.get(seq);
    const gap = told ?? { dropped: 1, byLevel: {}, fromSeq: seq, toSeq: seq, reason };
    const line = new ByteBuffer();
    // Before anything is removed: it may throw.
    this.#encodeGap(line, gap, seq);
    const lost = this.dropCut();
    this.#prepend(line, gap, seq);
    return lost;
  }

  /** Puts what was written and not synced in front again. @returns entries that came back. */
  takeBack(): number {
    const back = this.#unsynced?.take();
    if (back === undefined || back.bytes.length === 0) return 0;
    let lines = 0;
    forEachLine(back.bytes, 0, back.bytes.length, () => {
      lines++;
    });
    this.#lines = joined([back.bytes, this.#lines.view()]);
    this.#lineCount += lines;
    this.#gaps = new Map([...back.gaps, ...this.#gaps]);
    this.#cutSeq = 0;
    return lines - back.gaps.size;
  }

  /** Forgets what was written before the last `bytes`, because it is synced. */
  keepUnsynced(bytes: number): void {
    this.#unsynced?.keepLast(bytes);
  }

  /**
   * Drops lines, the least severe or the oldest first, until at most `keepBytes` stay, and puts a gap record in their
   * place. The rest of a half-written line stays in front: what was begun in the file must be finished there.
   *
   * @returns entries that were dropped.
   */
  dropDownTo(keepBytes: number, reason: string, order: DropOrder = "least_severe"): number {
    const { bytes, length } = this.#lines;
    const wholeFrom = this.isCut ? bytes.indexOf(newline) + 1 : 0;
    const lines = queuedLines(bytes, wholeFrom, length, this.#lineCount, (seq) => this.#gaps.has(seq));
    const plan = planOverflow(lines, keepBytes - wholeFrom, order);
    const rebuilt = rebuildQueue({ bytes, lines, plan, gaps: this.#gaps, reason }, (into, gap, seq) =>
      this.#encodeGap(into, gap, seq),
    );
    const cutGap = this.#gaps.get(this.#cutSeq);
    if (cutGap !== undefined) rebuilt.gaps.set(this.#cutSeq, cutGap);
    this.#lineCount += rebuilt.gaps.size - this.#gaps.size - plan.dropped;
    this.#gaps = rebuilt.gaps;
    this.#lines = rebuilt.lines;
    return plan.dropped;
  }

  /** Whether an entry is in the queue. It is looked for from the end: quickly when it came in just now. */
  has(seq: number): boolean {
    const { bytes, length } = this.#lines;
    for (let end = length; end > 0; ) {
      const start = end < 2 ? 0 : bytes.lastIndexOf(newline, end - 2) + 1;
      const found = seqOfLine(bytes, start, end);
      if (found <= seq) return found === seq && !this.#gaps.has(seq);
      end = start;
    }
    return false;
  }

  /** Adds to all numbers, because the stream turned out to have so many entries before these. */
  renumber(added: number): void {
    const { lines, gaps } = renumberQueue(this.#lines, this.#gaps, added, (into, gap, seq) =>
      this.#encodeGap(into, gap, seq),
    );
    this.#gaps = gaps;
    this.#lines = lines;
  }

  /** Puts a gap record behind all entries. */
  appendGap(gap: Gap, seq: number): void {
    const lines = this.#lines;
    const start = lines.length;
    try {
      this.#encodeGap(lines, gap, seq);
      this.#gaps.set(seq, gap);
    } catch (error) {
      lines.length = start;
      throw error;
    }
    this.#lineCount++;
  }

  /** Puts a gap record before all entries. @throws what the encoder throws; the queue is as before then. */
  prependGap(gap: Gap, seq: number): void {
    const line = new ByteBuffer();
    this.#encodeGap(line, gap, seq);
    this.#prepend(line, gap, seq);
  }

  #prepend(line: ByteBuffer, gap: Gap, seq: number): void {
    this.detachEncoding();
    this.#lines = joined([line.view(), this.#lines.view()]);
    this.#gaps.set(seq, gap);
    this.#lineCount++;
  }

  /** @returns entries that were in the queue. */
  clear(): number {
    const { entries } = this;
    this.#lines = new ByteBuffer();
    this.#lineCount = 0;
    this.#gaps.clear();
    this.#cutSeq = 0;
    this.#aside.clear();
    this.#unsynced?.take();
    return entries;
  }

  #encodeGap(into: ByteBuffer, gap: Gap, seq: number): void {
    const source = this.source ?? { containerId: "", componentName: "" };
    this.#encoder.encode(into, gapEntry(gap, source, this.#clock.now()), seq);
  }

  #takeGap(seq: number): boolean {
    const gap = this.#gaps.get(seq);
    if (gap === undefined) return false;
    this.#unsynced?.addGaps(new Map([[seq, gap]]));
    return this.#gaps.delete(seq);
  }

  #removeFront(bytes: number): void {
    this.#lines.bytes.copyWithin(0, bytes, this.#lines.length);
    this.#lines.length -= bytes;
  }
}

function joined(parts: readonly Uint8Array[]): ByteBuffer {
  const all = new ByteBuffer(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) all.append(part);
  return all;
}
