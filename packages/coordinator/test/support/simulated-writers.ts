import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { parseSegmentName, readStreamFloor, type StreamAddress, type TreeLayout } from "@waybill/log-tree";
import type { Clock, Level } from "@waybill/protocols";
import type { FaultyFileSystem } from "@waybill/testing";
import type { PoolStream, SpaceBudget } from "@waybill/writers";

/** An entry as it was written: the truth that files are compared with. */
export interface TrueEntry {
  readonly timeMs: number;
  readonly seq: number;
  readonly level: Level;
  readonly correlationId: string | undefined;
}

/** A segment as it was written. */
export interface TrueSegment {
  readonly address: StreamAddress;
  readonly stream: string;
  readonly entries: readonly TrueEntry[];
  readonly text: string;
}

/** Whom the writers of one process tell, and what they may write. */
export interface WritersOfProcess {
  readonly space: SpaceBudget;
  readonly onPressure: () => void;
  readonly onSealed: (sealedPath: string) => void;
  readonly onCompressed: (compressedPath: string, sealedPath: string) => void;
}

interface OpenStream {
  bytesWritten: number;
  sealed: number;
  lastWriteMs: number;
}

const noiseBytes = 2500;
const floorKeptMs = 30 * 86_400_000;

/** Writers that keep to a space budget and seal by size, over files in memory, with all that they ever wrote. */
export class SimulatedWriters {
  /** By `<stream> <number>`. */
  readonly sealed = new Map<string, TrueSegment>();
  /** Those of {@link sealed} that were sealed before the last look. */
  readonly known = new Set<string>();
  /** By path. */
  readonly active = new Map<string, TrueSegment>();
  /** Since the last {@link takeCounts}. */
  #written = 0;
  #compressedAway = 0;
  readonly #open = new Map<string, OpenStream>();
  readonly #files: FaultyFileSystem;
  readonly #layout: TreeLayout;
  readonly #clock: Clock;
  readonly #segmentBytes: number;
  #process: WritersOfProcess | undefined;

  constructor(files: FaultyFileSystem, layout: TreeLayout, clock: Clock, segmentBytes: number) {
    this.#files = files;
    this.#layout = layout;
    this.#clock = clock;
    this.#segmentBytes = segmentBytes;
  }

  /** A new process begins, and has nothing open. */
  begin(process: WritersOfProcess): void {
    this.#open.clear();
    this.#process = process;
  }

  takeCounts(): { readonly written: number; readonly compressedAway: number } {
    const counts = { written: this.#written, compressedAway: this.#compressedAway };
    this.#written = 0;
    this.#compressedAway = 0;
    return counts;
  }

  /** @returns whether there was room for it. */
  write(address: StreamAddress, level: Level, correlationId: string | undefined): boolean {
    const file = this.#layout.activeFile(address);
    const stream = this.#layout.locate(file)?.stream ?? "";
    const before = this.active.get(file) ?? { address, stream, entries: [], text: "" };
    const entry = { timeMs: this.#clock.now(), seq: this.#nextSeq(file, stream), level, correlationId };
    const line = lineOf(entry);
    const space = this.#process?.space;
    if (space === undefined || space.remainingBytes < line.length) {
      this.#process?.onPressure();
      return false;
    }
    space.add(-line.length);
    const text = before.text + line;
    this.#files.outside.writeFile(file, text);
    this.active.set(file, { address, stream, entries: [...before.entries, entry], text });
    const open = this.#open.get(file) ?? { bytesWritten: 0, sealed: 0, lastWriteMs: 0 };
    open.bytesWritten += line.length;
    open.lastWriteMs = this.#clock.now();
    this.#open.set(file, open);
    this.#written += line.length;
    if (text.length >= this.#segmentBytes) this.seal(file);
    return true;
  }

  /** As a pool tells them. */
  streams(): readonly PoolStream[] {
    return [...this.#open].map(([file, { bytesWritten, sealed, lastWriteMs }]) => ({
      path: file,
      activeBytes: this.active.get(file)?.text.length ?? 0,
      sealed,
      lastWriteMs,
      status: {
        state: "open",
        accepted: 0,
        written: 0,
        queued: 0,
        dropped: 0,
        bytesWritten,
        lastFailure: undefined,
      },
    }));
  }

  /** Also one that an earlier process has left. */
  seal(file: string): void {
    const segment = this.active.get(file);
    if (segment === undefined) return;
    const floor = readStreamFloor(this.#layout.floorFile(file), this.#files)?.segmentNumber ?? 0;
    const number = Math.max(floor, this.#numbersIn(file).at(-1) ?? 0) + 1;
    const key = `${segment.stream} ${number}`;
    this.#forget(key);
    const sealedPath = this.#layout.sealedFile(segment.address, { sealedMs: this.#clock.now(), number });
    this.#files.outside.rename(file, sealedPath);
    this.sealed.set(key, segment);
    this.active.delete(file);
    const open = this.#open.get(file);
    if (open !== undefined) open.sealed += 1;
    isolate(() => this.#process?.onSealed(sealedPath));
  }

  /** Compresses one of the sealed segments in their place, as writers do some time after the seal. */
  compress(sealedPath: string): void {
    const { outside } = this.#files;
    const plain = outside.readFile(sealedPath);
    const packed = gzipSync(plain, { level: 1 });
    const space = this.#process?.space;
    if (space === undefined || space.remainingBytes < packed.length) return;
    space.add(-packed.length);
    outside.writeFile(`${sealedPath}.gz`, packed);
    outside.unlink(sealedPath);
    this.#compressedAway += plain.length - packed.length;
    isolate(() => this.#process?.onCompressed(`${sealedPath}.gz`, sealedPath));
  }

  /** Closes the streams in a directory: they are nobody's any more. */
  close(directory: string): void {
    for (const file of this.#open.keys()) if (path.dirname(file) === directory) this.#open.delete(file);
  }

  /** Numbers begin anew once nothing is left of a stream, nor of the note of its last number, which is kept for 30 days. */
  #forget(key: string): void {
    const lastMs = this.sealed.get(key)?.entries.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY;
    if (lastMs > this.#clock.now() - floorKeptMs) throw new Error(`number used twice: ${key}`);
    this.known.delete(key);
  }

  #nextSeq(file: string, stream: string): number {
    const last = this.active.get(file)?.entries.at(-1)?.seq;
    if (last !== undefined) return last + 1;
    const floor = readStreamFloor(this.#layout.floorFile(file), this.#files)?.seq ?? 0;
    const newest = this.#numbersIn(file).at(-1);
    const seq = newest === undefined ? 0 : this.sealed.get(`${stream} ${newest}`)?.entries.at(-1)?.seq;
    return Math.max(floor, seq ?? 0) + 1;
  }

  /** Of the sealed segments beside an active one, ascending. */
  #numbersIn(file: string): number[] {
    const directory = path.dirname(file);
    const component = parseSegmentName(path.basename(file))?.component;
    if (this.#files.lstat(directory) === undefined) return [];
    return this.#files
      .readdir(directory)
      .map(({ name }) => parseSegmentName(name))
      .filter((name) => name?.component === component && name?.temporary === false)
      .map((name) => name?.seal?.number ?? 0)
      .sort((a, b) => a - b);
  }
}

/** As a pool does: what a listener throws is not its business. */
function isolate(tell: () => void): void {
  try {
    tell();
  } catch {
    return;
  }
}

/** Of noise, so that archives take room too. */
function lineOf({ timeMs, seq, level, correlationId }: TrueEntry): string {
  const noise = Buffer.alloc(noiseBytes);
  let state = (timeMs ^ (seq * 2_654_435_761)) >>> 0;
  for (let at = 0; at < noiseBytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noise.writeUInt32LE(state, at);
  }
  return `${JSON.stringify({
    timestamp: new Date(timeMs).toISOString(),
    level,
    message: "entry",
    container_id: "a",
    component_name: "main",
    event_scope: "component_internal",
    ...(correlationId === undefined ? {} : { correlation_id: correlationId }),
    seq,
    context: { noise: noise.toString("base64") },
  })}\n`;
}
