import { setTimeout as sleep } from "node:timers/promises";

/** Waits until something is so. @throws when it is not within `withinMs`. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const start = performance.now();
  while (!(await isSo())) {
    if (performance.now() - start > withinMs) throw new Error(`not so after ${withinMs} ms: ${isSo}`);
    await sleep(10);
  }
}
