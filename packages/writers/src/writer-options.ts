import { createRotationPeriod, type RotationInterval } from "./rotation-period.ts";

/**
 * When an entry leaves the process, and so what it is safe against.
 * - `sync`: before `write` returns. Safe against SIGKILL.
 * - `batched`: after `flushIntervalMs`, `batchEntriesMax` or 15 KiB, whichever comes first; ERROR and above at once,
 *   see `writeThrough`. Safe against every end of the process that Node tells about, and SIGTERM/SIGINT.
 * - `durable`: as `batched`, and `flush()` resolves only after fsync of file and directory. Safe against power loss up
 *   to the last `flush()`.
 */
export type WriterMode = "sync" | "batched" | "durable";

/** See `overflow` of {@link StreamOptions}. */
export type OverflowPolicy = "drop_lowest_level" | "drop_oldest" | "block";

/** How one stream is written. Every field has a default. */
export interface StreamOptions {
  /** Default `batched`. */
  readonly mode?: WriterMode;
  /**
   * Entries that may wait in memory while the file can be written. Integer, 1 to 1,000,000. Default 1,000.
   * Void in `sync`.
   */
  readonly batchEntriesMax?: number;
  /** Milliseconds that an entry may wait in memory, 1 to 60,000. Default 50. Void in `sync`. */
  readonly flushIntervalMs?: number;
  /**
   * Whether ERROR and above are handed on at once, and the call waits until the entry is written: CRITICAL always, up
   * to 20 ms; ERROR as long as all such waits stay below 2 % of the time. Switch it off for copies of entries that
   * are written elsewhere too. Default true. Void in `sync`.
   */
  readonly writeThrough?: boolean;
  /** Bytes of one segment; one longer entry gets a segment of its own. ≥ 1,024. Default 100 MiB. */
  readonly segmentBytesMax?: number;
  /** Whether sealed segments become `.gz`. Default false. */
  readonly compress?: boolean;
  /**
   * Milliseconds for which the newest sealed segment stays plain, so that whoever follows the stream need not unpack
   * it. 0 to 86,400,000. Default 60,000. Void without `compress`.
   */
  readonly compressDelayMs?: number;
  /**
   * Bytes that may wait in memory while the file cannot be written; beyond, entries are dropped. 4,096 to 1 GiB.
   * Default 4 MiB. In `durable` also the bytes after which a sync is made though nobody asked for it.
   */
  readonly queueBytesMax?: number;
  /**
   * What a full queue does. `drop_lowest_level`: the least severe entries go first, within a level the oldest.
   * `drop_oldest`. `block`: the call waits up to `blockMsMax` for room, then as `drop_lowest_level`. What is dropped is
   * counted and told by a gap record. Default `drop_lowest_level`.
   */
  readonly overflow?: OverflowPolicy;
  /** Milliseconds that one call may wait for room, 1 to 10,000. Default 100. Void unless `overflow` is `block`. */
  readonly blockMsMax?: number;
  /** Also begins a new segment each hour or day. Default `never`: by size alone. */
  readonly rotate?: RotationInterval;
  /** IANA name of the zone whose hours and days `rotate` means. Default `UTC`. */
  readonly timeZone?: string;
}

/** Stream options with every default filled in. */
export interface ResolvedStreamOptions extends Required<StreamOptions> {
  /** See `floorFileOf` of the pool. */
  readonly floorFile?: string | undefined;
}

/**
 * The options of a stream as they are now. Whoever is given these as {@link ResolvedStreamOptions} reads them with each
 * use: the pool may change them in place, see `reconfigure` of the pool.
 */
export type LiveStreamOptions = {
  -readonly [Name in keyof ResolvedStreamOptions]: ResolvedStreamOptions[Name];
};

/** Permission bits of new files: the owner writes, the group reads. */
export const fileMode = 0o640;
/** Permission bits of new directories. */
export const directoryMode = 0o750;

const defaults: ResolvedStreamOptions = {
  mode: "batched",
  batchEntriesMax: 1000,
  flushIntervalMs: 50,
  writeThrough: true,
  segmentBytesMax: 104_857_600,
  compress: false,
  compressDelayMs: 60_000,
  queueBytesMax: 4_194_304,
  overflow: "drop_lowest_level",
  blockMsMax: 100,
  rotate: "never",
  timeZone: "UTC",
};

const modes: readonly WriterMode[] = ["sync", "batched", "durable"];
const policies: readonly OverflowPolicy[] = ["drop_lowest_level", "drop_oldest", "block"];
const intervals: readonly RotationInterval[] = ["never", "hourly", "daily"];

/**
 * Fills in the defaults.
 *
 * @throws {TypeError | RangeError} naming the option, its range and the value given.
 */
export function resolveStreamOptions(options: StreamOptions = {}): ResolvedStreamOptions {
  const resolved: ResolvedStreamOptions = { ...defaults, ...definedFields(options) };
  requireOneOf("mode", resolved.mode, modes);
  requireOneOf("overflow", resolved.overflow, policies);
  requireOneOf("rotate", resolved.rotate, intervals);
  createRotationPeriod(resolved.rotate, resolved.timeZone);
  requireBoolean("compress", resolved.compress);
  requireBoolean("writeThrough", resolved.writeThrough);
  requireIntegerWithin("batchEntriesMax", resolved.batchEntriesMax, 1, 1_000_000);
  requireIntegerWithin("flushIntervalMs", resolved.flushIntervalMs, 1, 60_000);
  requireIntegerWithin("segmentBytesMax", resolved.segmentBytesMax, 1024, Number.MAX_SAFE_INTEGER);
  requireIntegerWithin("compressDelayMs", resolved.compressDelayMs, 0, 86_400_000);
  requireIntegerWithin("queueBytesMax", resolved.queueBytesMax, 4096, 1_073_741_824);
  requireIntegerWithin("blockMsMax", resolved.blockMsMax, 1, 10_000);
  return resolved;
}

function definedFields(options: StreamOptions): StreamOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  const words = allowed.map((word) => `"${word}"`);
  throw new TypeError(
    `${name} must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}, is ${JSON.stringify(value)}`,
  );
}

function requireBoolean(name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new TypeError(`${name} must be true or false, is ${JSON.stringify(value)}`);
}

/** @throws {RangeError} naming the option, its range and the value given. */
export function requireIntegerWithin(name: string, value: number, smallest: number, largest: number): void {
  if (!Number.isInteger(value) || value < smallest || value > largest) {
    throw new RangeError(`${name} must be an integer from ${smallest} to ${largest}, is ${String(value)}`);
  }
}

/** The first option in which two resolved sets differ, or undefined. */
export function differingOption(
  a: ResolvedStreamOptions,
  b: ResolvedStreamOptions,
): keyof StreamOptions | undefined {
  return (Object.keys(defaults) as (keyof StreamOptions)[]).find((name) => a[name] !== b[name]);
}
