import * as path from "node:path";
import { createEventLoopTurn, parseSegmentName, type TreeLedger } from "@waybill/log-tree";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import type { WriterPool } from "@waybill/writers";
import { activeFileOf } from "./active-file-of.ts";

/** What {@link createGrownFiles} works with. */
export interface GrownFilesParts {
  readonly ledger: Pick<TreeLedger, "note">;
  readonly pool: Pick<WriterPool, "streams">;
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem | undefined;
}

/** Keeps a ledger up with the streams that are open. */
export interface GrownFiles {
  /**
   * Looks at the files of streams that have written since the last look. All that was written before this call is in the
   * ledger afterwards. Lets the event loop turn every few milliseconds.
   */
  look(): Promise<void>;
}

interface SeenStream {
  /** Not the time of the last write: the clock may have been set back. */
  readonly bytesWritten: number;
  readonly inode: bigint | undefined;
  /** Segments sealed: by the inode alone not all would show, for that of a deleted segment is given to a new file. */
  readonly sealed: number;
}

/** Nothing was seen yet. */
export function createGrownFiles({ ledger, pool, fileSystem = nodeFileSystem }: GrownFilesParts): GrownFiles {
  let seen = new Map<string, SeenStream>();
  /** Number of the newest sealed segment that was noted here, by the active file of its stream. */
  const sealed = new Map<string, number>();

  /** Of a stream that a worker has sealed the news may be on their way: the active file is a small new one by then. */
  function noteSealedIn(directory: string): void {
    for (const { name } of listQuietly(directory)) {
      const number = parseSegmentName(name)?.seal?.number;
      if (number === undefined) continue;
      const file = path.join(directory, name);
      const active = activeFileOf(file);
      if (number <= (sealed.get(active) ?? 0)) continue;
      sealed.set(active, number);
      ledger.note(file);
    }
  }

  function listQuietly(directory: string): ReturnType<FileSystem["readdir"]> {
    try {
      return fileSystem.readdir(directory).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      // It was not written yet, or is gone.
      return [];
    }
  }

  return {
    async look() {
      const turn = createEventLoopTurn();
      const before = seen;
      const next = new Map<string, SeenStream>();
      const rotated = new Set<string>();
      for (const { path: file, status, sealed: sealedCount } of pool.streams()) {
        await turn();
        const { bytesWritten, queued } = status;
        const known = before.get(file);
        // What is on its way to a worker may be written already, and counted by the budget, but not told yet.
        if (queued === 0 && known?.bytesWritten === bytesWritten) {
          next.set(file, known);
          continue;
        }
        ledger.note(file);
        // After the note: one that was sealed in between shows by it.
        const inode = fileSystem.lstat(file)?.inode;
        // Without a file it is just being sealed, at either look.
        const isSame = inode !== undefined && known?.inode === inode && known.sealed === sealedCount;
        if (!isSame) rotated.add(path.dirname(file));
        next.set(file, { bytesWritten, inode, sealed: sealedCount });
      }
      for (const file of before.keys()) {
        if (next.has(file)) continue;
        ledger.note(file);
        sealed.delete(file);
      }
      seen = next;
      for (const directory of rotated) {
        await turn();
        noteSealedIn(directory);
      }
    },
  };
}
