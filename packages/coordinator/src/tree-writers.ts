import type { StreamAddress, TreeLayout } from "@waybill/log-tree";
import { type Level, severityOf, type Tier, type Writer } from "@waybill/protocols";
import type { StreamOptions, WriterPool } from "@waybill/writers";

/** Opens the writers of one log tree by what they are for. */
export interface TreeWriters {
  ofComponent(container: string, component: string): Writer;
  ofSystem(component: string): Writer;
  ofFlows(tier: Tier | "internal"): Writer;
  ofCorrelations(prefix: string): Writer;
  ofMaster(): Writer;
}

/** Flow records have this level; a stricter `log_levels.event_flows` switches them off. */
const flowLevel: Level = "INFO";

/** @param flowsFrom - least severe level of flow records. */
export function createTreeWriters(
  pool: WriterPool,
  layout: TreeLayout,
  options: StreamOptions,
  coordinator: string,
  flowsFrom: Level,
): TreeWriters {
  const open = (address: StreamAddress): Writer => pool.open(layout.activeFile(address), options);
  // What they hold of an ERROR is a copy: the component's own stream has it written through.
  const openCopies = (address: StreamAddress): Writer =>
    pool.open(layout.activeFile(address), { ...options, writeThrough: false });
  const writesFlows = severityOf[flowLevel] >= severityOf[flowsFrom];
  return {
    ofComponent: (container, component) => open({ kind: "container", container, component }),
    ofSystem: (component) => open({ kind: "system", component }),
    ofFlows: (tier) => (writesFlows ? open({ kind: "flow", coordinator, tier }) : switchedOff),
    ofCorrelations: (prefix) => openCopies({ kind: "correlation", prefix }),
    ofMaster: () => openCopies({ kind: "master" }),
  };
}

/** Takes nothing, as configured. */
const switchedOff: Writer = {
  write: () => true,
  flush: () => Promise.resolve(),
  flushSync: () => true,
  close: () => Promise.resolve(),
  status: () => ({
    state: "open",
    accepted: 0,
    written: 0,
    queued: 0,
    dropped: 0,
    bytesWritten: 0,
    lastFailure: undefined,
  }),
};
