import { parseArgs } from "node:util";
import { markdownTable } from "../markdown-table.ts";
import { describeMachine, publishReport } from "../report.ts";
import { adapterNames, loadAdapter } from "./load-adapter.ts";
import { runTorture, tortures } from "./tortures.ts";

const usage = `Usage: node benchmarks/dist/torture/main.js [options]
  --only a,b         loggers, of: ${adapterNames.join(", ")}
  --adapter <path>   also the logger of a module that exports a TortureAdapter as "adapter"
  --write-readme     puts the table into benchmarks/README.md`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: adapterNames.join(",") },
      adapter: { type: "string", multiple: true, default: [] },
      "write-readme": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const unknown = values.only.split(",").filter((name) => !adapterNames.includes(name));
  if (unknown.length > 0) throw new Error(`--only does not know ${unknown.join(", ")}`);
  const rows: string[][] = [];
  for (const name of [...values.only.split(","), ...values.adapter]) {
    const adapter = await loadAdapter(name);
    const cells: string[] = [];
    for (const torture of tortures) {
      process.stderr.write(`${name}: ${torture.title}\n`);
      cells.push(await runTorture(torture, name, adapter));
    }
    rows.push([adapter.title, ...cells]);
  }
  const skipped = rows.flat().filter((cell) => cell.startsWith("skipped")).length;
  const table = markdownTable(["", ...tortures.map(({ title }) => title)], rows);
  const conditions = `${describeMachine()}; ${skipped === 0 ? "nothing skipped" : `**${skipped} cells skipped**`}.`;
  publishReport("torture", `${conditions}\n\n${table}`, values["write-readme"]);
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
