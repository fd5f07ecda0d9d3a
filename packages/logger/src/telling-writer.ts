import type { EntryInput, Writer, WriterStatus } from "@waybill/protocols";

/** A stage in front of a writer: it keeps entries back, and tells of them later by entries of its own. */
export interface Stage {
  /** Takes an entry over, see `Writer`. */
  write(entry: EntryInput): boolean;
  /** Writes what is still to be told, and lets go of timers. */
  tell(): void;
  counts(): StageCounts;
}

/** What the writer behind a stage cannot know, in entries. */
export interface StageCounts {
  /** Those of the stage itself that the writer behind has taken. */
  readonly told: number;
  /** Those of the stage itself that the writer behind has refused. */
  readonly refused: number;
  /** Those that one of the told ones stands for; they count as written. */
  readonly represented: number;
  /** Those that are yet to be told of; they count as queued. */
  readonly waiting: number;
  /** Those lost. */
  readonly dropped: number;
}

/** A writer that may leave entries out or keep them back, in front of another. */
export interface StageWriter extends Writer {
  /** Hands what is still to be told to the writer behind, which may be a stage too, and flushes nothing. Never throws. */
  tell(): void;
  /** What this stage alone has done; `status` has it added to what the writer behind says. */
  counts(): StageCounts;
}

/** A stage and the writer behind it as one writer: what waits is told before each flush and before the end. */
export function tellingWriter(writer: Writer, stage: Stage): StageWriter {
  let closing: Promise<void> | undefined;
  const tell = (): void => {
    if (closing === undefined) stage.tell();
  };
  return {
    tell,
    counts: () => stage.counts(),
    write: (entry) => (closing === undefined ? stage.write(entry) : writer.write(entry)),
    flush() {
      tell();
      return writer.flush();
    },
    flushSync() {
      tell();
      return writer.flushSync();
    },
    close() {
      tell();
      closing ??= writer.close();
      return closing;
    },
    status: () => addCounts(writer.status(), stage.counts()),
  };
}

/** Counts what the stage was given, not what it made of it. */
function addCounts(status: WriterStatus, counts: StageCounts): WriterStatus {
  // Where the told ones are the writer behind does not say: on disk sooner or later, until then in its queue.
  const ofWritten = Math.min(counts.told, status.written);
  const ofQueued = Math.min(counts.told - ofWritten, status.queued);
  const ofDropped = Math.min(counts.told - ofWritten - ofQueued + counts.refused, status.dropped);
  const written = status.written - ofWritten + counts.represented;
  const queued = status.queued - ofQueued + counts.waiting;
  const dropped = status.dropped - ofDropped + counts.dropped;
  return { ...status, accepted: written + queued + dropped, written, queued, dropped };
}

/** Writes an entry of a stage, perhaps from a timer, where nobody would catch. @returns whether it was taken. */
export function isTaken(writer: Writer, entry: EntryInput): boolean {
  try {
    return writer.write(entry);
  } catch {
    return false;
  }
}
