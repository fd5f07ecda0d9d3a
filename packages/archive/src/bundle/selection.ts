import type { StreamKind } from "@waybill/log-tree";
import type { LogEntry } from "@waybill/protocols";

/** What goes into a bundle. At least one must be given; an entry has to meet all that are. */
export interface BundleSelection {
  /** Id of a container. Alone it takes the segments of the container whole, byte for byte. */
  readonly container?: string;
  /** `YYYY-MM-DD`, UTC: the entries of this day. */
  readonly day?: string;
  /** The entries and flow records with this correlation id, in all containers. */
  readonly correlationId?: string;
  /** The entries from `fromMs` on and before `toMs`, milliseconds since the epoch. */
  readonly timeRange?: { readonly fromMs: number; readonly toMs: number };
}

/** A {@link BundleSelection} that was looked through. */
export interface ResolvedSelection {
  /** Set when segments are taken whole. */
  readonly whole: boolean;
  readonly container: string | undefined;
  /** The kinds of streams to look through. The others repeat entries of these. */
  readonly kinds: readonly StreamKind[];
  /** A text that every line of interest has. */
  readonly contains: string | undefined;
  matches(entry: LogEntry): boolean;
  /** For the manifest. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const dayMs = 86_400_000;
/** Characters that every encoder of JSON leaves as they are. */
const plainText = /^[A-Za-z0-9 _.:,;+*=@#$%()[\]{}|~^!?-]+$/;

/** @throws {RangeError} for a selection of nothing, a day that is none, or a range that is empty. */
export function resolveSelection(selection: BundleSelection): ResolvedSelection {
  const { container, day, correlationId, timeRange } = selection;
  const ranges = [day === undefined ? undefined : rangeOfDay(day), timeRange].filter(
    (range) => range !== undefined,
  );
  for (const { fromMs, toMs } of ranges)
    if (!(fromMs < toMs))
      throw new RangeError(`a time range ends after its start, not from ${fromMs} to ${toMs}`);
  if (container === undefined && correlationId === undefined && ranges.length === 0)
    throw new RangeError("a bundle needs a container, a day, a correlation id or a time range");
  return {
    whole: correlationId === undefined && ranges.length === 0,
    container,
    kinds: container === undefined ? ["container", "flow", "system"] : ["container"],
    contains:
      correlationId !== undefined && plainText.test(correlationId) ? correlationId : timePrefix(ranges),
    matches: (entry) =>
      (correlationId === undefined || entry.correlationId === correlationId) &&
      ranges.every(({ fromMs, toMs }) => entry.timestampMs >= fromMs && entry.timestampMs < toMs),
    fields: {
      container,
      day,
      correlation_id: correlationId,
      from: timeRange && new Date(timeRange.fromMs).toISOString(),
      to: timeRange && new Date(timeRange.toMs).toISOString(),
    },
  };
}

function rangeOfDay(day: string): { fromMs: number; toMs: number } {
  const fromMs = Date.parse(`${day}T00:00:00.000Z`);
  if (Number.isNaN(fromMs) || !new Date(fromMs).toISOString().startsWith(`${day}T`))
    throw new RangeError(`a day is YYYY-MM-DD, not ${JSON.stringify(day)}`);
  return { fromMs, toMs: fromMs + dayMs };
}

/** The start that all timestamps of a range share, as they stand on disk: a search for bytes is faster than parsing. */
function timePrefix(ranges: readonly { fromMs: number; toMs: number }[]): string | undefined {
  const [range] = ranges;
  if (range === undefined) return undefined;
  const first = new Date(range.fromMs).toISOString();
  const last = new Date(range.toMs - 1).toISOString();
  const differ = [...first].findIndex((character, at) => character !== last[at]);
  const shared = differ < 0 ? first : first.slice(0, differ);
  return shared === "" ? undefined : `"${shared}`;
}
