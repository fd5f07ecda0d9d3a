import type { LoggingConfig } from "@waybill/config";
import type { TreeLayout, TreeLedger } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import type { Clock, FileSystem } from "@waybill/protocols";
import type { PlanRetentionOptions, RetentionPlan } from "@waybill/retention";
import type { SpaceBudget, WriterPool } from "@waybill/writers";
import type { MaintenanceReport } from "./maintenance-report.ts";
import type { ContainerRoll } from "./retention-run.ts";
import { ScheduledMaintenance } from "./scheduled-maintenance.ts";

/** What maintenance has done since the start. */
export interface MaintenanceTotals {
  /** Runs that came to their end. */
  readonly runs: number;
  /** Runs that did not. */
  readonly failedRuns: number;
  /** Segments that were sealed, by writers for their size and time as well. */
  readonly rotations: number;
  readonly archived: number;
  readonly deleted: number;
  readonly freedBytes: number;
  /** Milliseconds of the longest run. */
  readonly longestRunMs: number;
}

/** What a {@link TreeMaintenance} works with. */
export interface TreeMaintenanceParts {
  readonly logging: LoggingConfig;
  readonly layout: TreeLayout;
  readonly pool: Pick<WriterPool, "streams" | "seal">;
  readonly space: SpaceBudget;
  readonly containers: ContainerRoll;
  /** Asked for when there is something to tell. */
  readonly logger: () => ContainerLogger;
  /** Whether the tree was made just now. */
  readonly isNew: boolean;
  readonly clock: Clock;
  /** Undefined = that of this machine, whose slow calls then run beside the event loop. */
  readonly fileSystem?: FileSystem | undefined;
}

/**
 * Tends a log tree: seals, archives and deletes by the configuration, and keeps the size within its limit.
 *
 * The first look at the tree happens soon after the start and not within it; until then writers may write one segment.
 */
export interface TreeMaintenance {
  start(): void;
  /** Runs now, or after the run that is under way. @throws {Error} `AbortError` after {@link stop}. */
  run(): Promise<MaintenanceReport>;
  /** What a run would do now. Does nothing. @throws as {@link run}. */
  plan(options?: PlanRetentionOptions): Promise<RetentionPlan>;
  /** What lies in the tree; undefined until it was looked at. */
  ledger(): TreeLedger | undefined;
  /** The same, with what has grown since; begins the first look where nobody has. For measuring. */
  measure(): Promise<TreeLedger | undefined>;
  readonly totals: MaintenanceTotals;
  /** The last run that came to its end. */
  readonly latest: MaintenanceReport | undefined;
  noteSealed(sealedPath: string): void;
  noteCompressed(compressedPath: string, sealedPath: string): void;
  /** Streams in a directory were closed: nobody tells any more of what they have written last. */
  noteClosed(directory: string): void;
  /** Room is needed soon: writers have little left, or an alert says so. */
  notePressure(): void;
  reconfigure(logging: LoggingConfig): void;
  /** Ends what runs, and all of it. Idempotent. */
  stop(): Promise<void>;
}

/** @param parts - see {@link TreeMaintenanceParts}. */
export function createTreeMaintenance(parts: TreeMaintenanceParts): TreeMaintenance {
  return new ScheduledMaintenance(parts);
}
