import { describeMachine, publishReport } from "../report.ts";
import { parseOptions, usage } from "./options.ts";
import { runSoak } from "./run-soak.ts";
import { summarize } from "./summarize.ts";

async function main(): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = parseOptions(process.argv.slice(2));
  const result = await runSoak(options, (text) => process.stderr.write(`soak: ${text}\n`));
  if (options.isJson) {
    console.log(JSON.stringify(result));
    return;
  }
  const { containers, componentsPerContainer, segmentBytes } = options;
  const shape = `${containers} containers × ${componentsPerContainer} components, segments of ${segmentBytes / 1024} KB`;
  publishReport(
    "soak",
    `${describeMachine()}; ${shape}.\n\n${summarize(result, options)}`,
    options.writeReadme,
  );
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
