import type { EntryEncoder } from "@waybill/log-tree";
import type { Clock } from "@waybill/protocols";
import type { WriterFailure } from "../failure.ts";
import type { FlushSchedule } from "../flush-schedule.ts";
import type { LaneSet } from "../lane/lane-set.ts";
import type { Predecessor } from "../predecessor.ts";
import type { QueueBudget } from "../queue-budget.ts";
import type { StreamWriter } from "../stream-writer.ts";
import type { LeftSeal } from "./left-seal.ts";
import type { WaitBudget } from "./wait-budget.ts";

/** What a remote stream writer works with. */
export interface RemoteStreamWriterPorts {
  readonly clock: Clock;
  readonly encoder: EntryEncoder;
  readonly schedule: Pick<FlushSchedule, "add">;
  readonly budget: QueueBudget;
  /** Common to the streams of this pool. */
  readonly waitBudget: WaitBudget;
  readonly lanes: LaneSet;
  /**
   * Writes the stream in this thread, when no worker does it any more.
   *
   * @param activePath - where a worker has written it; undefined when none has.
   */
  readonly createInline: (activePath: string | undefined) => StreamWriter;
  readonly lockFile: string | undefined;
  /** Who had the files before: they are opened once it has let them go. */
  readonly before: Predecessor | undefined;
  /** Told by each thread that opens the files. @param activePath - where they lie. */
  readonly onOpened: (lastSeq: number, activePath: string) => void;
  readonly onFailure: (failure: WriterFailure) => void;
  readonly onRecovered: (path: string) => void;
  readonly onSealed: (sealedPath: string) => void;
  /** See `onWritten` of the ports of a stream writer. */
  readonly onWritten?: ((oldestMs: number, writtenMs: number) => void) | undefined;
  /** Seals what an earlier run has left, once `before` has let the files go. */
  readonly sealLeft: (before: Predecessor | undefined) => LeftSeal;
}
