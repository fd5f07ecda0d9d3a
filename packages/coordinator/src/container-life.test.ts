import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createGate, linesOf, messagesOf, nextTurn, rootOf, useTrees } from "../test/support/trees.ts";

const trees = useTrees();

describe("shutting a container down", () => {
  it("ends when the container's shutdown asks for its own, and for that of all", async () => {
    const coordinator = trees.openCoordinator({
      factories: {
        selfish: ({ containerId, registry }) => ({
          async shutdown() {
            await coordinator.shutdownContainer(containerId);
            await coordinator.shutdown();
            await nextTurn();
            registry.createComponentLogger("x").info("last words");
          },
        }),
      },
    });
    await coordinator.createContainer("a", { type: "selfish" });
    await coordinator.createContainer("b", { type: "selfish" });
    await coordinator.shutdownContainer("a");
    await coordinator.shutdown();
    expect(messagesOf(rootOf(coordinator), "containers/a/x.log")).toEqual(["last words"]);
    expect(messagesOf(rootOf(coordinator), "containers/b/x.log")).toEqual(["last words"]);
    expect(messagesOf(rootOf(coordinator), "system/coordinator.log")).not.toContain(
      "Container failed to shut down",
    );
  });

  it("of all waits for the container that has asked for it from its own, before logs are closed", async () => {
    const coordinator = trees.openCoordinator({
      factories: {
        last: ({ registry }) => ({
          async shutdown() {
            await coordinator.shutdown();
            for (let turn = 0; turn < 5; turn++) await nextTurn();
            registry.createComponentLogger("x").info("last words");
          },
        }),
      },
    });
    await coordinator.createContainer("a", { type: "last" });
    await coordinator.shutdownContainer("a");
    await coordinator.shutdown();
    expect(messagesOf(rootOf(coordinator), "containers/a/x.log")).toEqual(["last words"]);
  });

  it("ends when containers shut each other down in a ring", async () => {
    const coordinator = trees.openCoordinator({
      factories: {
        ring: ({ settings }) => ({ shutdown: () => coordinator.shutdownContainer(String(settings["next"])) }),
      },
    });
    await coordinator.createContainer("a", { type: "ring", next: "b" });
    await coordinator.createContainer("b", { type: "ring", next: "a" });
    await coordinator.shutdownContainer("a");
    expect(coordinator.containers.size).toBe(0);
  });

  it("is one promise, whoever asks", async () => {
    let calls = 0;
    const coordinator = trees.openCoordinator({ factories: { plain: () => ({ shutdown: () => calls++ }) } });
    await coordinator.createContainer("a", { type: "plain" });
    const first = coordinator.shutdownContainer("a");
    expect(coordinator.shutdownContainer("a")).toBe(first);
    const all = coordinator.shutdown();
    expect(coordinator.shutdown()).toBe(all);
    expect(coordinator[Symbol.asyncDispose]()).toBe(all);
    await all;
    expect(calls).toBe(1);
    await coordinator.shutdownContainer("a");
  });

  it("waits when it is asked for by what initialize has started", async () => {
    const wish = createGate();
    const ending = createGate();
    let hasEnded = false;
    const coordinator = trees.openCoordinator({
      factories: {
        plain: ({ containerId }) => ({
          initialize() {
            void wish.opened
              .then(() => coordinator.shutdownContainer(containerId))
              .then(() => {
                hasEnded = true;
              });
          },
          shutdown: () => ending.opened,
        }),
      },
    });
    await coordinator.createContainer("a", { type: "plain" });
    wish.open();
    await nextTurn();
    expect(hasEnded).toBe(false);
    ending.open();
    await coordinator.shutdown();
    expect(hasEnded).toBe(true);
  });

  it("logs what a container throws, and goes on with the others", async () => {
    const coordinator = trees.openCoordinator({
      factories: {
        broken: () => ({
          shutdown() {
            throw new Error("broken");
          },
        }),
        plain: () => ({}),
      },
    });
    await coordinator.createContainer("a", { type: "broken" });
    await coordinator.createContainer("b", { type: "plain" });
    await coordinator.shutdown();
    const lines = linesOf(rootOf(coordinator), "system/coordinator.log");
    expect(lines.find(({ level }) => level === "ERROR")).toMatchObject({
      message: "Container failed to shut down",
      context: { container: "a", error: { message: "broken" } },
    });
    expect(lines.filter(({ message }) => message === "Container shut down and logs closed")).toHaveLength(2);
  });

  it("is cut at the deadline when it hangs", async () => {
    const clock = createFakeClock();
    const coordinator = trees.openCoordinator({
      clock,
      shutdownDeadlineMs: 200,
      factories: { hanging: () => ({ shutdown: () => new Promise(() => undefined) }) },
    });
    await coordinator.createContainer("a", { type: "hanging" });
    const stopping = coordinator.shutdown();
    await clock.advanceAsync(199);
    expect(coordinator.containers.size).toBe(1);
    await clock.advanceAsync(1);
    await stopping;
    expect(coordinator.containers.size).toBe(0);
    expect(linesOf(rootOf(coordinator), "system/coordinator.log")).toContainEqual(
      expect.objectContaining({
        message: "Container failed to shut down",
        context: expect.objectContaining({
          error: expect.objectContaining({ code: "WAYBILL_SHUTDOWN_TIMEOUT" }),
        }),
      }),
    );
  });

  it("waits for a creation that is under way, and for its failure", async () => {
    const making = createGate();
    const order: string[] = [];
    const coordinator = trees.openCoordinator({
      factories: {
        slow: async () => {
          await making.opened;
          return { shutdown: () => order.push("shutdown") };
        },
        broken: async () => {
          await making.opened;
          throw new Error("broken");
        },
      },
    });
    const created = coordinator.createContainer("a", { type: "slow" }).then(() => order.push("created"));
    const failed = coordinator.createContainer("b", { type: "broken" });
    const stopped = Promise.all([coordinator.shutdownContainer("a"), coordinator.shutdownContainer("b")]);
    making.open();
    await expect(failed).rejects.toThrow("broken");
    await Promise.all([created, stopped]);
    expect(order).toEqual(["created", "shutdown"]);
    expect(coordinator.containers.size).toBe(0);
    expect(coordinator.containerLogRegistries.size).toBe(0);
    await coordinator.shutdown();
    const shut = linesOf(rootOf(coordinator), "system/coordinator.log").filter(
      ({ message }) => message === "Container shut down and logs closed",
    );
    expect(shut).toMatchObject([{ context: { container: "a" } }]);
  });

  it("ends a container whose creation outlasts the deadline as soon as it is there", async () => {
    const clock = createFakeClock();
    const making = createGate();
    let shut = 0;
    const coordinator = trees.openCoordinator({
      clock,
      shutdownDeadlineMs: 200,
      factories: {
        slow: async () => {
          await making.opened;
          return { shutdown: () => shut++ };
        },
        plain: () => ({}),
      },
    });
    const creating = coordinator.createContainer("a", { type: "slow" });
    const refused = expect(creating).rejects.toMatchObject({ code: "WAYBILL_COORDINATOR_STOPPED" });
    const stopping = coordinator.shutdownContainer("a");
    await clock.advanceAsync(200);
    await stopping;
    const successor = await coordinator.createContainer("a", { type: "plain" });
    making.open();
    await refused;
    expect(shut).toBe(1);
    expect(coordinator.containers.get("a")).toBe(successor);
    expect(coordinator.containerLogRegistries.has("a")).toBe(true);
  });

  it("does not wait for itself when the factory asks for it", async () => {
    const coordinator = trees.openCoordinator({
      factories: {
        timid: async ({ containerId }) => {
          await coordinator.shutdownContainer(containerId);
          return {};
        },
      },
    });
    await coordinator.createContainer("a", { type: "timid" });
    await coordinator.shutdownContainer("a");
    expect(coordinator.containers.size).toBe(0);
  });

  it("lets the id be used again at once", async () => {
    const coordinator = trees.openCoordinator();
    await coordinator.createContainer("a", { type: "plain" });
    await coordinator.shutdownContainer("a");
    await coordinator.createContainer("a", { type: "plain" });
    expect(coordinator.containers.size).toBe(1);
    await coordinator.shutdownContainer("unknown");
  });
});
