import { WaybillError } from "@waybill/protocols";
import type { WriterFailure } from "./failure.ts";

/** Entries that were accepted are still in memory. */
export function flushFailed(path: string, queued: number, failure: WriterFailure | undefined): WaybillError {
  return new WaybillError(
    "WAYBILL_FLUSH_FAILED",
    `${queued} entries could not be written to ${path}: ${failure?.message ?? "the queue was full"}`,
    { details: { path, queued, errno: failure?.code } },
  );
}

/** Everything is written, but the power may take it. */
export function syncFailed(path: string, cause: unknown): WaybillError {
  return new WaybillError("WAYBILL_SYNC_FAILED", `fsync of ${path} failed`, { cause, details: { path } });
}
