/** When and as which number of its stream a segment was sealed. */
export interface Seal {
  /** Milliseconds since the epoch, years 0 to 9999. For people: the order of segments is that of `number`. */
  readonly sealedMs: number;
  /** Position among the sealed segments of its stream, integer ≥ 1; rises, never used twice. */
  readonly number: number;
}

/** The parts of the file name of a segment. */
export interface SegmentName {
  /** Path part of the component (see `encodePathPart`), not its id. */
  readonly component: string;
  /** Path part of the process that owns this part file; undefined for the first writer of a component. */
  readonly writer: string | undefined;
  /** Undefined for the active segment. */
  readonly seal: Seal | undefined;
  /** Ends in `.gz`. Sealed segments only. */
  readonly compressed: boolean;
  /** Ends in `.part`: being made, or left behind by a crash. Sealed segments only. Readers pass it over. */
  readonly temporary: boolean;
}

/** What {@link formatSegmentName} needs: all but `component` may be left out. */
export interface SegmentNameParts {
  /** Path part of the component (see `encodePathPart`), not its id. */
  readonly component: string;
  /** Path part of the writing process, such as its pid; at most 64 bytes, for the file name stays below 255. */
  readonly writer?: string | undefined;
  /** Leave out for the active segment. */
  readonly seal?: Seal | undefined;
  /** Default false. Ignored for the active segment, which is never compressed. */
  readonly compressed?: boolean | undefined;
  /** Default false. Ignored for the active segment. */
  readonly temporary?: boolean | undefined;
}

const pathPart = /^[A-Za-z0-9._%~-]+$/;
const sealedName = /^(.+)\.(\d{8}T\d{9}Z)-(\d{6}|[1-9]\d{6,14})\.log(\.gz)?(\.part)?$/;
const activeName = /^(.+)\.log$/;

/**
 * The file name of a segment: `<component>.log`, `<component>@<writer>.log`,
 * `<component>.<stamp>-<number>.log[.gz][.part]`.
 *
 * @throws {RangeError} when the number is no integer ≥ 1 or the year is not 0 to 9999.
 */
export function formatSegmentName(parts: SegmentNameParts): string {
  const { component, writer, seal, compressed = false, temporary = false } = parts;
  const stem = writer === undefined ? component : `${component}@${writer}`;
  if (seal === undefined) return `${stem}.log`;
  if (!Number.isSafeInteger(seal.number) || seal.number < 1) {
    throw new RangeError(`the number of a sealed segment is an integer from 1 on, not ${seal.number}`);
  }
  const number = String(seal.number).padStart(6, "0");
  return `${stem}.${formatStamp(seal.sealedMs)}-${number}.log${compressed ? ".gz" : ""}${temporary ? ".part" : ""}`;
}

/** The parts of a segment's file name, or undefined when the name is that of no segment. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const sealed = sealedName.exec(name);
  const [, stem = "", stamp = "", digits = "", gz, temporary] = sealed ?? activeName.exec(name) ?? [];
  const [component = "", writer, ...rest] = stem.split("@");
  if (!pathPart.test(component) || rest.length > 0) return undefined;
  if (writer !== undefined && !pathPart.test(writer)) return undefined;
  if (sealed === null) return { component, writer, seal: undefined, compressed: false, temporary: false };
  const sealedMs = parseStamp(stamp);
  const number = Number(digits);
  if (sealedMs === undefined || number < 1) return undefined;
  return {
    component,
    writer,
    seal: { sealedMs, number },
    compressed: gz !== undefined,
    temporary: temporary !== undefined,
  };
}

/**
 * Orders the segments of one stream from the oldest to the newest: sealed ones by number, the active one last. Names
 * of several streams are kept together by component and writer.
 */
export function compareSegments(a: SegmentName, b: SegmentName): number {
  return (
    compareText(a.component, b.component) ||
    compareText(a.writer ?? "", b.writer ?? "") ||
    orderOf(a) - orderOf(b) ||
    (a.seal?.sealedMs ?? 0) - (b.seal?.sealedMs ?? 0) ||
    Number(a.compressed) - Number(b.compressed) ||
    Number(a.temporary) - Number(b.temporary)
  );
}

/** `yyyymmddThhmmssmmmZ` of a moment, UTC. @throws {RangeError} outside the years 0 to 9999. */
export function formatStamp(timestampMs: number): string {
  const iso = new Date(timestampMs).toISOString();
  if (iso.length !== 24) throw new RangeError(`a stamp has a year from 0 to 9999, not that of ${iso}`);
  return iso.replace(/[-:.]/g, "");
}

/** Milliseconds since the epoch of a stamp, or undefined for text or dates that are none (30 February). */
export function parseStamp(stamp: string): number | undefined {
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\d)(\d{3}Z)$/, "$1-$2-$3:$4:$5.$6");
  const timestampMs = Date.parse(iso);
  // Date.parse takes 30 February as 1 or 2 March; only the way back tells.
  return !Number.isNaN(timestampMs) && new Date(timestampMs).toISOString() === iso ? timestampMs : undefined;
}

function orderOf(name: SegmentName): number {
  return name.seal?.number ?? Number.MAX_SAFE_INTEGER;
}

/** Compares by code unit: the same on every machine, unlike locale order. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
