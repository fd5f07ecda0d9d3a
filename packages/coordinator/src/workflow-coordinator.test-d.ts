import type { WaybillConfig } from "@waybill/config";
import { expectTypeOf } from "vitest";
import { openCoordinator } from "./index.ts";

declare const config: WaybillConfig;

class Strategy {
  readonly window = 20;
}

const coordinator = openCoordinator({
  config,
  factories: { strategy: () => new Strategy(), risk: async () => ({ limit: 1 }) },
});

const strategy = await coordinator.createContainer("strategy_001", { type: "strategy", window: 30 });
expectTypeOf(strategy.window).toEqualTypeOf<number>();
expectTypeOf(strategy.logInfo).toBeFunction();

const risk = await coordinator.createContainer("risk", { type: "risk" });
expectTypeOf(risk.limit).toEqualTypeOf<number>();

// Of a type that only the configuration names, nothing but the logging is known.
const configured = await coordinator.createContainer("configured");
expectTypeOf(configured.logInfo).toBeFunction();
// @ts-expect-error what the factory makes is not known here
configured.window;

// @ts-expect-error no factory makes this type
const unknown: Strategy = await coordinator.createContainer("other", { type: "other" });
