import type { Router } from "../router/router.ts";
import { DataContainer } from "./data-container.ts";
import { ExecutionContainer } from "./execution-container.ts";
import { MarketRegimeContainer } from "./market-regime-container.ts";
import { RiskContainer } from "./risk-container.ts";
import type { ContainerServices } from "./services.ts";
import { StrategyContainer } from "./strategy-container.ts";

/** What the coordinator hands to a factory; the router is the app's own. */
export type FactoryServices = Omit<ContainerServices, "router">;

/** The containers that the app itself talks to, once they exist. */
export interface Pipeline {
  data: DataContainer | undefined;
  execution: ExecutionContainer | undefined;
}

/** How each container of this app is made, by the `type` that the configuration names. */
export function createFactories(router: Router, pipeline: Pipeline) {
  return {
    data(services: FactoryServices) {
      pipeline.data = new DataContainer({ ...services, router });
      return pipeline.data;
    },
    market_regime: (services: FactoryServices) => new MarketRegimeContainer({ ...services, router }),
    strategy: (services: FactoryServices) => new StrategyContainer({ ...services, router }),
    risk: (services: FactoryServices) => new RiskContainer({ ...services, router }),
    execution(services: FactoryServices) {
      pipeline.execution = new ExecutionContainer({ ...services, router });
      return pipeline.execution;
    },
  };
}

/** The types that {@link createFactories} can make. */
export const containerTypes = ["data", "market_regime", "strategy", "risk", "execution"] as const;
