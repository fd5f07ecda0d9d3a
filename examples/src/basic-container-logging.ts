// Basic container logging with lifecycle management: one registry per container, one logger per component.
//
// The coordinator makes the folder of a container when it creates the container, and closes its files when it shuts it
// down. You will see what the registry knows while the container runs, and that it is gone afterwards; the files stay.
import { resolveConfig } from "@waybill/config";
import { openCoordinator, type WorkflowCoordinator } from "@waybill/coordinator";
import type { ContainerLogger } from "@waybill/logger";
import { logDirectory } from "./support/log-directory.ts";

/** The loggers of a container's components. The coordinator closes them with their container. */
function setUpContainerLogging(
  containerId: string,
  coordinator: WorkflowCoordinator,
): Record<"data" | "strategy" | "risk", ContainerLogger> {
  // The registry that the coordinator made with the container.
  const registry = coordinator.logManager.registerContainer(containerId);
  return {
    data: registry.createComponentLogger("data_handler"),
    strategy: registry.createComponentLogger("strategy"),
    risk: registry.createComponentLogger("risk_manager"),
  };
}

const { config } = resolveConfig({ coordinator: { logDir: logDirectory() } });
const coordinator = openCoordinator({
  config,
  factories: { strategy: ({ settings }) => ({ allocation: settings["allocation"] }) },
});

// Creating a container sets up its logging.
await coordinator.createContainer("strategy_001", { type: "strategy", allocation: 0.02 });

const loggers = setUpContainerLogging("strategy_001", coordinator);
loggers.data.info("History loaded", { bars: 250 });
loggers.strategy.info("Strategy initialized", {
  strategy_type: "momentum",
  parameters: { fast: 10, slow: 30 },
});
loggers.risk.error("Position refused", new Error("limit of 1,000 shares exceeded"));

console.log(coordinator.containerLogRegistries.get("strategy_001")?.getRegistryStats());

// On shutdown, everything is flushed and closed.
await coordinator.shutdownContainer("strategy_001");
console.log(`Registered after shutdown: ${coordinator.containerLogRegistries.has("strategy_001")}`);
await coordinator.shutdown();
