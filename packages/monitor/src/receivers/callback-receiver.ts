import type { AlertEvent } from "../alerts/alert-event.ts";
import type { AlertReceiver } from "./alert-receiver.ts";

/** Options of {@link createCallbackReceiver}. */
export interface CallbackReceiverOptions {
  /** Calls that may be unfinished at a time, integer ≥ 1; events that find so many are lost and counted. Default 100. */
  readonly pendingMax?: number;
}

/** Counters of {@link createCallbackReceiver}. */
export interface CallbackReceiverStats {
  readonly delivered: number;
  /** Calls that threw or rejected. */
  readonly failed: number;
  /** Events lost because too many calls were unfinished. */
  readonly dropped: number;
}

/**
 * Hands alerts to a function, which may be asynchronous.
 *
 * @throws {RangeError} for a wrong `pendingMax`.
 */
export function createCallbackReceiver(
  callback: (event: AlertEvent) => void | Promise<void>,
  { pendingMax = 100 }: CallbackReceiverOptions = {},
): AlertReceiver & { stats(): CallbackReceiverStats } {
  if (!Number.isInteger(pendingMax) || pendingMax < 1)
    throw new RangeError(`pendingMax must be an integer from 1, not ${pendingMax}`);
  let pending = 0;
  let delivered = 0;
  let failed = 0;
  let dropped = 0;
  return {
    async receive(event) {
      if (pending >= pendingMax) {
        dropped += 1;
        return;
      }
      pending += 1;
      try {
        await callback(event);
        delivered += 1;
      } catch {
        failed += 1;
      } finally {
        pending -= 1;
      }
    },
    stats: () => ({ delivered, failed, dropped }),
  };
}
