import { openCoordinator, type WorkflowCoordinator } from "@waybill/coordinator";
import { formatForecast } from "@waybill/monitor";
import type { TradingResult } from "../execution/fill-processor.ts";
import { closeLogs, missingEntries } from "../run/close-logs.ts";
import { type FollowedFile, followFile } from "../run/follow-file.ts";
import type { RunPlan } from "../run/load-plan.ts";
import { shownPath } from "../run/shown-path.ts";
import { type AlertBook, createAlertBook } from "./alert-book.ts";
import { auditTree } from "./audit-tree.ts";
import { createDeletionWatch, type DeletionWatch } from "./deletion-watch.ts";
import { createFastClocks, type FastClocks } from "./fast-clocks.ts";
import { createSizeWatch, type SizeWatch } from "./size-watch.ts";
import type { SoakReport } from "./soak-report.ts";
import { createSoakRounds } from "./soak-round.ts";
import type { SoakStatus } from "./soak-status.ts";
import { createTide, weatherAt } from "./tide.ts";
import { treeBytes } from "./tree-size.ts";

/** How a soak is done. */
export interface SoakOptions {
  readonly plan: RunPlan;
  /** Undefined = until the signal. */
  readonly seconds: number | undefined;
  /** Bars per second in a calm. */
  readonly speed: number;
  /** Ends the soak after the bar at hand. */
  readonly signal: AbortSignal;
  readonly onStatus: (status: SoakStatus) => void;
  /** Takes the rare line for people that logging fails. */
  readonly print: (line: string) => void;
  /** Called when nothing is written any more, and the tree is about to be read. */
  readonly onAudit: () => void;
}

/** A minute is a day. */
const soakFactor = 1440;
const bytesPerMb = 1_048_576;
const bytesPerGb = 1024 * bytesPerMb;
const lookEveryMs = 100;
const showEveryMs = 250;

/**
 * Runs the pipeline round after round with a clock that makes a day of a minute, and watches from outside whether the
 * log tree keeps its limit.
 *
 * @throws {WaybillError} when the log tree cannot be opened.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { plan, seconds, speed, onStatus, print } = options;
  const clocks = createFastClocks(soakFactor);
  const alerts = createAlertBook();
  const rounds = createSoakRounds(() => coordinator);
  const coordinator: WorkflowCoordinator = openCoordinator({
    config: plan.config,
    factories: rounds.factories,
    handleSignals: false,
    clock: clocks.clock,
    monitorClock: clocks.monitorClock,
    print,
    onAlert: (event) => alerts.note(event),
  });
  const progress = { round: 0, date: plan.bars[0].date, bars: 0 };
  const watch = createSoakWatch(coordinator, { clocks, alerts, progress, seconds });
  const looking = setInterval(() => watch.size.look(), lookEveryMs);
  const showing = setInterval(() => onStatus(watch.status()), showEveryMs);
  const results: TradingResult[] = [];
  const endings = seconds === undefined ? [] : [AbortSignal.timeout(seconds * 1000)];
  const signal = AbortSignal.any([options.signal, ...endings]);
  let followed: FollowedFile | undefined;
  try {
    followed = await followFile(plan, coordinator.logManager);
    const pace = createTide(speed, watch.elapsedMs);
    const session = Math.floor(Date.now() / 1000).toString(36);
    while (!signal.aborted) {
      progress.round += 1;
      const onBar = (date: string): void => {
        progress.date = date;
        progress.bars += 1;
      };
      const runKey = `${session}_${progress.round}`;
      const result = await rounds.run(coordinator, { bars: plan.bars, runKey, pace, signal, onBar });
      if (result !== undefined) results.push(result);
    }
  } finally {
    clearInterval(showing);
    await followed?.close();
    await closeLogs(coordinator);
    clearInterval(looking);
    watch.size.look();
  }
  options.onAudit();
  return describe(options, { coordinator, watch, alerts, progress, results });
}

interface Progress {
  round: number;
  date: string;
  bars: number;
}

interface SoakWatch {
  readonly size: SizeWatch;
  readonly deletions: DeletionWatch;
  elapsedMs(): number;
  /** @param isFinal - when nothing changes any more. */
  status(options?: { readonly isFinal: boolean }): SoakStatus;
}

interface Watched {
  readonly clocks: FastClocks;
  readonly alerts: AlertBook;
  readonly progress: Progress;
  readonly seconds: number | undefined;
}

function createSoakWatch(
  { logManager }: WorkflowCoordinator,
  { clocks, alerts, progress, seconds }: Watched,
): SoakWatch {
  const { root } = logManager.tree.layout;
  const startMs = performance.now();
  const elapsedMs = (): number => performance.now() - startMs;
  const limitBytes = (): number =>
    Math.floor(logManager.config.logging.retentionPolicy.maxTotalSizeGb * bytesPerGb);
  const size = createSizeWatch({ measure: () => treeBytes(root), limitBytes, elapsedMs });
  const deletions = createDeletionWatch(root);
  const rate = createEntryRate();
  return {
    size,
    deletions,
    elapsedMs,
    status(options) {
      const { monitor, maintenance } = logManager;
      const snapshot = monitor.snapshot();
      const { rotations, archived, freedBytes } = maintenance.totals;
      const { bytes, mostBytes } = size.seen;
      const { active = 0, sealed = 0, archived: kept = 0 } = snapshot?.disk.usage?.filesByState ?? {};
      const p99Ms = snapshot?.latency?.p99Ms;
      return {
        weather: weatherAt(elapsedMs()),
        elapsedMs: elapsedMs(),
        totalMs: seconds === undefined ? undefined : seconds * 1000,
        simulatedMs: clocks.elapsedMs(),
        round: progress.round,
        date: progress.date,
        bytes,
        mostBytes,
        limitBytes: limitBytes(),
        files: { active, sealed, archived: kept },
        done: { sealed: rotations, archived, freedBytes, ...deletions.look(options?.isFinal) },
        forecast: formatForecast(snapshot?.disk.forecast ?? { state: "unknown" }),
        firing: monitor.firing().map(({ alert, key }) => (key === undefined ? alert : `${alert} ${key}`)),
        alerts: { fired: alerts.fired, ended: alerts.ended },
        entries: snapshot?.writers?.accepted ?? 0,
        entriesPerSecond: rate(snapshot?.writers?.accepted ?? 0, elapsedMs()),
        writeP99Ms: p99Ms === undefined ? undefined : p99Ms / soakFactor,
        dropped: snapshot?.writers?.dropped ?? 0,
      };
    },
  };
}

/** Entries per second between the last two different counts: the monitor counts at intervals. */
function createEntryRate(): (accepted: number, nowMs: number) => number {
  let last = { accepted: 0, atMs: 0 };
  let perSecond = 0;
  return (accepted, nowMs) => {
    if (accepted === last.accepted) return perSecond;
    perSecond = ((accepted - last.accepted) * 1000) / Math.max(1, nowMs - last.atMs);
    last = { accepted, atMs: nowMs };
    return perSecond;
  };
}

interface Ended {
  readonly coordinator: WorkflowCoordinator;
  readonly watch: SoakWatch;
  readonly alerts: AlertBook;
  readonly progress: Progress;
  readonly results: readonly TradingResult[];
}

async function describe(
  { plan, seconds, signal }: SoakOptions,
  { coordinator, watch, alerts, progress, results }: Ended,
): Promise<SoakReport> {
  const { writers, baseLogDir } = await coordinator.logManager.getLogSummary();
  const status = watch.status({ isFinal: true });
  const [first] = results.map((result) => JSON.stringify(result));
  return {
    tree: shownPath(baseLogDir),
    status,
    size: watch.size.seen,
    toleranceBytes: plan.config.logging.performance.maxFileSizeMb * bytesPerMb,
    rounds: progress.round,
    bars: progress.bars,
    differingRounds: results.filter((result) => JSON.stringify(result) !== first).length,
    accepted: writers.accepted,
    written: writers.written,
    ...missingEntries(writers),
    alerts: alerts.latest,
    audit: await auditTree(baseLogDir, watch.deletions.deleted),
    isInterrupted: signal.aborted && (seconds === undefined || status.elapsedMs < seconds * 1000),
  };
}
