// `node benchmarks/dist/encode-parts/main.js [--write-readme]`: the choices that the encoder makes for speed, each
// beside what it was chosen over; batch by batch in turn in one process.
import { formatNumber, markdownTable } from "../markdown-table.ts";
import { describeMachine, publishReport } from "../report.ts";
import { median } from "../statistics.ts";
import { type PartCase, partCases } from "./cases.ts";

const rounds = 500;
/** Not measured: V8 is still compiling. */
const warmUpRounds = 100;
const callsPerBatch = 2000;
/** The cases write into 64 KiB, each call at most 128 bytes. */
const wrapAt = 60_000;

let sum = 0;

function nsPerCall({ append }: PartCase): number {
  let at = 0;
  const start = process.hrtime.bigint();
  for (let index = 0; index < callsPerBatch; index++) at = append(at > wrapAt ? 0 : at, index);
  const elapsedNs = Number(process.hrtime.bigint() - start);
  sum += at;
  return elapsedNs / callsPerBatch;
}

const cases = partCases();
const costs = cases.map((): number[] => []);
for (let round = 0; round < warmUpRounds + rounds; round++) {
  for (const [index, each] of cases.entries()) {
    const cost = nsPerCall(each);
    if (round >= warmUpRounds) costs[index]?.push(cost);
  }
}
// Uses the result, so that the work cannot be optimised away.
if (sum === 0) throw new Error("nothing was appended");
const rows = cases.map(({ title }, index) => [title, formatNumber(median(costs[index] ?? []))]);
publishReport(
  "encode-parts",
  `${describeMachine()}; medians of ${rounds} batches of ${callsPerBatch} calls.\n\n${markdownTable(
    ["to append", "ns"],
    rows,
  )}`,
  process.argv.includes("--write-readme"),
);
