import type { EntrySource, Writer } from "@waybill/protocols";
import type { Predecessor } from "./predecessor.ts";
import type { WriterMode } from "./writer-options.ts";

/** What the next writer of a stream must know of the one that has ended. */
export interface StreamRest {
  /** `seq` of the last entry; 0 when there is none. */
  readonly lastSeq: number;
  /** Under whose name gap records are written. */
  readonly source: EntrySource | undefined;
}

/** A writer as its pool keeps it. Once it is being closed, it may be the predecessor of another. */
export interface PooledWriter extends Writer, Predecessor {
  /** Begins to write what waits, without waiting for it. */
  drain(): void;
  /** Lets the file go; the next entry opens what then has the path. For rotation by somebody else. */
  reopen(): void;
  /** In which mode it writes. If its options say another, and go on to, another writer has to replace it. */
  readonly mode: WriterMode;
  /** Its options were changed in place. */
  noteOptions(): void;
  /**
   * Ends before it returns, if this thread writes it and nothing is left in memory.
   *
   * @returns what {@link continueBehind} of the next one needs; undefined when it goes on.
   */
  endIfSaved(): StreamRest | undefined;
  /** Goes on where another has ended, before anything is written. */
  continueBehind(rest: StreamRest): void;
  /**
   * Seals the active segment, unless it is empty, behind what was accepted before.
   *
   * @throws {WaybillError} when that was not done, after 5 s at most for each that it has to wait for.
   */
  seal(): Promise<void>;
  /** Bytes in the active segment, as far as they are known. */
  readonly activeBytes: number;
  /** When the last write was completed, milliseconds since the epoch; 0 when none was. */
  readonly lastWriteMs: number;
}
