import type { Writer } from "@waybill/protocols";

/** A writer as its pool keeps it. */
export interface PooledWriter extends Writer {
  /** Begins to write what waits, without waiting for it. */
  drain(): void;
  /** Lets the file go; the next entry opens what then has the path. For rotation by somebody else. */
  reopen(): void;
}
