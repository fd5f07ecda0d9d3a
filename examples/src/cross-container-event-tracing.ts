// Cross-container event tracing: one correlation id, followed through four containers and three tiers.
//
// Containers do not know each other: each publishes, a router finds the target. The correlation id and the causing event
// travel with the event. You will see the whole flow on one line, with the time that each container took.
import { setTimeout as sleep } from "node:timers/promises";
import { resolveConfig } from "@waybill/config";
import { type ContainerServices, openCoordinator } from "@waybill/coordinator";
import { runWithCorrelation } from "@waybill/correlation";
import { type FlowEvent, formatFlowLine } from "@waybill/flows";
import { logDirectory } from "./support/log-directory.ts";

/** What a container does with an event: some work, and perhaps an event of its own. */
interface Step {
  readonly workMs: number;
  readonly publishes?: { readonly eventType: string; readonly tier: string };
}

const steps: Readonly<Record<string, Step>> = {
  data_container: { workMs: 2, publishes: { eventType: "BAR", tier: "fast" } },
  strategy_015: { workMs: 5, publishes: { eventType: "SIGNAL", tier: "standard" } },
  risk_container: { workMs: 15, publishes: { eventType: "ORDER", tier: "reliable" } },
  execution: { workMs: 45 },
};
const routes = new Map([
  ["BAR", "strategy_015"],
  ["SIGNAL", "risk_container"],
  ["ORDER", "execution"],
]);
const queue: FlowEvent[] = [];
const containers = new Map<string, HybridContainer>();

class HybridContainer {
  readonly #services;
  readonly #logger;

  constructor(services: ContainerServices) {
    this.#services = services;
    this.#logger = services.registry.createComponentLogger("hybrid_container");
    containers.set(services.containerId, this);
  }

  async work({ workMs, publishes }: Step): Promise<void> {
    await sleep(workMs);
    if (publishes === undefined) this.#logger.info("Order executed", { internal_scope: true });
    else this.publishExternal(publishes.eventType, publishes.tier);
  }

  publishExternal(eventType: string, tier: string): void {
    const { containerId, tracer } = this.#services;
    // `publish_tier` gives the entry its scope.
    this.#logger.info("Publishing external event", { event_type: eventType, publish_tier: tier });
    queue.push(tracer.traceExternalEvent({ sourceContainer: containerId, tier, eventType }));
  }

  shutdown(): void {
    this.#logger.info("Container shutting down", { lifecycle_operation: "container_shutdown" });
  }
}

const coordinator = openCoordinator({
  config: resolveConfig({ coordinator: { coordinatorId: "main", logDir: logDirectory() } }).config,
  factories: { hybrid: (services) => new HybridContainer(services) },
});
for (const containerId of Object.keys(steps))
  await coordinator.createContainer(containerId, { type: "hybrid" });

const work = (containerId: string) => containers.get(containerId)?.work(steps[containerId] ?? { workMs: 0 });
await runWithCorrelation("trade_abc123", () => work("data_container"));
for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
  const target = routes.get(event.eventType) ?? "unknown";
  await coordinator.tracer.handle({ ...event, target }, () => work(target));
}

const flow = coordinator.tracer.traceSignalFlow("trade_abc123");
if (flow !== undefined) console.log(formatFlowLine(flow));
await coordinator.shutdown();
