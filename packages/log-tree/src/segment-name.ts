/** When and as which number of its stream a segment was sealed. */
export interface Seal {
  /** Milliseconds since the epoch, years 0 to 9999. For people: the order of segments is that of `number`. */
  readonly sealedMs: number;
  /** Position among the sealed segments of its stream, integer ≥ 1; rises, never used twice. */
  readonly number: number;
}

/** Why a writer put bytes out of the way: a crash has torn a line, or what bore its name was not its own. */
export type AsideReason = "torn" | "quarantine";

/** What a file is that a writer put out of the way and kept, beside the stream that it is no part of. */
export interface Aside {
  readonly reason: AsideReason;
  /** When it was put there. Milliseconds since the epoch, years 0 to 9999. */
  readonly setAsideMs: number;
}

/** The parts of the file name of a segment, or of what a writer put aside from one. */
export interface SegmentName {
  /** Path part of the component (see `encodePathPart`), not its id. */
  readonly component: string;
  /** Path part of the process that owns this part file; undefined for the first writer of a component. */
  readonly writer: string | undefined;
  /** Undefined for the active segment, and for what was set aside. */
  readonly seal: Seal | undefined;
  /** Defined when it is no segment: set aside, and never read as a log. */
  readonly aside: Aside | undefined;
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
  /** Only without `seal`. */
  readonly aside?: Aside | undefined;
  /** Default false. Ignored for the active segment, which is never compressed. */
  readonly compressed?: boolean | undefined;
  /** Default false. Ignored for the active segment. */
  readonly temporary?: boolean | undefined;
}

const pathPart = /^[A-Za-z0-9._%~-]+$/;
const sealedName = /^(.+)\.(\d{8}T\d{9}Z)-(\d{6}|[1-9]\d{6,14})\.log(\.gz)?(\.part)?$/;
const activeName = /^(.+)\.log$/;
const asideName = /^(.+)\.(\d{8}T\d{9}Z)\.(torn|quarantine)$/;

/**
 * The file name of a segment: `<component>.log`, `<component>@<writer>.log`,
 * `<component>.<stamp>-<number>.log[.gz][.part]`, or `<component>.<stamp>.torn` or `.quarantine`.
 *
 * @throws {RangeError} when the number is no integer ≥ 1 or the year is not 0 to 9999.
 */
export function formatSegmentName(parts: SegmentNameParts): string {
  const { component, writer, seal, aside, compressed = false, temporary = false } = parts;
  const stem = writer === undefined ? component : `${component}@${writer}`;
  if (seal === undefined && aside !== undefined)
    return `${stem}.${formatStamp(aside.setAsideMs)}.${aside.reason}`;
  if (seal === undefined) return `${stem}.log`;
  if (!Number.isSafeInteger(seal.number) || seal.number < 1) {
    throw new RangeError(`the number of a sealed segment is an integer from 1 on, not ${seal.number}`);
  }
  const number = String(seal.number).padStart(6, "0");
  return `${stem}.${formatStamp(seal.sealedMs)}-${number}.log${compressed ? ".gz" : ""}${temporary ? ".part" : ""}`;
}

/** The parts of the file name of a segment or of what was set aside, or undefined for any other name. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const sealed = sealedName.exec(name);
  const setAside = sealed === null ? asideName.exec(name) : null;
  const [, stem = "", stamp = "", digits = "", gz, temporary] =
    sealed ?? setAside ?? activeName.exec(name) ?? [];
  const [component = "", writer, ...rest] = stem.split("@");
  if (!pathPart.test(component) || rest.length > 0) return undefined;
  if (writer !== undefined && !pathPart.test(writer)) return undefined;
  const unsealed = { component, writer, seal: undefined, compressed: false, temporary: false };
  if (setAside !== null) {
    const setAsideMs = parseStamp(stamp);
    const reason = setAside[3] === "torn" ? "torn" : "quarantine";
    return setAsideMs === undefined ? undefined : { ...unsealed, aside: { reason, setAsideMs } };
  }
  if (sealed === null) return { ...unsealed, aside: undefined };
  const sealedMs = parseStamp(stamp);
  const number = Number(digits);
  if (sealedMs === undefined || number < 1) return undefined;
  return {
    component,
    writer,
    seal: { sealedMs, number },
    aside: undefined,
    compressed: gz !== undefined,
    temporary: temporary !== undefined,
  };
}

/**
 * Orders the segments of one stream from the oldest to the newest: sealed ones by number, the active one last, and
 * behind it what was set aside. Names of several streams are kept together by component and writer.
 */
export function compareSegments(a: SegmentName, b: SegmentName): number {
  return (
    compareText(a.component, b.component) ||
    compareText(a.writer ?? "", b.writer ?? "") ||
    orderOf(a) - orderOf(b) ||
    (a.seal?.sealedMs ?? 0) - (b.seal?.sealedMs ?? 0) ||
    (a.aside?.setAsideMs ?? 0) - (b.aside?.setAsideMs ?? 0) ||
    compareText(a.aside?.reason ?? "", b.aside?.reason ?? "") ||
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
