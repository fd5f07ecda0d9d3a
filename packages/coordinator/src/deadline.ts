import { type Clock, type Timer, WaybillError } from "@waybill/protocols";

/**
 * Waits for work, but not for ever, and keeps the process alive meanwhile: the timers of a {@link Clock} do not, and a
 * process that ends in the middle of its shutdown has not shut down. The work itself goes on after the deadline; its
 * later failure is not reported again.
 *
 * @throws {WaybillError} `WAYBILL_SHUTDOWN_TIMEOUT` after `deadlineMs`; otherwise what the work throws.
 */
export async function withDeadline(
  work: Promise<unknown>,
  deadlineMs: number,
  what: string,
  clock: Clock,
): Promise<void> {
  const keepAlive = setInterval(() => undefined, keepAliveMs);
  let timer: Timer | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = clock.setTimer(() => {
      reject(new WaybillError("WAYBILL_SHUTDOWN_TIMEOUT", `${what} did not end within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    // A promise that has lost the race was still listened to, so its later rejection is not an unhandled one.
    await Promise.race([work, timeout]);
  } finally {
    timer?.cancel();
    clearInterval(keepAlive);
  }
}

/** The interval does nothing; only that it is there matters. */
const keepAliveMs = 60_000;
