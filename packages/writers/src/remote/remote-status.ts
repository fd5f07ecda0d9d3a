import type { WriterState, WriterStatus } from "@waybill/protocols";
import type { EntryIntake } from "../entry-intake.ts";
import { failureStatus } from "../failure.ts";
import type { LanePassage } from "./lane-passage.ts";
import type { RemoteFailures } from "./remote-failures.ts";

/** @param isBehind - whether it has to wait for others before it can write as it should. @param inline - of the writer that goes on in this thread. */
export function remoteState(
  isClosed: boolean,
  isBehind: boolean,
  passage: LanePassage,
  inline: WriterStatus | undefined,
): WriterState {
  if (isClosed) return "closed";
  if (inline !== undefined) return inline.state;
  return passage.isDegraded || isBehind ? "degraded" : "open";
}

/** The status of a stream: what was counted here, by its workers, and by the writer that goes on in this thread. */
export function remoteStatus(
  state: WriterState,
  intake: EntryIntake,
  passage: LanePassage,
  failures: RemoteFailures,
  inline: WriterStatus | undefined,
): WriterStatus {
  const counts = passage.counts.total();
  const accepted = intake.accepted + (inline?.accepted ?? 0);
  const written = counts.written + (inline?.written ?? 0);
  const dropped = intake.dropped + counts.dropped + (inline?.dropped ?? 0);
  return {
    state,
    accepted,
    written,
    queued: accepted - written - dropped,
    dropped,
    bytesWritten: counts.bytesWritten + (inline?.bytesWritten ?? 0),
    lastFailure: inline?.lastFailure ?? failureStatus(failures.last),
  };
}
