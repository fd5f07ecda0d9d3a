import { parseConfig, resolveConfig, type WaybillConfig } from "@waybill/config";
import type { Flow } from "@waybill/flows";
import { describe, expect, it } from "vitest";
import { createCatchUp } from "./catch-up.ts";
import { createFlowSampler } from "./flow-samples.ts";
import { planConfig } from "./plan-config.ts";
import { rehearse } from "./rehearse.ts";

function configOf(
  containers: Record<string, { type: string; instances?: number; settings?: object }>,
): WaybillConfig {
  return parseConfig(JSON.stringify({ containers })).config;
}

const whole = {
  data_container: { type: "data" },
  strategy: { type: "strategy", instances: 3 },
  execution_container: { type: "execution" },
};

const idsOf = (config: WaybillConfig) => Object.keys(config.containers);
const noChanges = { logDir: undefined, strategies: undefined };

describe("planConfig", () => {
  it("leaves a configuration as it is without changes", () => {
    const config = configOf(whole);
    expect(planConfig(config, noChanges)).toEqual(config);
  });

  it("keeps the first strategies", () => {
    expect(idsOf(planConfig(configOf(whole), { ...noChanges, strategies: 1 }))).toEqual([
      "data_container",
      "strategy_001",
      "execution_container",
    ]);
  });

  it("adds strategies behind the last one, under ids that are free", () => {
    const config = configOf({ ...whole, strategy_005: { type: "strategy" } });
    expect(idsOf(planConfig(config, { ...noChanges, strategies: 6 }))).toEqual([
      "data_container",
      "strategy_001",
      "strategy_002",
      "strategy_003",
      "execution_container",
      "strategy_005",
      "strategy_004",
      "strategy_006",
    ]);
  });

  it("gives each added container its own id", () => {
    const config = planConfig(configOf(whole), { ...noChanges, strategies: 500 });
    expect(Object.entries(config.containers).filter(([id, { containerId }]) => id !== containerId)).toEqual(
      [],
    );
    expect(idsOf(config)).toHaveLength(502);
  });

  it("takes the log directory of the command line", () => {
    const config = planConfig(resolveConfig({ containers: whole }).config, {
      ...noChanges,
      logDir: "elsewhere",
    });
    expect(config.coordinator.logDir).toBe("elsewhere");
  });

  it.each([
    [
      { ...whole, x: { type: "stategy" } },
      'container x has the unknown type "stategy"',
      'did you mean "strategy"?',
    ],
    [
      { ...whole, x: { type: "data" } },
      'exactly one container of type "data" and has data_container, x',
      "correct",
    ],
    [
      { data_container: { type: "data" } },
      'exactly one container of type "execution" and has none',
      "correct",
    ],
  ])("refuses %j", (containers, message, fix) => {
    expect(() => planConfig(configOf(containers), noChanges)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(message),
        fix: expect.stringContaining(fix),
      }),
    );
  });

  it("refuses a number of strategies when there is none to copy", () => {
    const config = configOf({ data_container: { type: "data" }, execution_container: { type: "execution" } });
    expect(() => planConfig(config, { ...noChanges, strategies: 2 })).toThrow(
      'needs a container of type "strategy"',
    );
  });
});

describe("rehearse", () => {
  it("passes settings that all containers take", () => {
    expect(() => rehearse(configOf(whole))).not.toThrow();
  });

  it.each([
    [{ captal: 5 }, 'unknown key "captal"', 'did you mean "capital"?'],
    [{ frobnicate: 5 }, 'unknown key "frobnicate"', "remove it"],
    [{ capital: "much" }, 'capital is "much"', "give a number from 1 to 1000000000000"],
    [{ orders_per_turn_max: 0.5 }, "orders_per_turn_max is 0.5", "give an integer from 1 to 10000"],
  ])("finds the wrong setting %j", (settings, message, fix) => {
    const config = configOf({ ...whole, execution_container: { type: "execution", settings } });
    expect(() => rehearse(config)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message), fix }),
    );
  });
});

describe("the flow sampler", () => {
  const flowOf = (correlationId: string): Flow => ({
    correlationId,
    status: "ok",
    startedAtMs: 0,
    totalMs: 0,
    originMs: undefined,
    origin: "data_container",
    hops: [],
    criticalPath: [],
    shares: [],
    clock: "monotonic",
    duplicates: 0,
  });
  const hopOf = (correlationId: string, eventType: string, status: "ok" | "error") =>
    ({ event: { eventId: "", source: "", tier: "fast", correlationId, eventType }, status }) as const;

  it("takes the last complete flow, and the last of those that failed furthest", () => {
    const sampler = createFlowSampler(flowOf);
    for (const hop of [
      hopOf("a", "risk.order", "ok"),
      hopOf("b", "risk.order", "ok"),
      hopOf("c", "strategy.signal", "ok"),
      hopOf("d", "strategy.signal", "error"),
      hopOf("e", "strategy.signal", "error"),
      hopOf("f", "market.bar", "error"),
    ]) {
      sampler.onHop(hop);
      sampler.capture();
    }
    const { complete, failed } = sampler.samples;
    expect([complete?.correlationId, failed?.correlationId]).toEqual(["b", "e"]);
  });

  it("keeps a sample when a later one cannot be looked up", () => {
    const sampler = createFlowSampler((id) => (id === "a" ? flowOf(id) : undefined));
    for (const id of ["a", "b"]) {
      sampler.onHop(hopOf(id, "risk.order", "ok"));
      sampler.capture();
    }
    expect(sampler.samples.complete?.correlationId).toBe("a");
  });
});

describe("catching up", () => {
  it("flushes once per 2,000 deliveries", async () => {
    let flushes = 0;
    const catchUp = createCatchUp(async () => {
      flushes += 1;
    });
    for (const deliveries of [500, 1999, 2000, 2500, 3999, 4500]) await catchUp(deliveries);
    expect(flushes).toBe(2);
  });

  it("goes on when a flush fails", async () => {
    const catchUp = createCatchUp(() => Promise.reject(new Error("the disk is full")));
    await expect(catchUp(2000)).resolves.toBeUndefined();
  });
});
