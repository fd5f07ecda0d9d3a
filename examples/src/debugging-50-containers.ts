// Debugging 50+ containers: which container logs most, how busy the tiers are, and which flow failed where.
//
// Fifty strategies trade once; one order is too large, and one strategy is far too talkative. You will see both found:
// the talker by the status of the system, the failure by its flow, which is rebuilt from the files of the tree alone.
import { parseConfig } from "@waybill/config";
import { openCoordinator } from "@waybill/coordinator";
import { newCorrelationId, runWithCorrelation } from "@waybill/correlation";
import { assembleFlows, formatFlowLine, latencyByTier, parseFlowRecord } from "@waybill/flows";
import { readEntries } from "@waybill/log-tree";
import { logDirectory } from "./support/log-directory.ts";

const logDir = logDirectory();
const { config } = parseConfig(`
coordinator: { coordinator_id: production, log_dir: ${JSON.stringify(logDir)} }
containers:
  data_container: { type: any }
  strategy: { type: any, instances: 50 }
  risk_container: { type: any }
  execution: { type: any }
`);
const coordinator = openCoordinator({ config, factories: { any: () => ({}) } });
await coordinator.createConfiguredContainers();

const { logManager, tracer } = coordinator;
const log = (containerId: string) => logManager.registerContainer(containerId).createComponentLogger("main");

/** Publishes an event and delivers it at once; a failure stays in the container where it happens. */
function send(eventType: string, tier: string, source: string, target: string, work: () => void): void {
  try {
    tracer.handle(tracer.publish({ eventType, tier, source, target }), work);
  } catch (error) {
    log(target).error(`${eventType} failed: ${String(error)}`, { error });
  }
}

for (let number = 1; number <= 50; number += 1) {
  const strategy = `strategy_${String(number).padStart(3, "0")}`;
  const trade = () => {
    log("data_container").info("Bar published", { publish_tier: "fast" });
    send("BAR", "fast", "data_container", strategy, () => {
      for (let tick = 1; tick <= (number === 37 ? 2000 : 1); tick += 1)
        log(strategy).info("Tick seen", { tick });
      send("SIGNAL", "standard", strategy, "risk_container", () => {
        log("risk_container").info("Signal approved", { publish_tier: "reliable" });
        send("ORDER", "reliable", "risk_container", "execution", () => {
          if (number === 13) throw new RangeError("order of 13,000 shares exceeds the limit of 10,000");
          log("execution").info("Order filled", { internal_scope: true });
        });
      });
    });
  };
  runWithCorrelation(newCorrelationId("trade"), trade);
}

// How is the system, and which containers have large logs?
await logManager.flush();
const { coordinator: state, logging } = await coordinator.getSystemStatus();
console.log(`${state.activeContainers} containers, ${logging.diskUsageMb.toFixed(2)} MB of logs`);
for (const [containerId, { totalSizeMb }] of Object.entries(logging.logStructure)) {
  if (totalSizeMb < 0.1) continue;
  const stats = coordinator.containerLogRegistries.get(containerId)?.getRegistryStats();
  console.log(`Large logs: ${containerId}, ${totalSizeMb.toFixed(2)} MB`, stats?.components["main"]);
}
await coordinator.shutdown();

// What went between the containers in the last five minutes, and what failed? The files tell.
const records = [];
for await (const { entry } of readEntries(logDir, { kinds: ["flow"] })) {
  const record = parseFlowRecord(entry);
  if (record !== undefined && record.timestampMs >= Date.now() - 5 * 60_000) records.push(record);
}
const flows = assembleFlows(records);
for (const { tier, hops, errors } of latencyByTier(flows))
  console.log(`${tier}: ${hops} events, ${errors} failed`);
for (const flow of flows.filter(({ status }) => status === "failed")) {
  console.log(formatFlowLine(flow));
  for await (const { entry, file } of readEntries(logDir, { contains: JSON.stringify(flow.correlationId) })) {
    if (entry.level === "ERROR") console.log(`${file}: ${entry.message}`);
  }
}
