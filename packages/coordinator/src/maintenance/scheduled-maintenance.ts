import * as path from "node:path";
import type { LoggingConfig } from "@waybill/config";
import { parseSegmentName, type TreeLedger } from "@waybill/log-tree";
import { nodeFileSystem } from "@waybill/protocols";
import type { PlanRetentionOptions, RetentionPlan } from "@waybill/retention";
import { activeFileOf } from "./active-file-of.ts";
import { type CompressingSegments, createCompressingSegments } from "./compressing-segments.ts";
import { type OpenedTree, openMaintainedTree } from "./maintained-tree.ts";
import { createMaintenanceJournal, type MaintenanceJournal } from "./maintenance-journal.ts";
import { createReportTally, type MaintenanceReport } from "./maintenance-report.ts";
import {
  createMaintenanceSchedule,
  type MaintenanceReason,
  type MaintenanceRhythm,
  type MaintenanceSchedule,
} from "./maintenance-schedule.ts";
import { createPressureGate, type PressureGate } from "./pressure-gate.ts";
import { retentionPolicyOf, sizeLimitsOf } from "./retention-policy.ts";
import { createSegmentKnowledge, type SegmentKnowledge } from "./segment-knowledge.ts";
import type { KeptLimits } from "./space-keeper.ts";
import type { MaintenanceTotals, TreeMaintenance, TreeMaintenanceParts } from "./tree-maintenance.ts";
import { createUsageFile, type UsageFile } from "./usage-file.ts";

const bytesPerMb = 1_048_576;

/** See {@link TreeMaintenance}. */
export class ScheduledMaintenance implements TreeMaintenance {
  readonly #parts: TreeMaintenanceParts;
  readonly #journal: MaintenanceJournal;
  readonly #compressing: CompressingSegments;
  readonly #knowledge: SegmentKnowledge;
  readonly #pressure: PressureGate;
  readonly #usage: UsageFile;
  readonly #ending = new AbortController();
  readonly #schedule: MaintenanceSchedule<MaintenanceReport>;
  #logging: LoggingConfig;
  #opening: Promise<OpenedTree> | undefined;
  #opened: OpenedTree | undefined;
  /** Of the run that is under way. */
  #urgent = new AbortController();
  #totals = { runs: 0, failedRuns: 0, rotations: 0, archived: 0, deleted: 0, freedBytes: 0, longestRunMs: 0 };
  #latest: MaintenanceReport | undefined;
  #needsRecovery = false;
  #isWorking = false;
  /** Whether the last run under pressure made no room. */
  #wasIdle = false;
  /** Files that were sealed or compressed while the tree was being looked at: the look may have missed them. */
  readonly #changedEarly = new Set<string>();
  /** Directories of streams that were closed meanwhile. */
  readonly #closedEarly = new Set<string>();

  constructor(parts: TreeMaintenanceParts) {
    const { logging, logger, clock } = parts;
    this.#parts = parts;
    this.#knowledge = createSegmentKnowledge(parts.fileSystem);
    this.#logging = logging;
    this.#journal = createMaintenanceJournal(logger, clock);
    this.#usage = createUsageFile(parts.layout, parts.fileSystem);
    this.#compressing = createCompressingSegments(clock);
    this.#pressure = createPressureGate(clock, () => this.#schedule.note("pressure"));
    this.#schedule = createMaintenanceSchedule({
      ...rhythmOf(logging),
      clock,
      work: (reason, signal) => this.#work(reason, signal),
      onError: (error) => this.#journal.noteFailure(error),
    });
  }

  get totals(): MaintenanceTotals {
    return this.#totals;
  }

  get latest(): MaintenanceReport | undefined {
    return this.#latest;
  }

  start(): void {
    if (!this.#logging.maintenance.enabled) return;
    if (this.#opened === undefined) this.#allowFirstWrites();
    this.#schedule.start();
    this.#open().catch((error: unknown) => this.#journal.noteFailure(error));
  }

  run(): Promise<MaintenanceReport> {
    return this.#schedule.run();
  }

  async plan(options?: PlanRetentionOptions): Promise<RetentionPlan> {
    this.#ending.signal.throwIfAborted();
    const { retention } = await this.#open();
    return await retention.plan({ ...this.#limits(), signal: this.#ending.signal }, options);
  }

  ledger(): TreeLedger | undefined {
    return this.#opened?.ledger;
  }

  async measure(): Promise<TreeLedger | undefined> {
    if (this.#opened === undefined) {
      this.#open().catch((error: unknown) => this.#journal.noteFailure(error));
      return undefined;
    }
    await this.#opened.keeper.look();
    return this.#opened.ledger;
  }

  noteSealed(sealedPath: string): void {
    const { enableCompression, compressionDelaySeconds } = this.#logging.performance;
    this.#compressing.begin(sealedPath, enableCompression ? compressionDelaySeconds * 1000 : undefined);
    this.#totals.rotations += 1;
    this.#noteFile(sealedPath);
    this.#noteFile(activeFileOf(sealedPath));
    this.#schedule.note("seal");
    if (this.#isFilling()) this.#pressure.note();
  }

  noteCompressed(compressedPath: string, sealedPath: string): void {
    this.#compressing.end(sealedPath);
    this.#noteFile(sealedPath);
    this.#noteFile(compressedPath);
    const bytes = (this.#parts.fileSystem ?? nodeFileSystem).lstat(compressedPath)?.size;
    if (bytes !== undefined) this.#knowledge.noteCompressed(sealedPath, compressedPath, bytes);
  }

  noteClosed(directory: string): void {
    if (this.#opened !== undefined) this.#noteActiveIn(directory, this.#opened.ledger);
    else if (this.#opening !== undefined) this.#closedEarly.add(directory);
  }

  notePressure(): void {
    if (!this.#logging.maintenance.enabled) return;
    this.#urgent.abort();
    this.#pressure.note();
  }

  reconfigure(logging: LoggingConfig): void {
    const wasEnabled = this.#logging.maintenance.enabled;
    this.#logging = logging;
    const { enabled } = logging.maintenance;
    this.#schedule.setRhythm(rhythmOf(logging));
    if (enabled && !wasEnabled) this.start();
    if (enabled) this.#schedule.note("pressure");
    else {
      this.#schedule.pause();
      this.#parts.space.set(Number.POSITIVE_INFINITY);
    }
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    this.#pressure.close();
    await this.#schedule.stop();
    await this.#opening?.catch(() => undefined);
    this.#journal.flush();
    // What it takes now is what the next start knows of it; a disk that fails keeps nobody from ending.
    if (this.#isKept) await this.#opened?.keeper.refresh().catch(() => undefined);
    // What is told at the end has room in any case: one segment more than the limit.
    this.#parts.space.add(Math.floor(this.#logging.performance.maxFileSizeMb * bytesPerMb));
  }

  /** Whether a run should make room now, while writers still have some: those that wait for it drop entries. */
  #isFilling(): boolean {
    if (this.#opened === undefined || this.#isWorking || !this.#isKept) return false;
    return this.#opened.keeper.treeBytes() > sizeLimitsOf(this.#logging).roomFromBytes;
  }

  /** Until the tree was looked at, what it took at the last look is all that is known of it. */
  #allowFirstWrites(): void {
    const { space, isNew } = this.#parts;
    const { maxTotalBytes } = sizeLimitsOf(this.#logging);
    const known = isNew ? 0 : this.#usage.read();
    const oneSegment = Math.floor(this.#logging.performance.maxFileSizeMb * bytesPerMb);
    space.set(Math.max(oneSegment, maxTotalBytes - (known ?? maxTotalBytes)));
  }

  /** Once; again after a failure. */
  #open(): Promise<OpenedTree> {
    this.#opening ??= this.#openTree().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #openTree(): Promise<OpenedTree> {
    const opened = await openMaintainedTree({
      ...this.#parts,
      knowledge: this.#knowledge,
      compressing: this.#compressing,
      usage: this.#usage,
      onProblem: (error) => this.#journal.noteFailure(error),
      kept: () => (this.#isKept ? this.#limits() : undefined),
      // Who only measures changes nothing: another process may be tending the tree.
      recovers: this.#isKept,
      signal: this.#ending.signal,
    });
    this.#opened = opened;
    this.#needsRecovery = !this.#isKept;
    for (const file of this.#changedEarly) opened.ledger.note(file);
    this.#changedEarly.clear();
    for (const directory of this.#closedEarly) this.#noteActiveIn(directory, opened.ledger);
    this.#closedEarly.clear();
    await opened.keeper.refresh();
    if (opened.ledger.totals.bytes > this.#limits().limits.roomFromBytes) this.notePressure();
    return opened;
  }

  get #isKept(): boolean {
    return this.#logging.maintenance.enabled;
  }

  #limits(): KeptLimits {
    return { limits: sizeLimitsOf(this.#logging), policy: retentionPolicyOf(this.#logging) };
  }

  #noteFile(file: string): void {
    if (this.#opened === undefined) {
      if (this.#opening !== undefined) this.#changedEarly.add(file);
      return;
    }
    try {
      this.#opened.ledger.note(file);
    } catch {
      // A disk that fails; the next rescan looks again.
      return;
    }
  }

  #noteActiveIn(directory: string, ledger: TreeLedger): void {
    const { fileSystem = nodeFileSystem } = this.#parts;
    try {
      for (const { name } of fileSystem.readdir(directory)) {
        const parsed = parseSegmentName(name);
        if (parsed !== undefined && parsed.seal === undefined) ledger.note(path.join(directory, name));
      }
    } catch {
      // It never wrote, or its directory is gone.
      return;
    }
  }

  async #work(reason: MaintenanceReason, signal: AbortSignal): Promise<MaintenanceReport> {
    const { clock } = this.#parts;
    const tally = createReportTally(reason, clock.now());
    const isPressed = reason === "pressure" || this.#urgent.signal.aborted;
    this.#urgent = new AbortController();
    const urgent = this.#urgent.signal;
    this.#isWorking = true;
    try {
      const { ledger, retention, recover, sweep } = await this.#open();
      // What takes long waits until room is not what is missing.
      const isThorough = reason !== "pressure" && reason !== "seal";
      if (this.#needsRecovery && reason !== "pressure") {
        await recover();
        this.#needsRecovery = false;
        if (!isThorough) await ledger.rescan();
      }
      if (isThorough) {
        await ledger.rescan();
        await sweep();
        retention.forgetRefusals();
      }
      const onPlan = (plan: RetentionPlan): void => this.#journal.notePlan(plan);
      const plan = await retention.perform({ ...this.#limits(), signal, urgent, onPlan }, tally);
      const report = tally.finish(plan, ledger.totals.bytes, clock.now());
      this.#count(report, isPressed);
      return report;
    } catch (error) {
      if (!signal.aborted) this.#totals.failedRuns += 1;
      // Whoever waits for room calls again at once; what fails would fail without end.
      this.#pressure.settle(false);
      throw error;
    } finally {
      this.#isWorking = false;
    }
  }

  #count(report: MaintenanceReport, isPressed: boolean): void {
    this.#latest = report;
    if (report.errors.some(({ action }) => action === "archive")) this.#needsRecovery = true;
    this.#totals.runs += 1;
    this.#totals.archived += report.archived;
    this.#totals.deleted += report.deleted;
    this.#totals.freedBytes += report.bytesFreed;
    this.#totals.longestRunMs = Math.max(this.#totals.longestRunMs, report.durationMs);
    if (isPressed) this.#settlePressure(report);
    this.#journal.noteRun(report);
  }

  /** A run may find nothing to do since the one before it has made the room; a second one in a row has made none. */
  #settlePressure({ bytesFreed, unmet }: MaintenanceReport): void {
    const isIdle = bytesFreed <= 0;
    this.#pressure.settle(!isIdle || (unmet.length === 0 && !this.#wasIdle));
    this.#wasIdle = isIdle;
  }
}

function rhythmOf({ maintenance }: LoggingConfig): MaintenanceRhythm {
  return { intervalMs: maintenance.intervalSeconds * 1000, jitter: maintenance.jitterPercent / 100 };
}
