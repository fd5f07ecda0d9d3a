// Production operations: a production configuration, fifty containers, the status of the whole system, orderly shutdown.
//
// Files are made with their containers and closed with them; they are sealed when they are full. What the configuration
// says of retention and monitoring is checked, and not acted on in this release: until then, old files are yours to delete.
// You will see how many containers run, how much the log tree takes on disk, and how old its oldest entry is.
import { resolveConfig } from "@waybill/config";
import { type ContainerServices, openCoordinator } from "@waybill/coordinator";
import { logDirectory } from "./support/log-directory.ts";

const { config, warnings } = resolveConfig({
  coordinator: { coordinatorId: "prod_coordinator_001", logDir: logDirectory() },
  logging: {
    retentionPolicy: { maxAgeDays: 30, archiveAfterDays: 7, maxTotalSizeGb: 10, compressionEnabled: true },
    performance: { asyncWriting: true, batchSize: 1000, flushIntervalSeconds: 5 },
    monitoring: { diskUsageAlertThresholdGb: 8, errorRateAlertThreshold: 10 },
  },
});
for (const warning of warnings) console.log(`Advice: ${warning}`);

/** What a coordinator calls, if it is there: `initialize`, `status` and `shutdown`. No base class, no interface. */
class StrategyContainer {
  readonly #logger;
  readonly #settings;
  #bars = 0;

  constructor({ registry, settings }: ContainerServices) {
    this.#logger = registry.createComponentLogger("strategy");
    this.#settings = settings;
  }

  initialize(): void {
    this.#logger.info("Strategy initialized", this.#settings);
  }

  onBar(close: number): void {
    this.#bars += 1;
    this.#logger.info("Bar processed", { close, internal_scope: true });
  }

  get status(): { bars: number } {
    return { bars: this.#bars };
  }
}

const strategies: StrategyContainer[] = [];
const strategy = (services: ContainerServices): StrategyContainer => {
  const container = new StrategyContainer(services);
  strategies.push(container);
  return container;
};

const coordinator = openCoordinator({ config, factories: { strategy } });
for (let index = 0; index < 50; index += 1) {
  const containerId = `strategy_container_${String(index).padStart(3, "0")}`;
  await coordinator.createContainer(containerId, {
    type: "strategy",
    strategy: "momentum",
    allocation: 0.02,
  });
}
for (const container of strategies) for (const close of [1455, 1399, 1402]) container.onBar(close);

await coordinator.logManager.flush();
const status = await coordinator.getSystemStatus();
console.log(`System running with ${status.coordinator.activeContainers} containers`);
console.log(`Total log disk usage: ${status.logging.diskUsageMb.toFixed(2)} MB`);
console.log(`Oldest log: ${status.logging.oldestLog}`);
console.log("First container:", status.containers["strategy_container_000"]?.status);

await coordinator.shutdown();
console.log("All containers shut down and all logs closed");
