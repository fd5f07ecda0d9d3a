// `node benchmarks/dist/disabled/main.js [--write-readme]`: what a call below the level costs, in time and memory.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { formatNumber, markdownTable } from "../markdown-table.ts";
import { describeMachine, publishReport } from "../report.ts";
import { median } from "../statistics.ts";
import { disabledCases } from "./cases.ts";

const runProgram = fileURLToPath(new URL("./run.js", import.meta.url));
const rounds = 3;
/** Less than this is the bookkeeping of the measurement itself, spread over ten million calls. */
const noticeableBytes = 0.1;

async function costOf(index: number): Promise<{ nsPerCall: number; bytesPerCall: number | null }> {
  const child = fork(runProgram, [String(index)], { execArgv: ["--expose-gc"] });
  const [cost] = await once(child, "message");
  await once(child, "exit");
  return cost;
}

const rows: string[][] = [];
for (const [index, { title }] of disabledCases().entries()) {
  const costs = [];
  for (let round = 0; round < rounds; round++) costs.push(await costOf(index));
  const allocates = costs.some(({ bytesPerCall }) => bytesPerCall === null || bytesPerCall > noticeableBytes);
  const nsPerCall = median(costs.map((cost) => cost.nsPerCall));
  rows.push([title, formatNumber(nsPerCall), allocates ? "yes" : "no"]);
}
const table = markdownTable(["a call below the level", "ns", "allocates"], rows);
publishReport(
  "disabled",
  `${describeMachine()}; ten million calls.\n\n${table}`,
  process.argv.includes("--write-readme"),
);
