import type { Clock, FileSystem } from "@waybill/protocols";
import type { DescriptorPool } from "./descriptor-pool.ts";
import type { DirectoryLocks } from "./ownership/directory-lock.ts";

/** What a stream needs from outside. */
export interface SegmentPorts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly descriptors: DescriptorPool;
  /** Default: this process is known to be the only one. */
  readonly locks?: DirectoryLocks;
  /** Whose files may be appended to; 0, that is root, means anybody's. Default: the user of this process. */
  readonly ownUid?: number;
}

/** Bytes that are not where they were, or never were whole. */
export interface Damage {
  /** `torn` and `foreign` bytes were set aside, `truncated` ones were taken by somebody else. */
  readonly reason: "torn" | "foreign" | "truncated";
  readonly bytes: number;
}

/** How the file is kept. */
export interface ActiveSegmentOptions {
  /** Whether names are made durable before others depend on them. */
  readonly isDurable: boolean;
  /** The lock of the directory. */
  readonly lockFile: string | undefined;
}

/** What was found when a stream was opened for the first time in this process. */
export interface OpenedStream {
  /** `seq` of the last entry in the stream; 0 for a new stream. */
  readonly lastSeq: number;
  /** What was set aside; undefined in the normal case. */
  readonly damage: Damage | undefined;
}
