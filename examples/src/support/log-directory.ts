import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Where an example logs to: its first argument, else a fresh temporary directory, to look at later. Prints which. */
export function logDirectory(): string {
  const given = process.argv[2];
  const directory =
    given === undefined ? join(mkdtempSync(join(tmpdir(), "waybill-")), "logs") : resolve(given);
  console.log(
    `Log tree: ${directory}${given === undefined ? " (kept; delete it when you have seen it)" : ""}`,
  );
  return directory;
}
