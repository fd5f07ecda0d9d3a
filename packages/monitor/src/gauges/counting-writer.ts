import type { EntrySource, Writer } from "@waybill/protocols";
import type { EntryCounters, EntryTally } from "./entry-counters.ts";
import type { ErrorDigest } from "./error-digest.ts";

/** Who is told of the entries that pass a {@link createCountingWriter}. */
export interface EntryCounting {
  readonly counters: EntryCounters;
  /** Told of entries of level ERROR and above. Default nobody. */
  readonly errors?: ErrorDigest;
}

/**
 * Puts counting in front of a writer: whatever is offered to it is counted by container and level, whether the writer
 * takes it or drops it. Everything else is the writer's own.
 */
export function createCountingWriter(writer: Writer, { counters, errors }: EntryCounting): Writer {
  // One logger hands over the same source object each time, so most entries need no look-up.
  let lastSource: EntrySource | undefined;
  let lastTally: EntryTally | undefined;

  const tallyFor = (source: EntrySource): EntryTally => {
    if (lastTally === undefined || lastSource !== source) {
      lastSource = source;
      lastTally = counters.tallyOf(source.containerId);
    }
    return lastTally;
  };

  return {
    write(entry) {
      tallyFor(entry.source).add(entry.level);
      errors?.note(entry.level, entry.message);
      return writer.write(entry);
    },
    flush: () => writer.flush(),
    flushSync: () => writer.flushSync(),
    close: () => writer.close(),
    status: () => writer.status(),
  };
}
