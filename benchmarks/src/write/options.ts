import { parseArgs } from "node:util";
import type { Mode } from "./contestant.ts";
import { contestants, ours } from "./contestants.ts";

/** What the command line asks for. */
export interface BenchOptions {
  readonly containers: readonly number[];
  readonly rounds: number;
  readonly entries: number;
  readonly names: readonly string[];
  readonly hasFanOut: boolean;
  readonly mode: Mode;
  readonly writeReadme: boolean;
}

export const usage = `Usage: node benchmarks/dist/write/main.js [options]
  --containers 50,500   numbers of containers, each with three files (default 50)
  --rounds 5            runs of each contestant, in turn (default 5)
  --entries 300000      entries per run; slow contestants get a half or a quarter
  --only a,b            contestants, of: ${Object.keys(contestants).join(", ")}
  --fan-out             also master, correlations and flows
  --mode batched        of Waybill: batched, sync or durable
  --write-readme        puts the report into benchmarks/README.md`;

const modes: readonly Mode[] = ["batched", "sync", "durable"];

/** @throws {Error} with the option, the value and what it takes. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      containers: { type: "string", default: "50" },
      rounds: { type: "string", default: "5" },
      entries: { type: "string", default: "300000" },
      only: { type: "string", default: Object.keys(contestants).join(",") },
      "fan-out": { type: "boolean", default: false },
      mode: { type: "string", default: "batched" },
      "write-readme": { type: "boolean", default: false },
    },
  });
  const mode = modes.find((known) => known === values.mode);
  if (mode === undefined) throw new Error(`--mode takes ${modes.join(", ")}, not ${values.mode}`);
  const unknown = values.only.split(",").filter((name) => !Object.hasOwn(contestants, name));
  if (unknown.length > 0) throw new Error(`--only does not know ${unknown.join(", ")}`);
  return {
    containers: values.containers.split(",").map((text) => wholeNumber("--containers", text)),
    rounds: wholeNumber("--rounds", values.rounds),
    entries: wholeNumber("--entries", values.entries),
    // Always with ours, against which the others are compared.
    names: [...new Set([ours, ...values.only.split(",")])],
    hasFanOut: values["fan-out"],
    mode,
    writeReadme: values["write-readme"],
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${option} takes whole numbers from 1, not ${text}`);
  return value;
}
