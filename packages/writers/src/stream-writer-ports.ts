import type { EntryEncoder } from "@waybill/log-tree";
import type { Gap } from "@waybill/protocols";
import type { FlushSchedule } from "./flush-schedule.ts";
import type { Predecessor } from "./predecessor.ts";
import type { QueueBudget } from "./queue-budget.ts";
import type { StreamHealthPorts } from "./stream-health.ts";

/** What a stream writer works with. */
export interface StreamWriterPorts extends StreamHealthPorts {
  readonly encoder: EntryEncoder;
  readonly schedule: Pick<FlushSchedule, "add">;
  /** Common to the streams of this thread. */
  readonly budget: QueueBudget;
  /**
   * Told once when the files of the stream have been opened for the first time.
   *
   * @param activePath - where that is: of a part file when another process owns the directory.
   */
  readonly onOpened: (lastSeq: number, activePath: string) => void;
  /** Who had the files before: they are opened once it has let them go. */
  readonly before?: Predecessor | undefined;
  /** Takes what is found missing in the file, when the numbers are given out elsewhere. Default: it is told here. */
  readonly onGap?: (gap: Gap) => void;
  /** Told about each segment after it was sealed. */
  readonly onSealed: (sealedPath: string) => void;
  /**
   * Told of each completed write: when the oldest entry in it was accepted, and when it was written, milliseconds since
   * the epoch. Undefined when nobody wants to know.
   */
  readonly onWritten?: ((oldestMs: number, writtenMs: number) => void) | undefined;
}
