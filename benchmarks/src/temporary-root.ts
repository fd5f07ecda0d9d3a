import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What a shell reports for a process that a signal ended. */
const exitCodes: Readonly<Record<(typeof signals)[number], number>> = {
  SIGINT: 130,
  SIGTERM: 143,
  SIGHUP: 129,
};

/**
 * Works in a directory below the system's temporary one, and removes it afterwards: whatever happened, Ctrl-C included.
 *
 * @param onInterrupt - ends what still writes there, before the directory goes.
 */
export async function withTemporaryRoot<T>(
  work: (root: string) => Promise<T>,
  onInterrupt: () => void,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  const remove = (): void => rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  const end = (signal: (typeof signals)[number]): void => {
    onInterrupt();
    remove();
    process.exit(exitCodes[signal]);
  };
  for (const signal of signals) process.once(signal, end);
  try {
    return await work(root);
  } finally {
    for (const signal of signals) process.off(signal, end);
    remove();
  }
}
