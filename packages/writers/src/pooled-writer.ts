import type { Writer } from "@waybill/protocols";
import type { Predecessor } from "./predecessor.ts";

/** A writer as its pool keeps it. Once it is being closed, it may be the predecessor of another. */
export interface PooledWriter extends Writer, Predecessor {
  /** Begins to write what waits, without waiting for it. */
  drain(): void;
  /** Lets the file go; the next entry opens what then has the path. For rotation by somebody else. */
  reopen(): void;
}
