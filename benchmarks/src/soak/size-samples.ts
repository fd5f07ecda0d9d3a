import type { ChildProcess } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
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
    if (!application.kill("SIGSTOP")) break;
    try {
      const { bytes, files } = treeSizeOf(root);
      samples += 1;
      sumBytes += bytes;
      largestBytes = Math.max(largestBytes, bytes);
      filesMax = Math.max(filesMax, files);
    } finally {
      application.kill("SIGCONT");
    }
    await wait(intervalMs);
  }
  return { samples, largestBytes, meanBytes: sumBytes / Math.max(1, samples), filesMax };
}
