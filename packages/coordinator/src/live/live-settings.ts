import { isDeepStrictEqual } from "node:util";
import type { WaybillConfig } from "@waybill/config";

/** What applying a configuration to a running manager has done. */
export interface AppliedConfig {
  /** Sections that hold from now on, such as `logging.performance`. */
  readonly applied: readonly string[];
  /** Sections that differ and hold only after a restart. */
  readonly needsRestart: readonly string[];
}

/** The sections that a running manager takes over. */
const liveSections: ReadonlySet<string> = new Set([
  "logging.retentionPolicy",
  "logging.logLevels",
  "logging.levelsByType",
  "logging.performance",
  "logging.monitoring",
  "logging.maintenance",
  "logging.flightRecorder",
  "logging.quotas",
  "logging.folding",
  "logging.master",
]);

/** Compares two configurations, section by section. Pure. */
export function compareConfigs(before: WaybillConfig, after: WaybillConfig): AppliedConfig {
  const changed = [
    ...changedKeys("coordinator", before.coordinator, after.coordinator),
    ...changedKeys("logging", before.logging, after.logging),
    ...(isDeepStrictEqual(levelsOf(before, after), levelsOf(after, before)) ? [] : ["containers.logging"]),
    ...(isDeepStrictEqual(withoutLevels(before), withoutLevels(after)) ? [] : ["containers"]),
  ];
  const isLive = (section: string): boolean => liveSections.has(section) || section === "containers.logging";
  return {
    applied: changed.filter(isLive).map(inFile),
    needsRestart: changed.filter((section) => !isLive(section)).map(inFile),
  };
}

/** The configuration that holds once the live sections of `next` are taken over. */
export function takeLiveSections(current: WaybillConfig, next: WaybillConfig): WaybillConfig {
  const { tiers, correlations } = current.logging;
  const containers = Object.assign(Object.create(null) as WaybillConfig["containers"], current.containers);
  for (const [id, { logging }] of Object.entries(next.containers)) {
    const known = current.containers[id];
    if (known !== undefined) Object.assign(containers, { [id]: { ...known, logging } });
  }
  return { ...current, containers, logging: { ...next.logging, tiers, correlations } };
}

function changedKeys<Section extends object>(name: string, before: Section, after: Section): string[] {
  const keys = Object.keys(after) as (keyof Section & string)[];
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key])).map((key) => `${name}.${key}`);
}

/** Of the containers that are in the other one too: one that comes or goes needs a restart, levels and all. */
function levelsOf({ containers }: WaybillConfig, other: WaybillConfig): unknown {
  const common = Object.entries(containers).filter(([id]) => Object.hasOwn(other.containers, id));
  return new Map(common.map(([id, { logging }]) => [id, logging]));
}

function withoutLevels({ containers }: WaybillConfig): unknown {
  return Object.entries(containers).map(([id, { type, settings }]) => [id, type, settings]);
}

/** `logging.retentionPolicy` stands in a file as `logging.retention_policy`. */
function inFile(section: string): string {
  return section.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
