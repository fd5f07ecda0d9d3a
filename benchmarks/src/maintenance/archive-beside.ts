// Archives large segments while an application logs, in a process of its own: `archive-beside.js <ArchiveBesideOptions
// as JSON>`; answers with an `ArchiveBesideReport`.
import { setTimeout as wait } from "node:timers/promises";
import { type ConfigInput, resolveConfig } from "@waybill/config";
import { openLogManager } from "@waybill/coordinator";
import type { ContainerLogger } from "@waybill/logger";
import { answerParent } from "../child-program.ts";
import { watchStalls } from "../stall-watch.ts";
import { quantile } from "../statistics.ts";
import { entryAt } from "../write/workload.ts";
import { generateLargeSegments } from "./generate-tree.ts";

/** What a run is told. */
export interface ArchiveBesideOptions {
  readonly root: string;
  readonly bytes: number;
  readonly bytesPerSegment: number;
  /** Seconds for which the application logs before anything is archived. */
  readonly aloneSeconds: number;
}

/** How an application fares for a while. */
export interface LoggingSpell {
  readonly seconds: number;
  readonly entriesPerSecond: number;
  /** Microseconds of one call. */
  readonly callP99: number;
  readonly longestStallMs: number;
  readonly stallP99Ms: number;
}

/** What archiving has cost. */
export interface ArchiveBesideReport {
  readonly bytes: number;
  readonly archived: number;
  readonly failed: number;
  readonly dropped: number;
  readonly alone: LoggingSpell;
  readonly beside: LoggingSpell;
}

const containers = 50;
/** A busy application that leaves the processor some time: else nothing beside it could run without slowing it. */
const entriesPerBatch = 500;
const pauseMs = 5;
const sampleEvery = 17;

async function logUntil(loggers: readonly ContainerLogger[], ended: Promise<unknown>): Promise<LoggingSpell> {
  let isOver = false;
  const noteEnd = (): void => {
    isOver = true;
  };
  ended.then(noteEnd, noteEnd);
  const calls: number[] = [];
  const stalls = watchStalls();
  const startMs = performance.now();
  let index = 0;
  while (!isOver) {
    for (const end = index + entriesPerBatch; index < end; index++) {
      const { stream, level, message, context } = entryAt(index, loggers.length);
      const isSampled = index % sampleEvery === 0;
      const before = isSampled ? process.hrtime.bigint() : 0n;
      loggers[stream]?.[level](message, context);
      if (isSampled) calls.push(Number(process.hrtime.bigint() - before) / 1000);
    }
    await wait(pauseMs);
  }
  const seconds = (performance.now() - startMs) / 1000;
  const { longestMs, p99Ms } = stalls();
  return {
    seconds,
    entriesPerSecond: index / seconds,
    callP99: quantile(calls, 0.99),
    longestStallMs: longestMs,
    stallP99Ms: p99Ms,
  };
}

async function run(options: ArchiveBesideOptions): Promise<ArchiveBesideReport> {
  const { root, aloneSeconds, bytesPerSegment } = options;
  const segments = Math.ceil(options.bytes / bytesPerSegment);
  const bytes = generateLargeSegments(root, segments, bytesPerSegment, Date.now());
  const configOf = (enabled: boolean) => {
    const logging = { performance: { enableCompression: false }, maintenance: { enabled } };
    const coordinator = { coordinatorId: "bench", logDir: root };
    return resolveConfig({ coordinator, logging } as ConfigInput).config;
  };
  const manager = openLogManager({ config: configOf(false) });
  const loggers = Array.from({ length: containers }, (_, at) =>
    manager.registerContainer(`container_${at + 1}`).createComponentLogger("main"),
  );
  // Until V8 has compiled what is measured.
  await logUntil(loggers, wait(1000));
  const alone = await logUntil(loggers, wait(aloneSeconds * 1000));
  manager.applyConfig(configOf(true));
  const running = manager.maintenance.run();
  const beside = await logUntil(loggers, running);
  await running;
  await manager.flush();
  const { dropped } = (await manager.getLogSummary()).writers;
  const { archived } = manager.maintenance.totals;
  const failed = manager.maintenance.latest?.failed ?? 0;
  await manager.close();
  return { bytes, archived, failed, dropped, alone, beside };
}

await answerParent(run);
