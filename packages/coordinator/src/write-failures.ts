import type { ContainerLogger } from "@waybill/logger";
import type { WriterFailure } from "@waybill/writers";

/** Tells in the tree which streams cannot be written, and which can again. */
export interface WriteFailures {
  noteFailure(failure: WriterFailure): void;
  /** @param path - of a stream that has failed and has caught up. */
  noteRecovered(path: string): void;
}

/** The limit of the tree, which all streams reach at once: it is told once, or the telling itself would fill the room. */
const spaceExhausted = "WAYBILL_SPACE_EXHAUSTED";

/** @param logger - asked for when there is something to tell: it writes to the same tree. */
export function createWriteFailures(logger: () => ContainerLogger): WriteFailures {
  /** Streams that wait for room, since the first of them did. */
  const waiting = new Set<string>();
  let waitingMax = 0;
  return {
    noteFailure({ path, code, message }) {
      const isFirst = waiting.size === 0;
      if (code === spaceExhausted) {
        waiting.add(path);
        waitingMax = Math.max(waitingMax, waiting.size);
        if (!isFirst) return;
      }
      logger().error("Writing failed", { path, code, reason: message, lifecycle_operation: "write_failed" });
    },
    noteRecovered(path) {
      const hasWaited = waiting.delete(path);
      if (hasWaited && waiting.size > 0) return;
      const streams = hasWaited ? { streams: waitingMax } : {};
      waitingMax = 0;
      logger().info("Writing works again", { path, ...streams, lifecycle_operation: "write_recovered" });
    },
  };
}
