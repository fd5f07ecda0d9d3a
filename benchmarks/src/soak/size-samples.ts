import type { ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { atStandstill } from "./standstill.ts";
import { treeSizeOf } from "./tree-size.ts";

/** The sizes of a tree while a process writes it. */
export interface SizeSamples {
  readonly samples: number;
  readonly largestBytes: number;
  readonly meanBytes: number;
  readonly filesMax: number;
}

/**
 * Samples the size of a tree until its application ends. The application stands still (SIGSTOP) during each walk: else
 * files counted early would be deleted, and their room used by files counted late, and the sum be one that never was.
 */
export async function sampleSizes(
  root: string,
  application: ChildProcess,
  intervalMs: number,
): Promise<SizeSamples> {
  let samples = 0;
  let sumBytes = 0;
  let largestBytes = 0;
  let filesMax = 0;
  while (application.exitCode === null && application.signalCode === null) {
    const size = await atStandstill(application, () => treeSizeOf(root));
    if (size !== undefined) {
      samples += 1;
      sumBytes += size.bytes;
      largestBytes = Math.max(largestBytes, size.bytes);
      filesMax = Math.max(filesMax, size.files);
    }
    await wait(intervalMs);
  }
  return { samples, largestBytes, meanBytes: sumBytes / Math.max(1, samples), filesMax };
}
