import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { replaceSection } from "./readme-section.ts";

/** Node version, cores and system: figures mean nothing without them. */
export function describeMachine(): string {
  return `Node ${process.versions.node}, ${availableParallelism()} cores, ${process.platform}`;
}

/** Prints a report, and puts it into its section of the README when asked. */
export function publishReport(section: string, text: string, writeReadme: boolean): void {
  console.log(text);
  if (!writeReadme) return;
  const readme = fileURLToPath(new URL("../README.md", import.meta.url));
  writeFileSync(readme, replaceSection(readFileSync(readme, "utf8"), section, text));
}
