import { resolveConfig } from "@waybill/config";
import { type LogManager, openLogManager } from "./log-manager.ts";
import { getProcessLogManager, offerLogManager } from "./process-managers.ts";

/**
 * The manager of this process; without one, a default manager on `./logs` that is opened now. Whoever opens a
 * coordinator on that tree later closes the default one first: `getProcessLogManager()?.close()`.
 *
 * @throws {WaybillError} as `openLogManager`.
 */
export function processLogManager(): LogManager {
  const known = getProcessLogManager();
  if (known !== undefined) return known;
  const manager = openLogManager({ config: resolveConfig({}).config });
  offerLogManager(manager);
  return manager;
}
