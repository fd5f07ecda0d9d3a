import { readdir, readFile } from "node:fs/promises";

/** Open files of this process, sockets and pipes included. */
export interface DescriptorUsage {
  readonly open: number;
  /** The soft limit; undefined when there is none. */
  readonly limit: number | undefined;
}

/**
 * Counts the open descriptors of this process. Make it a source on Linux only: elsewhere it would be unmeasured in
 * every run, and the health degraded for it.
 *
 * @throws the error of the operating system where there is no `/proc`, as on macOS and Windows.
 */
export async function readDescriptors(): Promise<DescriptorUsage> {
  const [names, limits] = await Promise.all([
    readdir("/proc/self/fd"),
    readFile("/proc/self/limits", "utf8"),
  ]);
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  // One of them is that of the reading itself.
  return { open: Math.max(0, names.length - 1), limit: soft === undefined ? undefined : Number(soft) };
}
