import { assembleFlows, type Flow, parseFlowRecord } from "@waybill/flows";
import { isLogFile, listSegments, readEntries, readSegment } from "@waybill/log-tree";
import type { FlowRecord } from "@waybill/protocols";

/** What reading every line of a tree finds. */
export interface TreeCheck {
  readonly lines: number;
  /** Files that cannot be listed or read, lines that do not parse, numbers that are missing. */
  readonly faults: readonly string[];
  readonly foreignFiles: number;
}

/** Reads every line of every file of a tree. */
export async function checkTree(root: string): Promise<TreeCheck> {
  const { segments, summary, problems } = await listSegments(root);
  const faults = problems.map(({ path, code }) => `${path}: ${code}`);
  const lastByStream = new Map<string, number>();
  let lines = 0;
  for (const segment of segments.filter(isLogFile)) {
    const reading = readSegment(segment);
    for await (const { entry } of reading) {
      const last = lastByStream.get(segment.stream) ?? 0;
      if (entry.seq !== last + 1) faults.push(`${segment.path}: ${entry.seq} follows ${last}`);
      lastByStream.set(segment.stream, entry.seq);
      lines += 1;
    }
    faults.push(...reading.report.problems.map(({ code }) => `${segment.path}: ${code}`));
  }
  return { lines, faults, foreignFiles: summary.foreign };
}

/** Rebuilds all flows from the files of a tree alone. */
export async function readFlows(root: string): Promise<readonly Flow[]> {
  const records: FlowRecord[] = [];
  for await (const { entry } of readEntries(root, { kinds: ["flow"] })) {
    const record = parseFlowRecord(entry);
    if (record !== undefined) records.push(record);
  }
  return assembleFlows(records);
}

/** A number of a printed report, by the pattern around it. */
export function figureOf(report: string, pattern: RegExp): number {
  return Number(pattern.exec(report)?.[1]?.replaceAll(",", ""));
}
