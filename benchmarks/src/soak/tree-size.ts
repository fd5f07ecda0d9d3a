import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a walk over a tree has found. */
export interface TreeSize {
  /** Of all files whatever they are; one with two names counts once. */
  readonly bytes: number;
  readonly files: number;
}

/** Walks a tree that somebody may be changing: what vanishes meanwhile does not count. */
export function treeSizeOf(root: string): TreeSize {
  const sizes = new Map<bigint, number>();
  const visit = (directory: string): void => {
    for (const entry of entriesOf(directory)) {
      const inner = join(directory, entry.name);
      if (entry.isDirectory()) visit(inner);
      else {
        const stat = statOf(inner);
        if (stat !== undefined) sizes.set(stat.ino, Number(stat.size));
      }
    }
  };
  visit(root);
  let bytes = 0;
  for (const size of sizes.values()) bytes += size;
  return { bytes, files: sizes.size };
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function statOf(file: string): BigIntStats | undefined {
  try {
    return lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
