import type { LanePassage } from "./lane-passage.ts";

/** Milliseconds between two tries to find room for the request. */
const retryMs = 5;

/**
 * Has the worker close the files of a stream; what could not be written is counted as dropped there.
 *
 * @param isGivenUp - whether nobody waits for it any more.
 */
export async function leaveWorker(passage: LanePassage, isGivenUp: () => boolean): Promise<void> {
  while (!isGivenUp() && passage.stage !== "outside") {
    const isLeft = await new Promise<boolean>((resolve) => {
      if (!passage.sendClose(() => resolve(true))) setTimeout(resolve, retryMs, false);
    });
    if (isLeft) return;
  }
}
