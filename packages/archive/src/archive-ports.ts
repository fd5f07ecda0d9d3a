import type { TreeLayout } from "@waybill/log-tree";
import type { Clock, FileSystem } from "@waybill/protocols";
import type { LongCallOptions } from "./progress.ts";

/** Where archiving happens. */
export interface ArchivePorts {
  /** Of the tree whose segments are archived. */
  readonly layout: TreeLayout;
  /**
   * Default: that of this machine, whose calls then run in the thread pool of Node. Calls of a given one run on the
   * thread of the caller, and it cannot restore the times of files.
   */
  readonly fileSystem?: FileSystem;
  /** For the times in the manifest. Default: that of this machine. */
  readonly clock?: Clock;
}

/** Options of {@link archiveSegment}. */
export interface ArchiveSegmentOptions extends LongCallOptions {
  /** Level of gzip, integer 1 (fast) to 9 (small). Default 6. Ignored for a segment that is compressed already. */
  readonly level?: number;
}
