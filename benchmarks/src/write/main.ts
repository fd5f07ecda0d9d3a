import { describeMachine, publishReport } from "../report.ts";
import { contestants } from "./contestants.ts";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { type RunResult, runChild } from "./run-child.ts";
import { componentsPerContainer } from "./streams.ts";
import { type Runs, summarize } from "./summarize.ts";

/** Runs the contestants in turn, round by round, so that whatever slows the machine down hits all of them. */
async function compare(containers: number, options: BenchOptions): Promise<string> {
  const results = new Map<string, RunResult[]>(options.names.map((name) => [name, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const [name, runs] of results) {
      process.stderr.write(`${containers} containers, round ${round} of ${options.rounds}: ${name}\n`);
      const { mode, hasFanOut } = options;
      runs.push(await runChild({ name, containers, entries: entriesOf(name, options), mode, hasFanOut }));
    }
  }
  return summarize(
    [...results].map(([name, runs]) => rowOf(name, runs, entriesOf(name, options) + streamsOf(containers))),
  );
}

function streamsOf(containers: number): number {
  return containers * componentsPerContainer;
}

function entriesOf(name: string, options: BenchOptions): number {
  return Math.ceil(options.entries * (contestants[name]?.share ?? 1));
}

function rowOf(name: string, runs: readonly RunResult[], expected: number): Runs {
  const info = contestants[name];
  const mustWrite = info?.isLimit === false;
  const completed = runs.filter((run) => run.measured !== undefined);
  return {
    title: info?.title ?? name,
    rounds: runs.map((run) => run.measured),
    lostShare: mustWrite ? Math.max(0, ...completed.map((run) => 1 - run.lines / expected)) : 0,
    broken: Math.max(0, ...completed.map((run) => run.broken)),
  };
}

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = parseOptions(process.argv.slice(2));
  const { mode, hasFanOut, entries, rounds } = options;
  const sections: string[] = [];
  for (const containers of options.containers) {
    const heading = `${containers} containers, ${streamsOf(containers)} files, ${mode}${hasFanOut ? ", with fan-out" : ""}`;
    sections.push(`### ${heading}\n\n${await compare(containers, options)}`);
  }
  const conditions = `${describeMachine()}; ${entries.toLocaleString("en-US")} entries, medians of ${rounds} rounds.`;
  publishReport(
    hasFanOut ? "fan-out" : `write-${mode}`,
    `${conditions}\n\n${sections.join("\n\n")}`,
    options.writeReadme,
  );
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
