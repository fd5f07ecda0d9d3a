import { getCorrelationId, runWithCorrelation } from "@waybill/correlation";
import { beforeAll, describe, expect, it } from "vitest";
import type { TradingResult } from "../execution/fill-processor.ts";
import { parseDay } from "../market/bar.ts";
import { barsBetween, loadBars } from "../market/load-bars.ts";
import { createRouter, type HopTracer } from "../router/router.ts";
import type { RouterStats } from "../router/router-stats.ts";
import { createFactories, type FactoryServices, type Pipeline } from "./create-factories.ts";
import type { ComponentLogger } from "./services.ts";

interface Line {
  readonly level: string;
  readonly container: string;
  readonly component: string;
  readonly message: string;
  readonly correlationId: string | undefined;
}

interface Run {
  readonly lines: readonly Line[];
  readonly stats: RouterStats;
  readonly result: TradingResult | undefined;
}

/** A tracer that carries the correlation id and records nothing. */
const carrier: HopTracer = {
  publish: (event) => ({
    ...event,
    eventId: "evt",
    correlationId: event.correlationId ?? getCorrelationId(),
  }),
  handle: ({ correlationId }, work) =>
    correlationId === undefined ? work() : runWithCorrelation(correlationId, work),
};

function servicesOf(containerId: string, lines: Line[]): FactoryServices {
  const loggerOf = (component: string): ComponentLogger => {
    const log = (level: string) => (message: string) => {
      lines.push({ level, container: containerId, component, message, correlationId: getCorrelationId() });
    };
    return { debug: log("DEBUG"), info: log("INFO"), warning: log("WARNING"), error: log("ERROR") };
  };
  const tracer = { traceInternalEvent: () => undefined };
  return { containerId, settings: {}, registry: { createComponentLogger: loggerOf }, tracer };
}

/** Runs the whole pipeline in memory. */
async function run(from: string, to: string, strategies = 50): Promise<Run> {
  const lines: Line[] = [];
  const pipeline: Pipeline = { data: undefined, execution: undefined };
  const router = createRouter({ tracer: carrier });
  const factories = createFactories(router, pipeline);
  factories.data(servicesOf("data_container", lines));
  factories.market_regime(servicesOf("market_regime_container", lines));
  for (let number = 1; number <= strategies; number += 1) {
    factories.strategy(servicesOf(`strategy_${String(number).padStart(3, "0")}`, lines));
  }
  factories.risk(servicesOf("risk_container", lines));
  factories.execution(servicesOf("execution_container", lines));
  const bars = barsBetween(await loadBars(), parseDay(from) ?? 0, parseDay(to) ?? 0);
  await pipeline.data?.stream(bars);
  return { lines, stats: router.stats(), result: pipeline.execution?.tradingResult() };
}

describe("two years of the S&P 500 through 54 containers", () => {
  let years: Run;
  beforeAll(async () => {
    years = await run("2001-01-01", "2002-12-31");
  });

  /** How often a message occurs, numbers aside. */
  const count = (level: string, container: RegExp, message: string) =>
    years.lines.filter(
      (line) => line.level === level && container.test(line.container) && line.message.startsWith(message),
    ).length;

  it("trades, with the same result as ever", () => {
    expect(years.result).toMatchInlineSnapshot(`
      {
        "buys": 300,
        "capital": 1000000,
        "cash": 342569.99,
        "commissions": 588,
        "fills": 588,
        "holdings": 414395.22,
        "profit": -243034.79,
        "sells": 288,
      }
    `);
    expect(years.stats).toMatchInlineSnapshot(`
      {
        "deliveries": 28201,
        "failedFlows": 19,
        "failures": 19,
        "flows": 26551,
        "retries": 87,
      }
    `);
  });

  it("meets every natural cause of warnings and errors", () => {
    const causes = {
      feedGap: count("ERROR", /data_container/, "Feed gap"),
      longWeekend: count("WARNING", /data_container/, "Long weekend"),
      brokenWindow: count("ERROR", /strategy/, "Bar not used: window of"),
      staleSignal: count("ERROR", /risk/, "Stale bar"),
      noCash: count("ERROR", /risk/, "Cash limit"),
      positionLimit: count("WARNING", /risk/, "Position limit"),
      exposureLimit: count("WARNING", /risk/, "Exposure limit"),
      history: count("WARNING", /risk/, "Insufficient history"),
      staleOrder: count("ERROR", /execution/, "Order stale"),
      noCashAtOpen: count("ERROR", /execution/, "Cash limit"),
      deskBusy: count("ERROR", /execution/, "order desk busy"),
    };
    expect(causes).toMatchInlineSnapshot(`
      {
        "brokenWindow": 10,
        "deskBusy": 0,
        "exposureLimit": 89,
        "feedGap": 1,
        "history": 7,
        "longWeekend": 10,
        "noCash": 9,
        "noCashAtOpen": 0,
        "positionLimit": 166,
        "staleOrder": 0,
        "staleSignal": 0,
      }
    `);
  });

  it("carries one correlation id from the strategy to the fill", () => {
    const fill = years.lines.find(({ component }) => component === "fill_processor");
    const path = years.lines.filter(({ correlationId }) => correlationId === fill?.correlationId);
    const containers = [...new Set(path.map(({ container }) => container.replace(/\d+/, "NNN")))];
    expect(containers).toEqual(["strategy_NNN", "risk_container", "execution_container"]);
  });
});

describe("the pipeline", () => {
  it("does the same twice", async () => {
    const [one, two] = [await run("2008-09-01", "2008-12-31"), await run("2008-09-01", "2008-12-31")];
    expect(two.lines).toEqual(one.lines);
    expect(two.result).toEqual(one.result);
  });

  it("warns of strategies whose lookback is longer than the data", async () => {
    const { lines } = await run("2008-09-01", "2008-12-31");
    const warnings = lines.filter(({ message }) =>
      message.startsWith("Insufficient history: 251 bars needed, 85 seen"),
    );
    expect(warnings.map(({ container }) => container)).toEqual(["strategy_010"]);
  });

  it("lets open orders expire when the data ends", async () => {
    const { lines } = await run("2019-06-01", "2020-04-17");
    expect(lines.filter(({ message }) => message.startsWith("Order expired")).length).toBeGreaterThan(0);
  });
});
