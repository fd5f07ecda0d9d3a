import type { LogEntry } from "@waybill/protocols";
import type { ReadEntry } from "./segment-cursor.ts";
import type { SegmentStream } from "./segment-stream.ts";

/**
 * The same entries, those that were written late by intent in their place by time as far as the window reaches, or else
 * as early as it does. All others keep the order of their stream, where the clock went back too.
 *
 * @param aheadMax - entries that are read ahead and kept in memory, integer ≥ 1.
 */
export function inTimeOrder(stream: SegmentStream, aheadMax: number): SegmentStream {
  const ahead: ReadEntry[] = [];
  let head: ReadEntry | undefined;
  let isAtEnd = false;

  const put = (found: ReadEntry | undefined): void => {
    if (found === undefined) return;
    let place = ahead.length;
    if (isLate(found.entry)) {
      while ((ahead[place - 1]?.entry.timestampMs ?? 0) > found.entry.timestampMs) place -= 1;
    }
    if (place === ahead.length) ahead.push(found);
    else ahead.splice(place, 0, found);
  };
  const fill = (): void => {
    while (ahead.length <= aheadMax && stream.advance()) put(stream.head);
  };
  const take = (): boolean => {
    head = ahead.shift();
    return head !== undefined;
  };
  return {
    get head() {
      return head;
    },
    advance() {
      if (!isAtEnd) fill();
      if (isAtEnd || ahead.length > aheadMax) return take();
      head = undefined;
      return false;
    },
    async load() {
      while (!isAtEnd && ahead.length <= aheadMax) {
        isAtEnd = !(await stream.load());
        if (isAtEnd) break;
        put(stream.head);
        fill();
      }
      return take();
    },
    close() {
      ahead.length = 0;
      head = undefined;
      stream.close();
    },
  };
}

/** What a flight recorder releases, and what stands for entries that were folded, is written after later entries. */
function isLate({ context }: LogEntry): boolean {
  const { recorded, repeated } = context;
  return recorded === true || (typeof repeated === "object" && repeated !== null);
}
