import type { TreeLedger } from "@waybill/log-tree";
import type { AlertEvent, LifecycleTotals } from "@waybill/monitor";
import type { Clock, Loggable } from "@waybill/protocols";
import type { WriterPoolStatus } from "@waybill/writers";
import type { ContainerLogRegistry } from "../container-log-registry.ts";
import type { MachineSources } from "./machine-gauges.ts";

/** What a `TreeMonitor` asks, and whom it tells. What it asks is asked in each run and should cost little. */
export interface TreeMonitorPorts {
  /** Undefined until the first walk over the tree is done; its disk usage is unmeasured until then, and says so. */
  readonly ledger: () => TreeLedger | undefined | Promise<TreeLedger | undefined>;
  readonly writers: () => WriterPoolStatus;
  /** What maintenance has done since the start. */
  readonly lifecycle: () => LifecycleTotals;
  /** A live view of the containers, for the counts of their entries. */
  readonly registries: ReadonlyMap<string, ContainerLogRegistry>;
  /** Takes the alerts, and which of them could not be posted. One whose errors are in no registry, or a critical alert would be one error more. */
  readonly logger: Loggable;
  /** Gives the logger of `system/performance_metrics.log`; asked for once, and only when it is switched on. */
  readonly performanceLogger: () => Loggable;
  /** The application is told of each alert that begins or ends. What it throws is told in the system log. Default nobody. */
  readonly onAlert?: ((event: AlertEvent) => void | Promise<void>) | undefined;
  /** Called when the alert `disk_usage` or `free_disk` begins, and every 900 seconds while one of them lasts. */
  readonly onPressure: () => void;
  /** Default: the clock of this process. */
  readonly clock?: Clock | undefined;
  /** Sources in place of those of this machine: the device of the tree, descriptors (on Linux), the event loop. */
  readonly machine?: MachineSources | undefined;
}
