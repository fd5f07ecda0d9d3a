import type { LogSummary, WorkflowCoordinator } from "@waybill/coordinator";
import { isWaybillError } from "@waybill/protocols";
import type { EntryFigures } from "../report/report.ts";

const unwrittenCodes: readonly string[] = ["WAYBILL_FLUSH_FAILED", "WAYBILL_SYNC_FAILED"];

/** Ends all containers and closes all logs. Entries that could not be written are counted, see {@link missingEntries}. */
export async function closeLogs(coordinator: WorkflowCoordinator): Promise<void> {
  try {
    await coordinator.shutdown();
  } catch (error) {
    if (!isWaybillError(error) || !unwrittenCodes.includes(error.code)) throw error;
  }
}

/** What of the accepted entries and copies is in no file, once all logs are closed. */
export function missingEntries({
  accepted,
  written,
  dropped,
}: LogSummary["writers"]): Pick<EntryFigures, "dropped" | "unwritten"> {
  return { dropped, unwritten: Math.max(0, accepted - written - dropped) };
}
