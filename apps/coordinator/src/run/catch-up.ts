/**
 * Deliveries between two flushes. Each leaves three flow records of about 350 bytes, so that what waits in memory for
 * one file stays at half of the 4 MiB at which writers begin to drop.
 */
const deliveriesMax = 2000;

/**
 * Keeps a run without a speed limit from outrunning its own logs: waits for a flush each time enough has been delivered.
 *
 * A flush that fails does not end the run: the writers keep what they can, count what they drop, and try again.
 *
 * @param flush - hands everything logged so far to the operating system.
 * @returns a function that takes the number of deliveries so far.
 */
export function createCatchUp(flush: () => Promise<void>): (deliveries: number) => Promise<void> {
  let flushedAt = 0;
  return async (deliveries) => {
    if (deliveries - flushedAt < deliveriesMax) return;
    flushedAt = deliveries;
    await flush().catch(() => undefined);
  };
}
