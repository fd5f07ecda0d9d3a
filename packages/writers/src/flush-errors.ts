import { WaybillError } from "@waybill/protocols";
import type { WriterFailure } from "./failure.ts";

/** @throws the failure, if there is one. */
export function throwIf(failure: WaybillError | undefined): void {
  if (failure !== undefined) throw failure;
}

export function writerClosed(path: string): WaybillError {
  return new WaybillError("WAYBILL_WRITER_CLOSED", `${path} is closed`, { details: { path } });
}

/** Entries that were accepted are still in memory. */
export function flushFailed(path: string, queued: number, failure: WriterFailure | undefined): WaybillError {
  return new WaybillError(
    "WAYBILL_FLUSH_FAILED",
    `${queued} entries could not be written to ${path}: ${failure?.message ?? "the queue was full"}`,
    { details: { path, queued, errno: failure?.code } },
  );
}

/** The active segment stays what it is. @param failure - undefined when it merely took too long. */
export function sealFailed(path: string, failure: WriterFailure | undefined): WaybillError {
  return new WaybillError(
    "WAYBILL_SEAL_FAILED",
    `${path} could not be sealed: ${failure?.message ?? "it was not done in time"}`,
    { details: { path, errno: failure?.code } },
  );
}

/** Everything is written, but the power may take it. */
export function syncFailed(path: string, cause: unknown): WaybillError {
  return new WaybillError("WAYBILL_SYNC_FAILED", `fsync of ${path} failed`, { cause, details: { path } });
}
