import { openCoordinator, type WorkflowCoordinator } from "@waybill/coordinator";
import type { LogEntry } from "@waybill/protocols";
import { createFactories, type Pipeline } from "../containers/create-factories.ts";
import type { FailureLine, LatencyFigures, Report } from "../report/report.ts";
import { createRouter, type Router } from "../router/router.ts";
import { createCatchUp } from "./catch-up.ts";
import { closeLogs, missingEntries } from "./close-logs.ts";
import { countLines } from "./count-lines.ts";
import { findFirstError } from "./find-first-error.ts";
import { createFlowSampler, type FlowSamples } from "./flow-samples.ts";
import { type FollowedFile, followFile } from "./follow-file.ts";
import type { RunPlan } from "./load-plan.ts";
import { createPace } from "./pace.ts";
import { shownPath } from "./shown-path.ts";

/** How a run is done. */
export interface PipelineOptions {
  readonly plan: RunPlan;
  /** Bars per second; undefined = as fast as possible. */
  readonly speed: number | undefined;
  /** Whether the tree holds earlier runs, whose correlation ids must not be used again. */
  readonly isContinued: boolean;
  /** Ends the run after the bar at hand; what is on its way is still finished. */
  readonly signal: AbortSignal;
  readonly onBar: (done: number, date: string) => void;
}

/**
 * Runs the bars of a plan through the containers of its configuration, and closes all logs.
 *
 * Logs that cannot be written do not stop it: the report tells what is missing.
 *
 * @throws {WaybillError} when the log tree cannot be opened.
 */
export async function runPipeline(options: PipelineOptions): Promise<Report> {
  const startedMs = performance.now();
  const { config } = options.plan;
  const { logDir } = config.coordinator;
  const linesBefore = options.isContinued ? await countLines(logDir) : new Map<string, number>();
  const pipeline: Pipeline = { data: undefined, execution: undefined };
  const sampler = createFlowSampler((id) => coordinator.tracer.traceSignalFlow(id));
  const router = createRouter({
    // The coordinator brings the tracer, and needs the factories, which need the router.
    tracer: {
      publish: (event) => coordinator.tracer.publish(event),
      handle: (event, work) => coordinator.tracer.handle(event, work),
    },
    onHop: (hop) => sampler.onHop(hop),
  });
  const factories = createFactories(router, pipeline);
  const coordinator = openCoordinator({ config, factories, handleSignals: false });
  const logsCatchUp = createCatchUp(() => coordinator.logManager.flush());
  let counts: Counts;
  let followed: FollowedFile | undefined;
  try {
    followed = await followFile(options.plan, coordinator.logManager);
    await coordinator.createConfiguredContainers();
    counts = await stream(options, pipeline, coordinator, async () => {
      sampler.capture();
      await logsCatchUp(router.stats().deliveries);
    });
  } finally {
    await followed?.close();
    await closeLogs(coordinator);
  }
  const elapsedMs = performance.now() - startedMs;
  const { samples } = sampler;
  return describe({ options, coordinator, router, counts, samples, linesBefore, elapsedMs });
}

/** What can only be counted while the containers live. */
interface Counts extends Pick<Report, "containers" | "components" | "bars" | "trading"> {
  readonly lastDate: string;
}

async function stream(
  { plan, speed, isContinued, signal, onBar }: PipelineOptions,
  { data, execution }: Pipeline,
  coordinator: WorkflowCoordinator,
  afterBar: () => Promise<void>,
): Promise<Counts> {
  if (data === undefined || execution === undefined)
    throw new Error("the pipeline has no beginning or no end");
  let lastDate = plan.bars[0].date;
  let bars = 0;
  await data.stream(plan.bars, {
    signal,
    ...(speed === undefined ? {} : { pace: createPace(speed) }),
    ...(isContinued ? { runKey: Math.floor(Date.now() / 1000).toString(36) } : {}),
    async onBar(done, bar) {
      bars = done;
      lastDate = bar.date;
      onBar(done, bar.date);
      await afterBar();
    },
  });
  const registries = [...coordinator.containerLogRegistries.values()];
  const components = registries.reduce(
    (sum, registry) => sum + registry.getRegistryStats().componentCount,
    0,
  );
  return { containers: registries.length, components, bars, lastDate, trading: execution.tradingResult() };
}

interface Finished {
  readonly options: PipelineOptions;
  readonly coordinator: WorkflowCoordinator;
  readonly router: Router;
  readonly counts: Counts;
  readonly samples: FlowSamples;
  /** By kind; of earlier runs. */
  readonly linesBefore: ReadonlyMap<string, number>;
  readonly elapsedMs: number;
}

async function describe({
  options,
  coordinator,
  router,
  counts,
  samples,
  linesBefore,
  elapsedMs,
}: Finished): Promise<Report> {
  const { plan, isContinued, signal } = options;
  const { writers, diskUsageMbByKind, baseLogDir } = await coordinator.logManager.getLogSummary();
  const { flows, failedFlows, retries } = router.stats();
  const tree = shownPath(baseLogDir);
  const { containers, components, bars, lastDate, trading } = counts;
  const lines = await countLines(baseLogDir);
  const written = (kinds: readonly string[]) =>
    kinds.reduce((sum, kind) => sum + (lines.get(kind) ?? 0) - (linesBefore.get(kind) ?? 0), 0);
  const firstError = samples.failed && (await findFirstError(baseLogDir, samples.failed.correlationId));
  return {
    containers,
    components,
    bars,
    range: { from: plan.bars[0].date, to: lastDate },
    entries: {
      written: written(["container", "flow", "system"]),
      copies: written(["correlation", "master"]),
      ...missingEntries(writers),
    },
    elapsedMs,
    flows: { total: flows, failed: failedFlows, retries },
    tiers: Object.entries(coordinator.tracer.stats().tiers).map(
      ([tier, { publish, receive, errors, wait, work }]) => {
        const timed = (figures: LatencyFigures) => (receive === 0 ? undefined : figures);
        return { tier, hops: publish, errors, wait: timed(wait), work: timed(work) };
      },
    ),
    places: Object.entries(diskUsageMbByKind).map(([kind, megabytes]) => ({
      place: placeByKind[kind] ?? kind,
      lines: lines.get(kind) ?? 0,
      bytes: Math.round(megabytes * bytesPerMb),
    })),
    isContinued,
    trading,
    completeFlow: samples.complete,
    failedFlow: samples.failed && { flow: samples.failed, line: firstError && failureLine(firstError, tree) },
    tree,
    isInterrupted: signal.aborted,
  };
}

const bytesPerMb = 1_048_576;

/** Where the streams of each kind lie below the root. */
const placeByKind: Readonly<Record<string, string>> = {
  container: "containers/",
  flow: "flows/",
  correlation: "correlations/",
  system: "system/",
  master: "master.log",
};

function failureLine(entry: LogEntry, tree: string): FailureLine {
  const { level, message, containerId, componentName } = entry;
  const file = `${tree}/containers/${containerId}/${componentName}.log`;
  return {
    timestamp: new Date(entry.timestampMs).toISOString(),
    level,
    message,
    containerId,
    componentName,
    file,
  };
}
