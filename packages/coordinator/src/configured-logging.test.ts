import { readdirSync } from "node:fs";
import * as path from "node:path";
import { type ConfigInput, resolveConfig } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { linesOf, messagesOf, rootOf, useTrees } from "../test/support/trees.ts";

const trees = useTrees();

/** A manager with the given `logging`, and the logger of component `c` in container `a`. */
function openLogger(logging: ConfigInput["logging"], containers: ConfigInput["containers"] = {}) {
  const manager = trees.openManager({ logging, containers } as ConfigInput);
  const { root } = manager.tree.layout;
  return { manager, root, logger: manager.registerContainer("a").createComponentLogger("c") };
}

describe("the configuration reaches what is written", () => {
  it("mode sync: an entry is in its file when the call returns; mode batched: once flushed", async () => {
    const sync = openLogger({ performance: { mode: "sync" } });
    sync.logger.info("hello");
    expect(messagesOf(sync.root, "containers/a/c.log")).toEqual(["hello"]);
    const batched = openLogger({ performance: { mode: "batched" } });
    batched.logger.info("hello");
    expect(messagesOf(batched.root, "containers/a/c.log")).toEqual([]);
    await batched.manager.flush();
    expect(messagesOf(batched.root, "containers/a/c.log")).toEqual(["hello"]);
  });

  it("max_file_size: a file that is full is sealed", async () => {
    const { manager, root, logger } = openLogger({ performance: { max_file_size: "2kB", mode: "sync" } });
    for (let number = 0; number < 20; number += 1) logger.info("x".repeat(300));
    await manager.close();
    expect(readdirSync(path.join(root, "containers/a")).length).toBeGreaterThan(3);
  });

  it("levels: of the component, the container, its type, and of all containers", async () => {
    const coordinator = trees.openCoordinator({
      input: {
        logging: { log_levels: { containers: "ERROR" }, levels_by_type: { risk: "WARNING" } },
        containers: {
          own: { type: "risk", logging: { level: "INFO", components: { fine: "DEBUG" } } },
          typed: { type: "risk" },
          plain: { type: "plain" },
        },
      },
      factories: { plain: () => ({}), risk: () => ({}) },
    });
    await coordinator.createConfiguredContainers();
    const levels = ["debug", "info", "warning", "error"] as const;
    const streams = ["own/fine", "own/other", "typed/x", "plain/x"];
    for (const stream of streams) {
      const [container = "", component = ""] = stream.split("/");
      const logger = coordinator.containerLogRegistries.get(container)?.createComponentLogger(component);
      for (const level of levels) logger?.[level](level);
    }
    await coordinator.shutdown();
    expect(streams.map((stream) => messagesOf(rootOf(coordinator), `containers/${stream}.log`))).toEqual([
      ["debug", "info", "warning", "error"],
      ["info", "warning", "error"],
      ["warning", "error"],
      ["error"],
    ]);
  });

  it("master.min_level: master.log takes that level and above", async () => {
    const { manager, root, logger } = openLogger({ master: { min_level: "ERROR" } });
    logger.warning("small");
    logger.error("grave");
    await manager.close();
    expect(messagesOf(root, "master.log")).toEqual(["grave"]);
  });

  it("correlations.max_prefixes: later prefixes share a file", async () => {
    const { manager, root, logger } = openLogger({ correlations: { max_prefixes: 1 } });
    for (const id of ["trade_1", "bar_1", "session_1"]) logger.info("x", { correlation_id: id });
    await manager.close();
    expect(readdirSync(path.join(root, "correlations")).sort()).toEqual([
      "other_correlations.log",
      "trade_correlations.log",
    ]);
  });

  it("tiers: a configured tier is a scope; another one is told once", async () => {
    const { manager, root, logger } = openLogger({ tiers: ["bulk"] });
    logger.info("known", { publish_tier: "bulk" });
    for (let times = 0; times < 3; times += 1) logger.info("unknown", { publish_tier: "blk" });
    await manager.close();
    expect(linesOf(root, "containers/a/c.log")[0]).toMatchObject({ event_scope: "external_bulk_tier" });
    const told = linesOf(root, "system/coordinator.log").filter(({ level }) => level === "WARNING");
    expect(told.map(({ context }) => context)).toEqual([{ tier: "blk" }]);
  });

  it("tiers: as many as the configuration allows open a coordinator that has a file for each", async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `tier_${index}`);
    const tiersMax = 28;
    const coordinator = trees.openCoordinator({ input: { logging: { tiers: names(tiersMax) } } });
    for (const tier of [...names(tiersMax), "fast", "standard", "reliable"])
      coordinator.tracer.publish({
        eventType: "E",
        source: "a",
        target: "b",
        tier,
        correlationId: "trade_1",
      });
    coordinator.tracer.traceInternalEvent({ container: "a", eventType: "E" });
    expect(coordinator.tracer.stats()).toMatchObject({ tiersRerouted: 0, unwritten: 0 });
    await coordinator.shutdown();
    expect(readdirSync(path.join(rootOf(coordinator), "flows"))).toHaveLength(tiersMax + 4);
    expect(() => resolveConfig({ logging: { tiers: names(tiersMax + 1) } })).toThrow("1 to 28 tiers");
  });
});
