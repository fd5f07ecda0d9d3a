import type { WriterStatus } from "@waybill/protocols";

/** A failed call to the operating system, as it is counted and told. */
export interface WriterFailure {
  /** Path of the active segment. */
  readonly path: string;
  /** `ENOSPC`, `EIO`, …; `UNKNOWN` for anything that carries no code. */
  readonly code: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** The `code` of an error of the operating system, or undefined. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Describes whatever was thrown, without ever throwing itself. */
export function describeFailure(path: string, error: unknown, atMs: number): WriterFailure {
  if (!(error instanceof Error))
    return { path, code: "UNKNOWN", message: typeof error === "string" ? error : typeof error, atMs };
  return { path, code: errnoOf(error) ?? "UNKNOWN", message: error.message, atMs };
}

/** A failure as a status tells it. */
export function failureStatus(failure: WriterFailure | undefined): WriterStatus["lastFailure"] {
  return failure && { code: failure.code, message: failure.message, atMs: failure.atMs };
}

/** Milliseconds before the first try after a failure. */
const firstRetryMs = 20;
/** A device that is full or gone is asked again at least this often, so that recovery shows within 1.5 s. */
const longestRetryMs = 1000;

/** Milliseconds to wait before the next try: 20, 40, 80 … 1,000. @param failures - failed tries so far, ≥ 1. */
export function retryDelayMs(failures: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
}
