import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Bytes of all files below a directory, by asking the disk and nothing else. A file that has two names counts once.
 *
 * In one go, without a turn of the event loop: what is renamed meanwhile would count twice, or not at all.
 */
export function treeBytes(root: string): number {
  const seen = new Set<string>();
  let bytes = 0;
  const directories = [root];
  for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
    for (const entry of entriesOf(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        directories.push(path);
        continue;
      }
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined || seen.has(`${stat.dev}:${stat.ino}`)) continue;
      seen.add(`${stat.dev}:${stat.ino}`);
      bytes += stat.size;
    }
  }
  return bytes;
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    // It was removed meanwhile.
    return [];
  }
}
