import type { WaybillConfig } from "@waybill/config";
import { createFactories } from "../containers/create-factories.ts";
import type { ComponentLogger } from "../containers/services.ts";
import { createRouter } from "../router/router.ts";

const silent = () => undefined;
const silentLogger: ComponentLogger = { debug: silent, info: silent, warning: silent, error: silent };

/**
 * Makes every container once without logs, so that a wrong setting is found before anything is written.
 *
 * @throws {AppError} of the first container that refuses its settings.
 */
export function rehearse(config: WaybillConfig): void {
  const tracer = { publish: refuseEvents, handle: refuseEvents, traceInternalEvent: silent };
  const factories = new Map(
    Object.entries(createFactories(createRouter({ tracer }), { data: undefined, execution: undefined })),
  );
  const registry = { createComponentLogger: () => silentLogger };
  for (const { containerId, type, settings } of Object.values(config.containers)) {
    factories.get(type)?.({ containerId, settings, registry, tracer });
  }
}

function refuseEvents(): never {
  throw new Error("a container publishes events while it is being made");
}
