import { readdirSync } from "node:fs";
import * as path from "node:path";
import { loggingOf } from "@waybill/capabilities";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { linesOf, messagesOf, rootOf, useTrees } from "../test/support/trees.ts";
import { type CoordinatorOptions, openCoordinator } from "./workflow-coordinator.ts";

const trees = useTrees();

describe("the status of the system", () => {
  it("says what is there, also when a container cannot tell its own", async () => {
    const clock = createFakeClock();
    const coordinator = trees.openCoordinator({
      clock,
      factories: {
        broken: () => ({
          get status() {
            throw new Error("no idea");
          },
        }),
        plain: () => ({ status: "ready" }),
        slow: () => new Promise(() => undefined),
      },
      shutdownDeadlineMs: 0,
    });
    await coordinator.createContainer("__proto__", { type: "broken" });
    await coordinator.createContainer("b", { type: "plain" });
    const creating = coordinator.createContainer("c", { type: "slow" });
    creating.catch(() => undefined);
    clock.advance(1_800_000);
    await coordinator.logManager.flush();
    const status = await coordinator.getSystemStatus();
    expect(status.coordinator).toEqual({
      id: "main",
      state: "running",
      activeContainers: 2,
      uptimeHours: 0.5,
    });
    expect(Object.keys(status.containers)).toEqual(["__proto__", "b", "c"]);
    expect(new Map(Object.entries(status.containers)).get("__proto__")).toMatchObject({
      type: "broken",
      status: undefined,
      statusError: "no idea",
    });
    expect(status.containers["b"]).toMatchObject({
      state: "running",
      status: "ready",
      statusError: undefined,
    });
    expect(status.containers["c"]).toMatchObject({ state: "creating", status: undefined });
    expect(status.logging.activeContainers).toBe(3);
    expect(status.flows.records).toBe(0);
    const stopping = coordinator.shutdown();
    expect((await coordinator.getSystemStatus()).coordinator.state).toBe("stopping");
    await clock.advanceAsync(1);
    await stopping;
    expect((await coordinator.getSystemStatus()).coordinator).toMatchObject({
      state: "stopped",
      activeContainers: 0,
    });
  });
});

describe("coordinators of one process", () => {
  it("keep to their own trees", async () => {
    const [one, two] = [trees.openCoordinator(), trees.openCoordinator()];
    for (const coordinator of [one, two]) {
      loggingOf(await coordinator.createContainer("a", { type: "plain" }))?.logInfo(
        `in ${rootOf(coordinator)}`,
      );
      coordinator.tracer.publish({
        eventType: "SIGNAL",
        source: "a",
        tier: "fast",
        correlationId: "trade_1",
      });
    }
    await one.shutdown();
    two.logger.info("still open");
    await two.shutdown();
    for (const coordinator of [one, two]) {
      const file = "containers/a/container_manager.log";
      expect(messagesOf(rootOf(coordinator), file)).toEqual([`in ${rootOf(coordinator)}`]);
      expect(messagesOf(rootOf(coordinator), "flows/main_fast_event_flows.log")).toEqual(["event published"]);
    }
    expect(messagesOf(rootOf(two), "system/coordinator.log")).toContain("still open");
  });

  it("close 500 containers in about the time that their files need", async () => {
    const coordinator = trees.openCoordinator({
      input: { containers: { s: { type: "plain", instances: 500 } } },
    });
    await coordinator.createConfiguredContainers();
    for (const container of coordinator.containers.values()) loggingOf(container)?.logInfo("hello");
    const startedMs = performance.now();
    await coordinator.shutdown();
    // Measured 0.1 to 0.2 s; a cost that grows with the square would be far above.
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(readdirSync(path.join(rootOf(coordinator), "containers"))).toHaveLength(500);
    expect(linesOf(rootOf(coordinator), "system/coordinator.log")).toHaveLength(1002);
  });
});

describe("opening a coordinator", () => {
  it("refuses wrong options before it touches the disk", () => {
    const logDir = path.join(trees.directory(), "logs");
    const config = trees.configOf({}, logDir);
    const open = (options: Partial<CoordinatorOptions>) => () =>
      openCoordinator({ config, factories: {}, ...options });
    expect(open({ shutdownDeadlineMs: Number.NaN })).toThrow(RangeError);
    expect(open({ shutdownDeadlineMs: -1 })).toThrow(RangeError);
    expect(open({ shutdownDeadlineMs: Number.POSITIVE_INFINITY })).toThrow(RangeError);
    expect(open({ factories: { plain: "x" as unknown as () => object } })).toThrow(
      'the factory of type "plain" must be a function, not string',
    );
    expect(readdirSync(path.dirname(logDir))).toEqual([]);
  });
});
