import * as path from "node:path";
import type { PerformanceConfig } from "@waybill/config";
import { encodePathPart, type TreeLayout } from "@waybill/log-tree";
import type { ContainerLogger } from "@waybill/logger";
import type { Clock } from "@waybill/protocols";
import { createWriterPool, type WriterFailure, type WriterPool } from "@waybill/writers";
import type { FailureReport } from "./failure-report.ts";
import { poolOptionsOf } from "./stream-options.ts";

/** Whom a pool tells how writing goes. */
export interface TreePoolPorts {
  readonly clock: Clock;
  readonly report: FailureReport;
  /** Asked for when there is something to tell: it writes through the pool itself. */
  readonly logger: () => ContainerLogger;
}

/**
 * The writers of one tree; what fails and what works again is told in the tree, and to people.
 *
 * Each directory has its lock, so that processes can share a tree and divide the containers among them.
 */
export function createTreePool(
  layout: TreeLayout,
  performance: PerformanceConfig,
  ports: TreePoolPorts,
): WriterPool {
  const { root, locks } = layout;
  return createWriterPool(
    {
      lockFileOf: (directory) => path.join(locks, encodePathPart(path.relative(root, directory) || ".")),
      floorFileOf: layout.floorFile,
      ...poolOptionsOf(performance),
      onFailure(failure) {
        ports.report.note(failure);
        logFailure(ports.logger(), failure);
      },
      onRecovered: (path) =>
        ports.logger().info("Writing works again", { path, lifecycle_operation: "write_recovered" }),
    },
    { clock: ports.clock },
  );
}

function logFailure(logger: ContainerLogger, { path, code, message }: WriterFailure): void {
  logger.error("Writing failed", { path, code, reason: message, lifecycle_operation: "write_failed" });
}
