import { fileURLToPath } from "node:url";
import { runInChild } from "../run-in-child.ts";
import type { ApplicationOptions, ApplicationReport } from "./application.ts";
import { type Conservation, checkConservation } from "./conservation.ts";
import type { SoakOptions } from "./options.ts";
import { type SizeSamples, sampleSizes } from "./size-samples.ts";

const application = fileURLToPath(new URL("./application.js", import.meta.url));

/** One run whose tree was looked at from outside. */
export interface SampledRun {
  readonly report: ApplicationReport;
  readonly sizes: SizeSamples;
  readonly conservation: Conservation;
}

/** All that a soak finds. */
export interface SoakResult {
  /** No limit, no maintenance, no samples. */
  readonly unlimited: ApplicationReport;
  /** With the limit, without samples: they stop the application. */
  readonly limited: ApplicationReport;
  readonly sampled: SampledRun;
}

/** @param onProgress - told what begins. */
export async function runSoak(options: SoakOptions, onProgress: (text: string) => void): Promise<SoakResult> {
  const { containers, componentsPerContainer, segmentBytes, limitBytes, comparedBytes, offeredBytes } =
    options;
  const shape = { containers, componentsPerContainer, segmentBytes };
  onProgress("without the limit");
  const unlimited = await runApplication({ ...shape, offeredBytes: comparedBytes, limitBytes: undefined });
  onProgress("with the limit");
  const limited = await runApplication({ ...shape, offeredBytes: comparedBytes, limitBytes });
  onProgress("with the limit, sampled");
  const sampled = await runSampled({ ...shape, offeredBytes, limitBytes }, options.sampleMs);
  return { unlimited, limited, sampled };
}

function runApplication(options: Omit<ApplicationOptions, "root">): Promise<ApplicationReport> {
  return runInChild(application, options, async ({ answer }) => (await answer) as ApplicationReport);
}

function runSampled(options: Omit<ApplicationOptions, "root">, sampleMs: number): Promise<SampledRun> {
  return runInChild(application, options, async ({ process: child, answer }, root) => {
    const [answered, sizes] = await Promise.all([answer, sampleSizes(root, child, sampleMs)]);
    const report = answered as ApplicationReport;
    const streams = options.containers * options.componentsPerContainer;
    return { report, sizes, conservation: checkConservation(root, report.entries, streams) };
  });
}
