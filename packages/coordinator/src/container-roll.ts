import type { WaybillConfig } from "@waybill/config";
import type { Clock } from "@waybill/protocols";
import type { ContainerLogRegistry } from "./container-log-registry.ts";
import type { ContainerRoll } from "./maintenance/retention-run.ts";

/** Of containers that were unregistered earlier the time of their last entry counts. */
const unregisteredMax = 10_000;

/** A roll that is kept as containers come and go. */
export interface KeptRoll extends ContainerRoll {
  noteRegistered(containerId: string): void;
  noteUnregistered(containerId: string): void;
}

/** @param config - as it is now; a container that it names counts as registered, created or not. */
export function createContainerRoll(
  registries: ReadonlyMap<string, ContainerLogRegistry>,
  config: () => WaybillConfig,
  clock: Clock,
): KeptRoll {
  const unregistered = new Map<string, number>();
  return {
    registered: () => new Set([...registries.keys(), ...Object.keys(config().containers)]),
    unregistered: () => unregistered,
    typeOf: (container) => registries.get(container)?.type ?? config().containers[container]?.type,
    noteRegistered(containerId) {
      unregistered.delete(containerId);
    },
    noteUnregistered(containerId) {
      unregistered.set(containerId, clock.now());
      const [oldest] = unregistered.keys();
      if (unregistered.size > unregisteredMax && oldest !== undefined) unregistered.delete(oldest);
    },
  };
}
