import type { PerformanceConfig } from "@waybill/config";
import type { TreeLayout } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import type { Clock } from "@waybill/protocols";
import { createWriterPool, type WriterPool, type WriterPoolOptions } from "@waybill/writers";
import type { FailureReport } from "./failure-report.ts";
import { lockFileOf } from "./lock-file.ts";
import { poolOptionsOf } from "./stream-options.ts";
import { createWriteFailures } from "./write-failures.ts";

/** Whom a pool tells how writing goes, and what it may write. */
export interface TreePoolPorts
  extends Pick<WriterPoolOptions, "space" | "onPressure" | "onSealed" | "onCompressed" | "onWritten"> {
  readonly clock: Clock;
  readonly report: FailureReport;
  /** Asked for when there is something to tell: it writes through the pool itself. */
  readonly logger: () => ContainerLogger;
}

/** The writers of one tree; what fails and what works again is told in the tree, and to people. */
export function createTreePool(
  layout: TreeLayout,
  performance: PerformanceConfig,
  ports: TreePoolPorts,
): WriterPool {
  const { clock, report, logger, ...options } = ports;
  const failures = createWriteFailures(logger);
  return createWriterPool(
    {
      ...options,
      lockFileOf: (directory) => lockFileOf(layout, directory),
      floorFileOf: layout.floorFile,
      ...poolOptionsOf(performance),
      onFailure(failure) {
        report.note(failure);
        failures.noteFailure(failure);
      },
      onRecovered: (path) => failures.noteRecovered(path),
    },
    { clock },
  );
}
