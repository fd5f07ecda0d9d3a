import { parseArgs } from "node:util";
import { parseBytes, parseCount } from "../quantities.ts";

/** What the command line asks for. */
export interface SoakOptions {
  readonly offeredBytes: number;
  readonly comparedBytes: number;
  readonly limitBytes: number;
  readonly segmentBytes: number;
  readonly containers: number;
  readonly componentsPerContainer: number;
  readonly sampleMs: number;
  readonly isJson: boolean;
  readonly writeReadme: boolean;
}

export const usage = `Usage: node benchmarks/dist/soak/main.js [options]
  --offered 10gb      entries offered while the size of the tree is sampled
  --compared 2gb      entries of each of the two runs that compare rates, without samples: with the limit and without
  --limit 50mb        retention_policy.max_total_size
  --segment 64kb      performance.max_file_size
  --containers 200    containers …
  --components 1      … each with so many components, one file each
  --sample-ms 100     milliseconds between two samples of the size
  --json              prints the figures as JSON
  --write-readme      puts the table into benchmarks/README.md`;

/** @throws {Error} with the option, the value and what it takes. */
export function parseOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      offered: { type: "string", default: "10gb" },
      compared: { type: "string", default: "2gb" },
      limit: { type: "string", default: "50mb" },
      segment: { type: "string", default: "64kb" },
      containers: { type: "string", default: "200" },
      components: { type: "string", default: "1" },
      "sample-ms": { type: "string", default: "100" },
      json: { type: "boolean", default: false },
      "write-readme": { type: "boolean", default: false },
    },
  });
  return {
    offeredBytes: parseBytes("--offered", values.offered),
    comparedBytes: parseBytes("--compared", values.compared),
    limitBytes: parseBytes("--limit", values.limit),
    segmentBytes: parseBytes("--segment", values.segment),
    containers: parseCount("--containers", values.containers),
    componentsPerContainer: parseCount("--components", values.components),
    sampleMs: parseCount("--sample-ms", values["sample-ms"]),
    isJson: values.json,
    writeReadme: values["write-readme"],
  };
}
