import * as path from "node:path";
import {
  createEventLoopGauge,
  type MonitorSources,
  readDescriptors,
  readDeviceSpace,
} from "@waybill/monitor";

/** What is measured of the machine that a tree is on. */
export type MachineSources = Pick<MonitorSources, "device" | "descriptors" | "eventLoop">;

/** Sources that measure until they are stopped. */
export interface MachineGauges {
  readonly sources: MachineSources;
  stop(): void;
}

/**
 * Measures this machine, in real time whatever the clock of the tree: it is this thread that is late.
 *
 * @param logDir - a path on the device of the tree.
 */
export function openMachineGauges(logDir: string): MachineGauges {
  const root = path.resolve(logDir);
  const eventLoop = createEventLoopGauge();
  return {
    sources: {
      device: () => readDeviceSpace(root),
      eventLoop: () => eventLoop.read(),
      // Elsewhere it would be unmeasured in every run, and the health degraded for it.
      ...(process.platform === "linux" ? { descriptors: readDescriptors } : {}),
    },
    stop: () => eventLoop.stop(),
  };
}
