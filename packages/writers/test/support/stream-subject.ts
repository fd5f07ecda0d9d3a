import { gunzipSync } from "node:zlib";
import { compareSegments, parseEntry, parseSegmentName } from "@waybill/log-tree";
import {
  type EntryInput,
  type FileSystem,
  gapMessage,
  type Level,
  type LogEntry,
  type Writer,
} from "@waybill/protocols";
import {
  createFakeClock,
  createFaultyFileSystem,
  type FakeClock,
  type FaultyFileSystem,
} from "@waybill/testing";
import type { StreamOptions } from "../../src/writer-options.ts";
import { createWriterPool, type WriterPool, type WriterPoolOptions } from "../../src/writer-pool.ts";

export const directory = "/logs/containers/c1";
export const activePath = `${directory}/app.log`;
const source = { containerId: "c1", componentName: "app" };

/** Entry number `n` of a test; its context says so. */
export function entryOf(n: number, level: Level = "INFO", more: Record<string, unknown> = {}): EntryInput {
  return {
    timestampMs: Date.UTC(2026, 0, 1) + n,
    level,
    message: "entry",
    source,
    scope: "component_internal",
    correlationId: undefined,
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context: { n, ...more },
  };
}

export interface StreamSubject {
  readonly files: FaultyFileSystem;
  readonly clock: FakeClock;
  readonly pool: WriterPool;
  readonly writer: Writer;
}

/** What a subject can be given instead of a new one. */
export interface SubjectParts {
  readonly files?: FaultyFileSystem;
  readonly clock?: FakeClock;
  readonly poolOptions?: WriterPoolOptions;
}

/** One stream in a pool of its own, over memory and a clock that stands. */
export function openSubject(options: StreamOptions = {}, parts: SubjectParts = {}): StreamSubject {
  const { clock = createFakeClock(), files = createFaultyFileSystem({ clock }), poolOptions = {} } = parts;
  const pool = createWriterPool({ descriptorsMax: 16, ...poolOptions }, { fileSystem: files, clock });
  return { files, clock, pool, writer: pool.open(activePath, options) };
}

/** Writes entries `from … to`. */
export function writeRange(writer: Writer, from: number, to: number, level: Level = "INFO"): void {
  for (let n = from; n <= to; n++) writer.write(entryOf(n, level));
}

type DirectoryReader = Pick<FileSystem, "lstat" | "readdir">;

/** Files that a stream can be read back from, in memory or on disk. */
export interface ReadableFiles extends DirectoryReader {
  readonly outside: { readFile(path: string): Uint8Array };
}

/** Names in a directory, sorted; none when it is missing. */
export function namesIn(files: DirectoryReader, path = directory): string[] {
  if (files.lstat(path) === undefined) return [];
  return files.readdir(path).map(({ name }) => name);
}

/** The segments of a stream from the oldest to the active one. */
export function segmentNames(files: DirectoryReader, path = directory, component = "app"): string[] {
  return namesIn(files, path)
    .flatMap((name) => parseSegmentName(name) ?? [])
    .filter((name) => name.component === component && !name.temporary && name.aside === undefined)
    .sort(compareSegments)
    .map((name) =>
      namesIn(files, path).find((candidate) => {
        const parsed = parseSegmentName(candidate);
        return parsed !== undefined && !parsed.temporary && compareSegments(parsed, name) === 0;
      }),
    )
    .flatMap((name) => name ?? []);
}

/** Every entry of the stream in file order, gap records included. A line that is no entry is an error. */
export function readStream(files: ReadableFiles, path = directory, component = "app"): LogEntry[] {
  return segmentNames(files, path, component).flatMap((name) => {
    const bytes = Buffer.from(files.outside.readFile(`${path}/${name}`));
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    if (text !== "" && !text.endsWith("\n")) throw new Error(`${name} ends in half a line`);
    return text
      .split("\n")
      .slice(0, -1)
      .map((line) => {
        const entry = parseEntry(line);
        if (entry === undefined)
          throw new Error(`no entry in ${name}: ${JSON.stringify(line.slice(0, 200))}`);
        return entry;
      });
  });
}

export function isGap(entry: LogEntry): boolean {
  return entry.message === gapMessage;
}

/** The `n` of the entries, without gap records. */
export function numbersOf(entries: readonly LogEntry[]): unknown[] {
  return entries.filter((entry) => !isGap(entry)).map((entry) => entry.context["n"]);
}

/** The gaps that gap records tell of. */
export function gapsOf(entries: readonly LogEntry[]): Record<string, unknown>[] {
  return entries.filter(isGap).map((entry) => entry.context["gap"] as Record<string, unknown>);
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** What is not accounted for; 0 at every moment. */
export function unaccounted(writer: Writer): number {
  const { accepted, written, queued, dropped } = writer.status();
  return accepted - written - queued - dropped;
}

/** The code of what a promise rejects with; "resolved" when it does not. */
export async function codeOfRejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
}
