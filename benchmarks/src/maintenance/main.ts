import { fileURLToPath } from "node:url";
import { formatNumber, markdownTable } from "../markdown-table.ts";
import { megabytes } from "../quantities.ts";
import { describeMachine, publishReport } from "../report.ts";
import { runInChild } from "../run-in-child.ts";
import type { ArchiveBesideOptions, ArchiveBesideReport, LoggingSpell } from "./archive-beside.ts";
import { type MaintenanceOptions, parseOptions, usage } from "./options.ts";
import type { TendOptions, TendReport } from "./tend.ts";

const tendProgram = fileURLToPath(new URL("./tend.js", import.meta.url));
const archiveProgram = fileURLToPath(new URL("./archive-beside.js", import.meta.url));
const tree = { componentsPerContainer: 3, sealedPerStream: 2, archivedPerStream: 2 };

async function tendAll({ containers }: MaintenanceOptions): Promise<TendReport[]> {
  const reports: TendReport[] = [];
  for (const count of containers) {
    process.stderr.write(`maintenance: ${count} containers\n`);
    const options: Omit<TendOptions, "root"> = { tree: { ...tree, containers: count } };
    reports.push(await runInChild(tendProgram, options, async ({ answer }) => (await answer) as TendReport));
  }
  return reports;
}

function archive(options: MaintenanceOptions): Promise<ArchiveBesideReport> {
  process.stderr.write("maintenance: archiving beside an application\n");
  const { archivedBytes, segmentBytes, aloneSeconds } = options;
  const given: Omit<ArchiveBesideOptions, "root"> = {
    bytes: archivedBytes,
    bytesPerSegment: Math.min(segmentBytes, archivedBytes),
    aloneSeconds,
  };
  return runInChild(archiveProgram, given, async ({ answer }) => (await answer) as ArchiveBesideReport);
}

function tendTable({ files, bytes, steps }: TendReport, containers: number): string {
  const heads = ["", "ms", "longest stall ms", "RSS afterwards MB", "done"];
  const rows = steps.map(({ title, totalMs, longestStallMs, rssMb, note }) => [
    title,
    formatNumber(totalMs),
    formatNumber(longestStallMs),
    formatNumber(rssMb),
    note,
  ]);
  const heading = `### ${containers} containers, ${files.toLocaleString("en-US")} files, ${formatNumber(megabytes(bytes))} MB`;
  return `${heading}\n\n${markdownTable(heads, rows)}`;
}

function archiveTable({ bytes, archived, failed, dropped, alone, beside }: ArchiveBesideReport): string {
  const heads = ["", "seconds", "entries/s", "call p99 µs", "longest stall ms", "stall p99 ms"];
  const row = (title: string, spell: LoggingSpell): string[] => [
    title,
    formatNumber(spell.seconds),
    Math.round(spell.entriesPerSecond).toLocaleString("en-US"),
    formatNumber(spell.callP99),
    formatNumber(spell.longestStallMs),
    formatNumber(spell.stallP99Ms),
  ];
  const table = markdownTable(heads, [row("logging alone", alone), row("while it is archived", beside)]);
  const done = `${archived} segments archived, ${failed} failed, ${dropped} entries dropped.`;
  return `### ${formatNumber(megabytes(bytes))} MB archived while an application logs\n\n${table}\n\n${done}`;
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = parseOptions(process.argv.slice(2));
  const tended = await tendAll(options);
  const archived = await archive(options);
  if (options.isJson) {
    console.log(JSON.stringify({ tended, archived }));
    return;
  }
  const tables = tended.map((report, at) => tendTable(report, options.containers[at] ?? 0));
  publishReport(
    "maintenance",
    [`${describeMachine()}.`, ...tables, archiveTable(archived)].join("\n\n"),
    options.writeReadme,
  );
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
