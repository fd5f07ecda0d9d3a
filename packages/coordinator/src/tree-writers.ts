import type { PerformanceConfig } from "@waybill/config";
import type { StreamAddress, StreamKind, TreeLayout } from "@waybill/log-tree";
import { type Level, severityOf, type Tier, type Writer } from "@waybill/protocols";
import type { StreamOptions, WriterPool } from "@waybill/writers";
import { poolOptionsOf, streamOptionsOf } from "./stream-options.ts";

/** Opens the writers of one log tree by what they are for. */
export interface TreeWriters {
  ofComponent(container: string, component: string): Writer;
  ofSystem(component: string): Writer;
  ofFlows(tier: Tier | "internal"): Writer;
  ofCorrelations(prefix: string): Writer;
  ofMaster(): Writer;
  /** For the writers that are open and for those to come. @throws {TypeError | RangeError} with nothing changed. */
  reconfigure(settings: TreeWriterSettings): void;
}

/** What the configuration says about writing. */
export interface TreeWriterSettings {
  readonly performance: PerformanceConfig;
  /** Least severe level of flow records. */
  readonly flowsFrom: Level;
}

/** Flow records have this level; a stricter `log_levels.event_flows` switches them off. */
const flowLevel: Level = "INFO";

/** @param coordinator - id, for the names of flow files. */
export function createTreeWriters(
  pool: WriterPool,
  layout: TreeLayout,
  coordinator: string,
  settings: TreeWriterSettings,
): TreeWriters {
  let { performance, flowsFrom } = settings;
  const open = (address: StreamAddress): Writer =>
    pool.open(layout.activeFile(address), optionsOf(address.kind, performance));
  const writesFlows = (): boolean => severityOf[flowLevel] >= severityOf[flowsFrom];
  return {
    ofComponent: (container, component) => open({ kind: "container", container, component }),
    ofSystem: (component) => open({ kind: "system", component }),
    ofFlows: (tier) => switchable(open({ kind: "flow", coordinator, tier }), writesFlows),
    ofCorrelations: (prefix) => open({ kind: "correlation", prefix }),
    ofMaster: () => open({ kind: "master" }),
    reconfigure(next) {
      pool.reconfigure({
        streamOptionsOf: (path) => optionsOf(layout.locate(path)?.kind, next.performance),
        ...poolOptionsOf(next.performance),
      });
      ({ performance, flowsFrom } = next);
    },
  };
}

function optionsOf(kind: StreamKind | undefined, performance: PerformanceConfig): StreamOptions {
  const options = streamOptionsOf(performance);
  // What they hold of an ERROR is a copy: the component's own stream has it written through.
  const isCopy = kind === "correlation" || kind === "master";
  return isCopy ? { ...options, writeThrough: false } : options;
}

/** Takes entries as long as it is on. */
function switchable(writer: Writer, isOn: () => boolean): Writer {
  return {
    write: (entry) => !isOn() || writer.write(entry),
    flush: () => writer.flush(),
    flushSync: () => writer.flushSync(),
    close: () => writer.close(),
    status: () => writer.status(),
  };
}
