import * as fs from "node:fs";
import * as path from "node:path";

/**
 * The mount points of this machine, absolute, told by Linux. Elsewhere none are known; another disk still shows by
 * its device number, only a directory of the same disk that is mounted a second time does not.
 *
 * @param root - the paths below it are given as they read from there, though a part of it may be a link.
 */
export function readMountPoints(root: string): readonly string[] {
  try {
    const real = fs.realpathSync(root);
    const lines = fs.readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return lines
      .map((line) => unescapeMount(line.split(" ")[4] ?? ""))
      .filter((mount) => mount.startsWith(real + path.sep))
      .map((mount) => root + mount.slice(real.length));
  } catch {
    // No Linux, or no such directory: what is looked up next tells the latter.
    return [];
  }
}

/** Spaces and backslashes stand as octal numbers. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
