import { gapMessage } from "@waybill/protocols";
import { lineFiles, parsedLines } from "../tree-lines.ts";

/** What the files of a soak say about what is not in them. */
export interface Conservation {
  /** Streams of components that have an entry left. */
  readonly streams: number;
  /** Entries left in them. */
  readonly entries: number;
  /** Entries that were offered after the first gap record left, or in all of a whole stream, and are not there. */
  readonly missing: number;
  /** Entries that those gap records tell as dropped. */
  readonly told: number;
  /**
   * Streams of which the records tell more than is missing, or, where no segment was deleted, less. 0 = nothing was lost
   * without a record, as far as what is left can show it.
   */
  readonly contradictions: number;
}

/** One line of a stream, as far as it tells what is there. */
export interface FoundLine {
  readonly seq: number;
  /** Of an entry: which one of its stream it is, from 0. */
  readonly ordinal: number | undefined;
  /** Of a gap record: entries dropped. */
  readonly dropped: number;
}

/**
 * Reads what is left of a soak, stream by stream.
 *
 * @param entries - offered in all; the one numbered `n` went to stream `n % streams`.
 */
export function checkConservation(root: string, entries: number, streams: number): Conservation {
  const sum = { streams: 0, entries: 0, missing: 0, told: 0, contradictions: 0 };
  for (const { stream, lines } of readStreams(root, streams).values()) {
    if (stream === undefined) continue;
    const offered = Math.ceil((entries - stream) / streams);
    const { missing, told, isWhole } = checkStream(lines, offered);
    sum.streams += 1;
    sum.entries += lines.filter(({ ordinal }) => ordinal !== undefined).length;
    sum.missing += missing;
    sum.told += told;
    if (told > missing || (isWhole && told < missing)) sum.contradictions += 1;
  }
  return sum;
}

/**
 * What is missing in a stream, and what its gap records tell.
 *
 * Where older segments were deleted, counting begins at the first gap record that is left. More may be missing than is
 * told there: a record stands before all that it tells of, among which other entries have survived, and may have gone
 * with the segment that it stood in.
 *
 * @param offered - entries, those dropped included.
 */
export function checkStream(
  lines: readonly FoundLine[],
  offered: number,
): { readonly missing: number; readonly told: number; readonly isWhole: boolean } {
  const ordered = [...lines].sort((a, b) => a.seq - b.seq);
  const isWhole = ordered.find(({ ordinal }) => ordinal !== undefined)?.ordinal === 0;
  const start = isWhole ? 0 : ordered.findIndex(({ dropped }) => dropped > 0);
  const before = ordered
    .slice(0, Math.max(0, start))
    .findLast(({ ordinal }) => ordinal !== undefined)?.ordinal;
  // A record at the very beginning of what is left: nobody knows where what it tells of begins.
  if (start === -1 || (!isWhole && before === undefined)) return { missing: 0, told: 0, isWhole };
  const counted = ordered.slice(start);
  const found = counted.filter(({ ordinal }) => ordinal !== undefined).length;
  const told = counted.reduce((sum, { dropped }) => sum + dropped, 0);
  return { missing: offered - ((before ?? -1) + 1) - found, told, isWhole };
}

interface FoundStream {
  /** Undefined until an entry was found. */
  stream: number | undefined;
  readonly lines: FoundLine[];
}

/** By the path that the files of a stream have in common. */
function readStreams(root: string, streams: number): Map<string, FoundStream> {
  const found = new Map<string, FoundStream>();
  for (const { path, bytes } of lineFiles(root)) {
    const [name] = /containers\/(?:[^/]+\/)+component_\d+/.exec(path)?.slice(0, 1) ?? [];
    if (name === undefined) continue;
    const lines = [...parsedLines(bytes)].flatMap((line) => (line === undefined ? [] : [foundLine(line)]));
    const index = lines.find((line) => line.index !== undefined)?.index;
    const key = name.replace(/\/\d{4}-\d\d-\d\d\//, "/");
    const stream = found.get(key) ?? { stream: undefined, lines: [] };
    found.set(key, stream);
    if (index !== undefined) stream.stream = index % streams;
    for (const line of lines)
      stream.lines.push({
        seq: line.seq,
        ordinal: line.index === undefined ? undefined : Math.floor(line.index / streams),
        dropped: line.dropped,
      });
  }
  return found;
}

function foundLine(line: object): { seq: number; index: number | undefined; dropped: number } {
  const { seq, message, context } = line as {
    readonly seq: number;
    readonly message: string;
    readonly context?: { readonly n?: number; readonly gap?: { readonly dropped: number } };
  };
  const isGap = message === gapMessage;
  return { seq, index: isGap ? undefined : context?.n, dropped: isGap ? (context?.gap?.dropped ?? 0) : 0 };
}
