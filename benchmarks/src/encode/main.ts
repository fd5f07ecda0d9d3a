// `node benchmarks/dist/encode/main.js [--against <dist of another log-tree>] [--rounds <n>] [--write-readme]`: what
// it costs to make an entry and its line, beside `JSON.stringify` of the same entry. All in one process, batch by
// batch in turn, so that whatever slows the machine down hits all alike.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as thisBuild from "@waybill/log-tree";
import { formatNumber, markdownTable } from "../markdown-table.ts";
import { describeMachine, publishReport } from "../report.ts";
import { median } from "../statistics.ts";
import {
  type EncodeCase,
  type EncoderBuild,
  encoderCase,
  entriesFrom,
  loggerCase,
  stringifyCase,
} from "./cases.ts";

const { values } = parseArgs({
  options: {
    against: { type: "string" },
    rounds: { type: "string", default: "10000" },
    "write-readme": { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
/** Not measured: V8 is still compiling. */
const warmUpRounds = Math.ceil(rounds / 5);
const entriesPerBatch = 50;

const cases: EncodeCase[] = [
  stringifyCase(),
  encoderCase("encoder", thisBuild),
  encoderCase("encoder, entries without context", thisBuild, false),
  loggerCase("logger over an idle writer"),
  loggerCase("logger and encoder", thisBuild),
];
if (values.against !== undefined) {
  const other: EncoderBuild = await import(pathToFileURL(resolve(values.against, "index.js")).href);
  cases.push(
    encoderCase("encoder of the other build", other),
    loggerCase("logger and the other encoder", other),
  );
}

/** Every batch is of new entries: those seen before are cheaper, because V8 remembers the text of numbers. */
let nextEntry = 0;

function nsPerEntry({ run }: EncodeCase): number {
  const entries = entriesFrom(nextEntry, entriesPerBatch);
  nextEntry += entriesPerBatch;
  const start = process.hrtime.bigint();
  for (const [entry, input] of entries) run(entry, input);
  return Number(process.hrtime.bigint() - start) / entriesPerBatch;
}

const costs = cases.map((): number[] => []);
for (let round = 0; round < warmUpRounds + rounds; round++) {
  for (const [index, each] of cases.entries()) {
    const cost = nsPerEntry(each);
    if (round >= warmUpRounds) costs[index]?.push(cost);
  }
}
const baseNs = median(costs[0] ?? []);
const rows = cases.map(({ title }, index) => {
  const ns = median(costs[index] ?? []);
  return [title, formatNumber(ns), (ns / baseNs).toFixed(2)];
});
publishReport(
  "encode",
  `${describeMachine()}; medians of ${rounds} batches of ${entriesPerBatch} entries.\n\n${markdownTable(
    ["making an entry and its line", "ns", "× `JSON.stringify`"],
    rows,
  )}`,
  values["write-readme"],
);
