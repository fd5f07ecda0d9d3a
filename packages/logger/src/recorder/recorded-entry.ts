import type { EntrySource, Writer } from "@waybill/protocols";
import type { Link } from "./linked-list.ts";
import type { Ring } from "./ring.ts";

/** Where a recorded entry is written when its time has come: to the stream of its logger. */
export type RecordedTo = Pick<Writer, "write">;

/** One entry that is kept, and its places. It is kept as long as a ring holds it. */
export interface RecordedEntry {
  /** Rises with each entry: the order of time even when the clock is set. */
  readonly order: number;
  /** The bytes of its line, see `LineRecorder`. */
  readonly line: string;
  readonly source: EntrySource;
  readonly to: RecordedTo;
  /** The ring of its container, and its place there. */
  container: Ring | undefined;
  inContainer: Link<RecordedEntry> | undefined;
  /** The ring of its correlation id, and its place there. */
  correlation: Ring | undefined;
  inCorrelation: Link<RecordedEntry> | undefined;
  /** Its place among all entries; undefined once it is no longer kept. */
  inAll: Link<RecordedEntry> | undefined;
}
