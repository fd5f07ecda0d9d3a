import type { LanePassage } from "./lane-passage.ts";

/** Milliseconds between two tries to find room for the request. */
const retryMs = 5;
/** The same once nobody waits any more. */
const lateRetryMs = 100;

/**
 * Has the worker close the files of a stream; what could not be written is counted as dropped there.
 *
 * @param isGivenUp - whether nobody waits for it any more. It goes on: others may wait for the files.
 */
export async function leaveWorker(passage: LanePassage, isGivenUp: () => boolean): Promise<void> {
  while (passage.stage !== "outside") {
    const isLeft = await new Promise<boolean>((resolve) => {
      if (passage.sendClose(resolve)) return;
      if (isGivenUp()) setTimeout(resolve, lateRetryMs, false).unref();
      else setTimeout(resolve, retryMs, false);
    });
    if (isLeft) return;
  }
}
