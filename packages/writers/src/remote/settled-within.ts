/** Milliseconds after which `close` gives up a worker, or a predecessor, that does not answer. */
export const closeMsMax = 5000;

/**
 * Waits for some work, but not for ever.
 *
 * @returns whether it was done in time; what it does afterwards is ignored.
 * @throws what it rejects with in time.
 */
export async function settledWithin(work: Promise<void>, msMax: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, msMax, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
