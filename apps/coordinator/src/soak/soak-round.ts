import type { ContainerFactories, WorkflowCoordinator } from "@waybill/coordinator";
import { createFactories, type Pipeline } from "../containers/create-factories.ts";
import type { TradingResult } from "../execution/fill-processor.ts";
import type { Bar } from "../market/bar.ts";
import { createRouter, type Router } from "../router/router.ts";
import { createCatchUp } from "../run/catch-up.ts";

/** The pipeline of one round: its containers come with it and go with it. */
interface Round {
  readonly router: Router;
  readonly pipeline: Pipeline;
  readonly factories: ReturnType<typeof createFactories>;
}

/** Runs the bars of a plan again and again, each time through new containers of the same ids. */
export interface SoakRounds {
  /** For the coordinator that {@link run} is given. */
  readonly factories: ContainerFactories;
  /** @returns the trades; undefined when it was ended before the last bar. */
  run(coordinator: WorkflowCoordinator, options: SoakRoundOptions): Promise<TradingResult | undefined>;
}

/** How a round is run. */
export interface SoakRoundOptions {
  readonly bars: readonly Bar[];
  /** Stands in the ids of all flows. */
  readonly runKey: string;
  readonly pace: (signal: AbortSignal | undefined) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onBar: (date: string) => void;
}

/** @param coordinator - asked for when the first event is published. */
export function createSoakRounds(coordinator: () => WorkflowCoordinator): SoakRounds {
  let round = openRound(coordinator);
  return {
    factories: {
      data: (services) => round.factories.data(services),
      market_regime: (services) => round.factories.market_regime(services),
      strategy: (services) => round.factories.strategy(services),
      risk: (services) => round.factories.risk(services),
      execution: (services) => round.factories.execution(services),
    },
    async run(owner, { bars, onBar, ...streaming }) {
      round = openRound(coordinator);
      const { router, pipeline } = round;
      await owner.createConfiguredContainers();
      const catchUp = createCatchUp(() => owner.logManager.flush());
      let done = 0;
      await pipeline.data?.stream(bars, {
        ...streaming,
        async onBar(count, { date }) {
          done = count;
          onBar(date);
          await catchUp(router.stats().deliveries);
        },
      });
      const result = done === bars.length ? pipeline.execution?.tradingResult() : undefined;
      await Promise.all([...owner.containers.keys()].map((id) => owner.shutdownContainer(id)));
      return result;
    },
  };
}

function openRound(coordinator: () => WorkflowCoordinator): Round {
  const router = createRouter({
    tracer: {
      publish: (event) => coordinator().tracer.publish(event),
      handle: (event, work) => coordinator().tracer.handle(event, work),
    },
  });
  const pipeline: Pipeline = { data: undefined, execution: undefined };
  return { router, pipeline, factories: createFactories(router, pipeline) };
}
