import { resolveConfig } from "@waybill/config";
import { openCoordinator } from "@waybill/coordinator";
import type { FlowEvent } from "@waybill/flows";
import type { Contestant, Setup, TracedPhase } from "../contestant.ts";
import type { BenchEntry } from "../workload.ts";

/** Ours with everything a coordinator adds: `master.log`, the correlation index, flow records. */
export async function open({ root, streams, mode }: Setup): Promise<Contestant> {
  const { config } = resolveConfig({
    coordinator: { coordinatorId: "bench", logDir: root },
    logging: { logLevels: { containers: "DEBUG" }, performance: { mode, enableCompression: false } },
  });
  const coordinator = openCoordinator({ config, factories: { bench: () => ({}) } });
  for (const containerId of new Set(streams.map((stream) => stream.containerId))) {
    await coordinator.createContainer(containerId, { type: "bench" });
  }
  const loggers = streams.map(({ containerId, componentName }) => {
    const registry = coordinator.containerLogRegistries.get(containerId);
    if (registry === undefined) throw new Error(`container ${containerId} was not registered`);
    return registry.createComponentLogger(componentName);
  });
  return {
    write(entry: BenchEntry): void {
      loggers[entry.stream]?.[entry.level](entry.message, entry.context);
    },
    trace: ({ phase, ...event }: TracedPhase): void => {
      const flowEvent: FlowEvent = { ...event, eventType: "signal", tier: "fast" };
      coordinator.tracer[phase](flowEvent);
    },
    opened: async () => {
      await Promise.all(loggers.map((logger) => logger.flush()));
    },
    close: () => coordinator.shutdown(),
  };
}
