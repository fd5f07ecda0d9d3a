/**
 * Every code that a Waybill error can carry. The list is closed and stable within a major version; messages are free.
 */
export const errorCodes = [
  /** The configuration has a wrong or unknown key or value. `details.issues` lists all of them. */
  "WAYBILL_CONFIG_INVALID",
  /** The configuration file is missing, unreadable, or no YAML or JSON. */
  "WAYBILL_CONFIG_UNREADABLE",
  /** The directory is no log tree. */
  "WAYBILL_TREE_NOT_FOUND",
  /** The log tree has a format version that this release does not know. */
  "WAYBILL_TREE_FORMAT_UNKNOWN",
  /** The log directory cannot be created or written. */
  "WAYBILL_TREE_UNWRITABLE",
  /** `write`, `flush` or `sync` after `close`. */
  "WAYBILL_WRITER_CLOSED",
  /** Entries accepted before `flush` could not be handed to the operating system. */
  "WAYBILL_FLUSH_FAILED",
  /** The operating system reported a failed fsync; the bytes may be lost with the power. */
  "WAYBILL_SYNC_FAILED",
  /** The active segment of a stream could not be sealed. `details.errno` says why, `EBUSY` when another process writes it. */
  "WAYBILL_SEAL_FAILED",
  /** All streams together have written what they may; entries wait, as with a full device, until there is room. */
  "WAYBILL_SPACE_EXHAUSTED",
  /** A path is already open in this process with other options. */
  "WAYBILL_WRITER_CONFLICT",
  /** A container id is already registered with other options. */
  "WAYBILL_CONTAINER_CONFLICT",
  /** No container of this id is registered. */
  "WAYBILL_CONTAINER_UNKNOWN",
  /** No factory is registered for the type of a container. */
  "WAYBILL_CONTAINER_TYPE_UNKNOWN",
  /** The manager, registry or coordinator is stopping or stopped. */
  "WAYBILL_COORDINATOR_STOPPED",
  /** Shutdown did not drain within its deadline. */
  "WAYBILL_SHUTDOWN_TIMEOUT",
  /** A segment cannot be archived now: not sealed, still live, changed, vanished or damaged. `details.reason` says which. */
  "WAYBILL_SEGMENT_UNARCHIVABLE",
  /** Something else stands where an archive, a bundle or a restored tree would go; it is left alone. */
  "WAYBILL_ARCHIVE_CONFLICT",
  /** What was written does not read back as what was packed; nothing was removed. */
  "WAYBILL_ARCHIVE_UNVERIFIED",
  /** A bundle is damaged, hostile or over a limit; nothing was restored. `details.reason` says why. */
  "WAYBILL_ARCHIVE_REFUSED",
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

/** What a {@link WaybillError} is made of beside its code and message. */
export interface WaybillErrorOptions {
  /** What went wrong underneath, usually an error of the operating system. */
  readonly cause?: unknown;
  /** Plain data for programs: paths, values, limits. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of the family. Recognise it by `code`, not by `instanceof`: two copies of this package may be
 * loaded. The logging path never throws it.
 */
export class WaybillError extends Error {
  override readonly name = "WaybillError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: WaybillErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
  }
}

const knownCodes: ReadonlySet<unknown> = new Set(errorCodes);

/**
 * Whether a value is a Waybill error, of whichever copy of this package, and of one code if given. A value that cannot
 * be looked at, such as a revoked proxy, is none: a guard answers, it does not fail.
 */
export function isWaybillError(value: unknown, code?: ErrorCode): value is WaybillError {
  try {
    if (!(value instanceof Error) || !("code" in value && "details" in value)) return false;
    const found = value.code;
    return knownCodes.has(found) && (code === undefined || found === code);
  } catch {
    return false;
  }
}
