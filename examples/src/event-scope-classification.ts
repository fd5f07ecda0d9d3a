// Event scope classification: every entry says how its event travelled, so a plain grep sorts them.
//
// The scope comes from what is logged beside the message. You will see how often each scope occurs in the tree, and grep
// commands to paste into a shell.
import { resolveConfig } from "@waybill/config";
import { openCoordinator } from "@waybill/coordinator";
import { runWithCorrelation } from "@waybill/correlation";
import { readEntries } from "@waybill/log-tree";
import { logDirectory } from "./support/log-directory.ts";

const logDir = logDirectory();
const { config } = resolveConfig({ coordinator: { logDir } });
const coordinator = openCoordinator({ config, factories: { any: () => ({}) } });
for (const id of ["data_container", "strategy_001", "risk_container"]) {
  await coordinator.createContainer(id, { type: "any" });
}
const log = (containerId: string, component: string) =>
  coordinator.logManager.registerContainer(containerId).createComponentLogger(component);

runWithCorrelation("trade_xyz_123", () => {
  // external_fast_tier: data → strategy.
  const bar = { eventType: "BAR", source: "data_container", target: "strategy_001", tier: "fast" };
  coordinator.tracer.handle(coordinator.tracer.publish(bar), () => {
    // component_internal: nothing in the context says otherwise.
    log("strategy_001", "momentum").info("Average updated", { fast: 101.5, slow: 99.8 });
    // internal_bus: between the components of one container.
    log("strategy_001", "momentum").info("Signal generated", { internal_scope: true, strength: 0.8 });
    // external_standard_tier: strategy → risk.
    log("strategy_001", "portfolio").info("Signal published", { publish_tier: "standard" });
    // external_reliable_tier: risk → execution.
    log("risk_container", "risk_check").info("Order published", { publish_tier: "reliable" });
  });
});
// lifecycle_management: here by hand; the coordinator itself writes more of them.
coordinator.logger.info("Positions reconciled", { lifecycle_operation: "reconciliation" });
await coordinator.shutdown();

const counts = new Map<string, number>();
for await (const { entry } of readEntries(logDir))
  counts.set(entry.scope, (counts.get(entry.scope) ?? 0) + 1);
for (const [scope, count] of counts) console.log(`${scope}: ${count}`);

console.log(`
cd "${logDir}"
# Debug internal container issues
grep "internal_bus" containers/strategy_001/*.log
# Analyze cross-container performance
grep "external_fast_tier" flows/*.log
# Track reliable order execution
grep "external_reliable_tier" correlations/*.log
# Monitor lifecycle management
grep "lifecycle_management" system/*.log`);
