import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { assembleFlows, type Flow, parseFlowRecord } from "@waybill/flows";
import { parseEntry, readEntries } from "@waybill/log-tree";
import type { FlowRecord, LogEntry } from "@waybill/protocols";

/** One log file as it lies on disk, read by nothing but its lines. */
export interface LogFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Whether every line is ended, the last one too. */
  readonly isWhole: boolean;
  /** Undefined stands for a line that is no entry. */
  readonly entries: readonly (LogEntry | undefined)[];
}

/** Every log file of a tree, by path. */
export function logFilesOf(root: string): ReadonlyMap<string, LogFile> {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".log"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  return new Map(paths.map((path) => [path, readLogFile(root, path)]));
}

function readLogFile(root: string, path: string): LogFile {
  const lines = readFileSync(join(root, path), "utf8").split("\n");
  const afterLast = lines.pop();
  return { path, isWhole: afterLast === "", entries: lines.map((line) => parseEntry(line)) };
}

/** The entries of one file; none when there is no such file. */
export function entriesOf(root: string, path: string): readonly LogEntry[] {
  const entries = logFilesOf(root).get(path)?.entries ?? [];
  return entries.filter((entry) => entry !== undefined);
}

/** Rebuilds all flows from the files alone. */
export async function flowsOf(root: string): Promise<readonly Flow[]> {
  const records: FlowRecord[] = [];
  for await (const { entry } of readEntries(root, { kinds: ["flow"] })) {
    const record = parseFlowRecord(entry);
    if (record !== undefined) records.push(record);
  }
  return assembleFlows(records);
}
