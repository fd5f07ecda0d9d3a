import { parseArgs } from "node:util";
import { parseBytes, parseCount } from "../quantities.ts";

/** What the command line asks for. */
export interface MaintenanceOptions {
  readonly containers: readonly number[];
  readonly archivedBytes: number;
  readonly segmentBytes: number;
  readonly aloneSeconds: number;
  readonly isJson: boolean;
  readonly writeReadme: boolean;
}

export const usage = `Usage: node benchmarks/dist/maintenance/main.js [options]
  --containers 500,5000   numbers of containers, each with three streams of five files
  --archived 1gb          sealed segments that are archived while an application logs
  --segment 100mb         size of each of them
  --alone-seconds 5       seconds for which the application logs before
  --json                  prints the figures as JSON
  --write-readme          puts the tables into benchmarks/README.md`;

/** @throws {Error} with the option, the value and what it takes. */
export function parseOptions(args: readonly string[]): MaintenanceOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      containers: { type: "string", default: "500,5000" },
      archived: { type: "string", default: "1gb" },
      segment: { type: "string", default: "100mb" },
      "alone-seconds": { type: "string", default: "5" },
      json: { type: "boolean", default: false },
      "write-readme": { type: "boolean", default: false },
    },
  });
  return {
    containers: values.containers.split(",").map((text) => parseCount("--containers", text)),
    archivedBytes: parseBytes("--archived", values.archived),
    segmentBytes: parseBytes("--segment", values.segment),
    aloneSeconds: parseCount("--alone-seconds", values["alone-seconds"]),
    isJson: values.json,
    writeReadme: values["write-readme"],
  };
}
