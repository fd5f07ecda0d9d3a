// Composition over inheritance: a logger is put together from small parts, and each part can be replaced.
//
// There is no coordinator here. A writer for the container, a writer for master.log, a scope detector and the correlation
// of the running task make a logger; one of the parts is our own. You will see that part print each entry on its way to
// the file of the container.
import { runWithCorrelation } from "@waybill/correlation";
import { openTree } from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import type { Writer } from "@waybill/protocols";
import { createScopeDetector } from "@waybill/scope";
import { openFileWriter } from "@waybill/writers";
import { logDirectory } from "./support/log-directory.ts";

/** A part of our own: shows every entry, and hands it on to another writer. */
function createShowingWriter(inner: Writer): Writer {
  return {
    write(entry) {
      console.log(`${entry.level}  ${entry.scope}  ${entry.correlationId}  ${entry.message}`);
      return inner.write(entry);
    },
    flush: () => inner.flush(),
    flushSync: () => inner.flushSync(),
    close: () => inner.close(),
    status: () => inner.status(),
  };
}

const { layout } = openTree(logDirectory(), { coordinatorId: "composed" });
const containerId = "strategy_001";
const componentName = "momentum";
const file = layout.activeFile({ kind: "container", container: containerId, component: componentName });
const containerWriter = createShowingWriter(openFileWriter({ path: file }));
const masterWriter = openFileWriter({ path: layout.activeFile({ kind: "master" }) });

const logger = createContainerLogger({
  containerId,
  componentName,
  writer: containerWriter,
  summary: { writer: masterWriter, minLevel: "WARNING" },
  detector: createScopeDetector({ tiers: ["batch"] }),
});

runWithCorrelation("trade_xyz_123", () => {
  logger.info("Generating signal", { internal_scope: true, strength: 0.8 });
  logger.warn("Signal is published late", { publish_tier: "batch", delay_ms: 40 });
});

await logger.close();
await masterWriter.close();
