// The application of a soak, in a process of its own: `application.js <ApplicationOptions as JSON>`; answers with an
// `ApplicationReport`.
import { readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { resolveConfig } from "@waybill/config";
import { type LogManager, openLogManager } from "@waybill/coordinator";
import { listSegments } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import { answerParent } from "../child-program.ts";
import { watchStalls } from "../stall-watch.ts";
import { entryAt } from "../write/workload.ts";

/** What a soak tells its application. */
export interface ApplicationOptions {
  readonly root: string;
  readonly containers: number;
  readonly componentsPerContainer: number;
  readonly offeredBytes: number;
  readonly segmentBytes: number;
  /** Undefined: no limit, and no maintenance. */
  readonly limitBytes: number | undefined;
}

/** What the process took at a moment. */
export interface Footprint {
  readonly rssMb: number;
  /** Undefined where the system does not tell. */
  readonly descriptors: number | undefined;
}

/** What an application has seen. */
export interface ApplicationReport {
  /** Entries offered to the loggers of components; each has its number as `n` in its context. */
  readonly entries: number;
  /** Mean bytes of their lines. */
  readonly bytesPerEntry: number;
  /** Seconds of the calls that log, and of the turns of the event loop between them. */
  readonly offeringSeconds: number;
  /** Until all that was not dropped is on disk and closed, too. */
  readonly totalSeconds: number;
  /** Of all streams, those of `system/`, `master.log` and the correlations too. */
  readonly writers: {
    readonly accepted: number;
    readonly written: number;
    readonly dropped: number;
    /** What the manager itself has logged of its maintenance since the last flush. */
    readonly queued: number;
    readonly bytesWritten: number;
  };
  readonly longestStallMs: number;
  readonly stallP99Ms: number;
  /** At a tenth, at the half and at the end of what is offered. */
  readonly footprints: readonly Footprint[];
  readonly maintenance: {
    readonly runs: number;
    readonly failedRuns: number;
    readonly rotations: number;
    readonly deleted: number;
    readonly longestRunMs: number;
  };
}

const entriesPerTurn = 1000;
const bytesPerGb = 1024 ** 3;
const bytesPerMb = 1024 ** 2;

function openManager({ root, limitBytes, segmentBytes }: ApplicationOptions): LogManager {
  const { config } = resolveConfig({
    coordinator: { coordinatorId: "soak", logDir: root },
    logging: {
      logLevels: { containers: "DEBUG" },
      performance: { maxFileSizeMb: segmentBytes / bytesPerMb, enableCompression: false },
      maintenance: { enabled: limitBytes !== undefined },
      ...(limitBytes === undefined ? {} : { retentionPolicy: { maxTotalSizeGb: limitBytes / bytesPerGb } }),
    },
  });
  return openLogManager({ config });
}

function createLoggers(
  manager: LogManager,
  { containers, componentsPerContainer }: ApplicationOptions,
): ContainerLogger[] {
  return Array.from({ length: containers }, (_, container) => {
    const registry = manager.registerContainer(`container_${String(container + 1).padStart(4, "0")}`);
    return Array.from({ length: componentsPerContainer }, (_, component) =>
      registry.createComponentLogger(`component_${component + 1}`),
    );
  }).flat();
}

/** Mean bytes of the lines that stand on disk for the first entries, of which there are so many. */
async function lineBytesOf(manager: LogManager, entries: number): Promise<number> {
  await manager.flush();
  const { segments } = await listSegments(manager.tree.layout.root, { kinds: ["container"] });
  return segments.reduce((sum, { bytes }) => sum + bytes, 0) / entries;
}

function footprint(): Footprint {
  return { rssMb: process.memoryUsage.rss() / bytesPerMb, descriptors: countDescriptors() };
}

function countDescriptors(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

async function run(options: ApplicationOptions): Promise<ApplicationReport> {
  const manager = openManager(options);
  const loggers = createLoggers(manager, options);
  let index = 0;
  const offer = (until: number): void => {
    for (; index < until; index++) {
      const { stream, level, message, context } = entryAt(index, loggers.length);
      // By these numbers it can be seen of what is left in the end that nothing is missing and untold.
      loggers[stream]?.[level](message, { ...context, n: index });
    }
  };
  offer(entriesPerTurn);
  const bytesPerEntry = await lineBytesOf(manager, index);
  const entries = Math.max(index, Math.ceil(options.offeredBytes / bytesPerEntry));
  const stalls = watchStalls();
  const footprints: Footprint[] = [];
  const footprintAt = [0.1, 0.5, 1].map((share) => Math.floor(entries * share));
  const startMs = performance.now();
  while (index < entries) {
    offer(Math.min(entries, index + entriesPerTurn));
    if (index >= (footprintAt[footprints.length] ?? Number.POSITIVE_INFINITY)) footprints.push(footprint());
    await nextTurn();
  }
  const offeringSeconds = (performance.now() - startMs) / 1000;
  await manager.flush();
  const { longestMs, p99Ms } = stalls();
  const { accepted, written, dropped, queued, bytesWritten } = (await manager.getLogSummary()).writers;
  const { runs, failedRuns, rotations, deleted, longestRunMs } = manager.maintenance.totals;
  await manager.close();
  return {
    entries,
    bytesPerEntry,
    offeringSeconds,
    totalSeconds: (performance.now() - startMs) / 1000,
    writers: { accepted, written, dropped, queued, bytesWritten },
    longestStallMs: longestMs,
    stallP99Ms: p99Ms,
    footprints,
    maintenance: { runs, failedRuns, rotations, deleted, longestRunMs },
  };
}

await answerParent(run);
