import { attachLogging, loggingOf } from "@waybill/capabilities";
import { describe, expect, it } from "vitest";
import { createGate, messagesOf, nextTurn, rootOf, useTrees } from "../test/support/trees.ts";
import type { ContainerServices } from "./container-factory.ts";
import type { CoordinatorOptions } from "./workflow-coordinator.ts";

const trees = useTrees();

describe("creating a container", () => {
  it("gives it logging, and its factory all it needs", async () => {
    let given: ContainerServices | undefined;
    const coordinator = trees.openCoordinator({
      input: { containers: { a: { type: "plain", settings: { kept: 1, replaced: 1 } } } },
      factories: {
        plain: (services) => {
          given = services;
          services.registry.createComponentLogger("strategy").info("made");
          return {};
        },
      },
    });
    const container = await coordinator.createContainer("a", { replaced: 2 });
    expect(given).toMatchObject({ containerId: "a", type: "plain", coordinatorId: "main" });
    expect(given?.settings).toEqual({ kept: 1, replaced: 2 });
    expect(given?.tracer).toBe(coordinator.tracer);
    expect(coordinator.containers.get("a")).toBe(container);
    expect(coordinator.containerLogRegistries.get("a")).toBe(given?.registry);
    loggingOf(container)?.logInfo("hello");
    await coordinator.shutdown();
    expect(messagesOf(rootOf(coordinator), "containers/a/container_manager.log")).toEqual(["hello"]);
    expect(messagesOf(rootOf(coordinator), "containers/a/strategy.log")).toEqual(["made"]);
    expect(messagesOf(rootOf(coordinator), "system/coordinator.log")).toEqual([
      "Coordinator started",
      "Container created with logging",
      "Starting coordinator shutdown",
      "Container shut down and logs closed",
    ]);
  });

  it("knows the component container_manager only once the container logs by itself", async () => {
    const coordinator = trees.openCoordinator();
    const container = await coordinator.createContainer("a", { type: "plain" });
    const registry = coordinator.containerLogRegistries.get("a");
    expect(registry?.getRegistryStats().componentCount).toBe(0);
    loggingOf(container)?.logInfo("hello");
    expect(registry?.getRegistryStats().components).toMatchObject({ container_manager: { logCount: 1 } });
  });

  it("takes containers of any shape: none, frozen, a function", async () => {
    const shut: string[] = [];
    const coordinator = trees.openCoordinator({
      factories: {
        none: () => Object.create(null),
        frozen: () => Object.freeze({ shutdown: () => shut.push("frozen") }),
        function: () => Object.assign((word: string) => `${word}!`, { cleanup: () => shut.push("function") }),
      },
    });
    for (const type of ["none", "frozen", "function"]) {
      loggingOf(await coordinator.createContainer(type, { type }))?.logInfo("hello");
    }
    expect(Reflect.apply(coordinator.containers.get("function") as () => string, undefined, ["hi"])).toBe(
      "hi!",
    );
    await coordinator.shutdown();
    expect(shut).toEqual(["frozen", "function"]);
    for (const id of ["none", "frozen", "function"]) {
      expect(messagesOf(rootOf(coordinator), "containers", id, "container_manager.log")).toEqual(["hello"]);
    }
  });

  it("leaves a container its own logging", async () => {
    const coordinator = trees.openCoordinator({
      factories: { own: ({ registry }) => attachLogging({}, registry.createComponentLogger("strategy")) },
    });
    loggingOf(await coordinator.createContainer("a", { type: "own" }))?.logInfo("hello");
    await coordinator.shutdown();
    expect(messagesOf(rootOf(coordinator), "containers/a/strategy.log")).toEqual(["hello"]);
  });

  it.each<[string, CoordinatorOptions["factories"][string]]>([
    [
      "the factory throws",
      ({ registry }) => {
        registry.createComponentLogger("x").info("before");
        throw new Error("broken");
      },
    ],
    [
      "initialize rejects",
      ({ registry }) => ({
        async initialize() {
          registry.createComponentLogger("x").info("before");
          throw new Error("broken");
        },
      }),
    ],
  ])("leaves nothing registered when %s, but keeps what was logged", async (_when, broken) => {
    const coordinator = trees.openCoordinator({ factories: { broken, plain: () => ({}) } });
    await expect(coordinator.createContainer("a", { type: "broken" })).rejects.toThrow("broken");
    expect(coordinator.containers.size).toBe(0);
    expect(coordinator.containerLogRegistries.size).toBe(0);
    expect(messagesOf(rootOf(coordinator), "containers/a/x.log")).toEqual(["before"]);
    expect((await coordinator.getSystemStatus()).containers).toEqual({});
    await coordinator.createContainer("a", { type: "plain" });
    await coordinator.shutdown();
    expect(messagesOf(rootOf(coordinator), "system/coordinator.log")).toContain(
      "Container could not be created",
    );
  });

  it("leaves a registration alone that somebody else has made, when it fails", async () => {
    const coordinator = trees.openCoordinator();
    const registry = coordinator.logManager.registerContainer("a");
    await expect(coordinator.createContainer("a", { type: "plain" })).rejects.toMatchObject({
      code: "WAYBILL_CONTAINER_CONFLICT",
    });
    expect(coordinator.containerLogRegistries.get("a")).toBe(registry);
    expect(() => registry.createComponentLogger("x")).not.toThrow();
  });

  it("refuses an id in use, an unknown type, and what is no container", async () => {
    const nothing = (() => undefined) as unknown;
    const coordinator = trees.openCoordinator({
      factories: { plain: () => ({}), nothing: nothing as () => object },
    });
    const creating = coordinator.createContainer("a", { type: "plain" });
    await expect(coordinator.createContainer("a", { type: "plain" })).rejects.toMatchObject({
      code: "WAYBILL_CONTAINER_CONFLICT",
    });
    await creating;
    await expect(coordinator.createContainer("b", { type: "toString" })).rejects.toMatchObject({
      code: "WAYBILL_CONTAINER_TYPE_UNKNOWN",
      message: 'container "b" has the unknown type "toString"; known types: plain, nothing',
    });
    await expect(coordinator.createContainer("b")).rejects.toMatchObject({
      code: "WAYBILL_CONTAINER_TYPE_UNKNOWN",
    });
    await expect(coordinator.createContainer("b", { type: "nothing" })).rejects.toThrow(
      'the factory of type "nothing" must return an object or a function, not undefined',
    );
    expect([...coordinator.containerLogRegistries.keys()]).toEqual(["a"]);
  });

  it("makes all containers of the configuration", async () => {
    const coordinator = trees.openCoordinator({
      input: { containers: { s: { type: "plain", instances: 3 }, one: { type: "plain" } } },
    });
    await coordinator.createConfiguredContainers();
    expect([...coordinator.containers.keys()]).toEqual(["s_001", "s_002", "s_003", "one"]);
  });

  it("is refused during and after shutdown", async () => {
    const ending = createGate();
    let made = 0;
    const coordinator = trees.openCoordinator({
      factories: {
        plain: () => {
          made++;
          return { shutdown: () => ending.opened };
        },
      },
    });
    await coordinator.createContainer("a", { type: "plain" });
    const stopping = coordinator.shutdown();
    await nextTurn();
    const refused = { code: "WAYBILL_COORDINATOR_STOPPED" };
    await expect(coordinator.createContainer("b", { type: "plain" })).rejects.toMatchObject(refused);
    ending.open();
    await stopping;
    await expect(coordinator.createContainer("b", { type: "plain" })).rejects.toMatchObject(refused);
    expect(made).toBe(1);
  });

  it("tells starts and stops at their own level", async () => {
    const coordinator = trees.openCoordinator({
      input: { logging: { log_levels: { lifecycle_management: "ERROR" } } },
    });
    await coordinator.createContainer("a", { type: "plain" });
    await coordinator.shutdown();
    expect(messagesOf(rootOf(coordinator), "system/coordinator.log")).toEqual([
      "Coordinator started",
      "Starting coordinator shutdown",
    ]);
  });
});
