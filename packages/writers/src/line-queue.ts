import { ByteBuffer, forEachLine, seqOfLine } from "@waybill/log-tree";
import type { Gap } from "@waybill/protocols";
import { gapsIn } from "./gap-lines.ts";
import { countLines, linesBehind } from "./lane/lines-behind.ts";
import { UnsyncedLines } from "./unsynced-lines.ts";

const newline = 0x0a;
/** A buffer that one large entry has grown is given back after the write. */
const keptCapacityBytes = 65_536;

/**
 * Encoded lines on their way to a file, in order of `seq`; may begin with the rest of a line that was half written.
 *
 * Knows which of them are gap records by their numbers, and, if asked to, keeps what was written until it is synced.
 */
export class LineQueue {
  /** Lines whose end is in the queue, gap records included. Only changed here; a field, because calls may find no stack. */
  lineCount = 0;
  protected lines = new ByteBuffer();
  protected gaps = new Map<number, Gap>();
  /** `seq` of the line whose beginning was written and whose rest is in front; 0 when a line begins there. */
  protected cutSeq = 0;
  readonly #unsynced: UnsyncedLines | undefined;

  /** @param keepsUnsynced - whether {@link takeBack} will be asked for. */
  constructor(keepsUnsynced: boolean) {
    this.#unsynced = keepsUnsynced ? new UnsyncedLines() : undefined;
  }

  get bytes(): Buffer {
    return this.lines.bytes;
  }

  /** Bytes in the queue; of an entry that is being encoded, what is there so far. */
  get length(): number {
    return this.lines.length;
  }

  /** The bytes in the queue. */
  view(): Uint8Array {
    return this.lines.view();
  }

  /** `seq` of the first whole line; undefined when there is none. */
  get firstSeq(): number | undefined {
    return this.lineCount === 0 ? undefined : seqOfLine(this.lines.bytes, 0, this.lines.length);
  }

  /** Entries lost of which the gap records are in the queue. */
  get untold(): number {
    let untold = 0;
    for (const { dropped } of this.gaps.values()) untold += dropped;
    return untold;
  }

  /** How many of the whole lines in the first bytes are no gap records. */
  entriesIn(bytes: number): number {
    if (bytes === this.lines.length) return this.lineCount - this.gaps.size;
    let entries = 0;
    forEachLine(this.lines.bytes, 0, bytes, (start, end) => {
      if (!this.gaps.has(seqOfLine(this.lines.bytes, start, end))) entries++;
    });
    return entries;
  }

  /** Whether the queue begins with the rest of a line. */
  get isCut(): boolean {
    return this.cutSeq > 0;
  }

  /** Bytes that were written and not synced. */
  get unsyncedBytes(): number {
    return this.#unsynced?.length ?? 0;
  }

  /**
   * Appends whole lines that are encoded and numbered.
   *
   * @param entries - of them that are no gap records.
   */
  appendLines(lines: Uint8Array, entries: number): void {
    const count = countLines(lines);
    for (const [seq, gap] of gapsIn(lines, count - entries)) this.gaps.set(seq, gap);
    this.lines.append(lines);
    this.lineCount += count;
  }

  /** Takes bytes off the front. @returns entries that ended in them. */
  consume(bytes: number): number {
    const lines = this.lines;
    this.#unsynced?.add(lines.bytes.subarray(0, bytes));
    if (bytes === lines.length) {
      const entries = this.lineCount - this.gaps.size;
      this.#unsynced?.addGaps(this.gaps);
      this.gaps.clear();
      this.lineCount = 0;
      this.cutSeq = 0;
      lines.length = 0;
      if (lines.bytes.length > keptCapacityBytes) this.lines = new ByteBuffer();
      return entries;
    }
    if (bytes === 0) return 0;
    let entries = 0;
    let end = 0;
    forEachLine(lines.bytes, 0, bytes, (lineStart, lineEnd) => {
      const seq = lineStart === 0 && this.isCut ? this.cutSeq : seqOfLine(lines.bytes, lineStart, lineEnd);
      if (!this.#takeGap(seq)) entries++;
      end = lineEnd;
      this.lineCount--;
    });
    if (end === bytes) this.cutSeq = 0;
    else if (end > 0 || !this.isCut) this.cutSeq = seqOfLine(lines.bytes, end, lines.length);
    this.#removeFront(bytes);
    return entries;
  }

  /** Takes lines off the front that turned out to stand in the file. @returns entries among them. */
  skipThrough(lastSeq: number): number {
    return this.consume(this.length - linesBehind(this.view(), lastSeq).length);
  }

  /** Removes the rest of a line whose beginning is gone. @returns entries lost: 1, or 0 for a gap record. */
  dropCut(): number {
    const { bytes } = this.lines;
    const lost = this.#takeGap(this.cutSeq) ? 0 : 1;
    this.cutSeq = 0;
    this.lineCount--;
    this.#removeFront(bytes.indexOf(newline) + 1);
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
    this.lines = joined([back.bytes, this.lines.view()]);
    this.lineCount += lines;
    this.gaps = new Map([...back.gaps, ...this.gaps]);
    this.cutSeq = 0;
    return lines - back.gaps.size;
  }

  /** Forgets what was written before the last `bytes`, because it is synced. */
  keepUnsynced(bytes: number): void {
    this.#unsynced?.keepLast(bytes);
  }

  /** Whether an entry is in the queue. It is looked for from the end: quickly when it came in just now. */
  has(seq: number): boolean {
    const { bytes, length } = this.lines;
    for (let end = length; end > 0; ) {
      const start = end < 2 ? 0 : bytes.lastIndexOf(newline, end - 2) + 1;
      const found = seqOfLine(bytes, start, end);
      if (found <= seq) return found === seq && !this.gaps.has(seq);
      end = start;
    }
    return false;
  }

  /** @returns entries that were in the queue. */
  clear(): number {
    const entries = this.lineCount - this.gaps.size;
    this.lines = new ByteBuffer();
    this.lineCount = 0;
    this.gaps.clear();
    this.cutSeq = 0;
    this.#unsynced?.take();
    return entries;
  }

  #takeGap(seq: number): boolean {
    const gap = this.gaps.get(seq);
    if (gap === undefined) return false;
    this.#unsynced?.addGaps(new Map([[seq, gap]]));
    return this.gaps.delete(seq);
  }

  #removeFront(bytes: number): void {
    this.lines.bytes.copyWithin(0, bytes, this.lines.length);
    this.lines.length -= bytes;
  }
}

/** Bytes one behind the other. */
export function joined(parts: readonly Uint8Array[]): ByteBuffer {
  const all = new ByteBuffer(parts.reduce((sum, part) => sum + part.length, 0));
  for (const part of parts) all.append(part);
  return all;
}
