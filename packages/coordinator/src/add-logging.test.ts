import { loggingOf, targetOf } from "@waybill/capabilities";
import { describe, expect, it } from "vitest";
import { messagesOf, useTrees } from "../test/support/trees.ts";
import { addLoggingToAnyComponent } from "./add-logging.ts";
import { getProcessLogManager, setProcessLogManager } from "./process-managers.ts";

const trees = useTrees();

class Strategy {
  readonly #symbol = "SPX";

  symbol(): string {
    return this.#symbol;
  }
}

describe("adding logging to any component", () => {
  it("works for own and third-party instances, functions, frozen objects and private fields", async () => {
    const manager = trees.openManager();
    const momentum = (data: number): number => data * 2;
    const components = {
      strategy: addLoggingToAnyComponent(new Strategy(), "a", "strategy", { manager }),
      third_party: addLoggingToAnyComponent(new Map([["key", 1]]), "a", "third_party", { manager }),
      momentum: addLoggingToAnyComponent(momentum, "a", "momentum", { manager }),
      frozen: addLoggingToAnyComponent(Object.freeze({ size: 3 }), "a", "frozen", { manager }),
    };
    expect(components.strategy.symbol()).toBe("SPX");
    expect(components.strategy).toBeInstanceOf(Strategy);
    expect(components.third_party.get("key")).toBe(1);
    expect(components.momentum(21)).toBe(42);
    expect(components.frozen.size).toBe(3);
    for (const component of Object.values(components)) loggingOf(component)?.logInfo("hello");
    await manager.close();
    for (const name of Object.keys(components)) {
      expect(messagesOf(manager.tree.layout.root, "containers/a", `${name}.log`)).toEqual(["hello"]);
    }
  });

  it("opens no default tree for a component that is wrapped before the coordinator opens", async () => {
    expect(getProcessLogManager()).toBeUndefined();
    const early = addLoggingToAnyComponent(new Strategy(), "a", "early");
    const manager = trees.openManager();
    setProcessLogManager(manager);
    early.logInfo("after the coordinator has opened");
    await manager.close();
    expect(getProcessLogManager()).toBeUndefined();
    expect(messagesOf(manager.tree.layout.root, "containers/a", "early.log")).toEqual([
      "after the coordinator has opened",
    ]);
  });

  it("goes on after the loggers of the container were closed", async () => {
    const manager = trees.openManager();
    const component = addLoggingToAnyComponent(new Strategy(), "a", "again", { manager });
    component.logInfo("before");
    await manager.registries.get("a")?.closeAllLoggers();
    component.logError("after");
    await manager.close();
    expect(messagesOf(manager.tree.layout.root, "containers/a", "again.log")).toEqual(["before", "after"]);
  });

  it("counts what cannot be logged any more and does not throw", async () => {
    const manager = trees.openManager();
    const component = addLoggingToAnyComponent(new Strategy(), "a", "late", { manager });
    await manager.close();
    component.logError("too late");
    expect(loggingOf(component).failures).toBe(1);
  });

  it("refuses ids that are no text where they are given", () => {
    const manager = trees.openManager();
    expect(() => manager.registerContainer(["a"] as never)).toThrow(TypeError);
    expect(() => manager.registerContainer("a").createComponentLogger(1 as never)).toThrow(TypeError);
  });

  it("adds to the component itself in mode assign", () => {
    const manager = trees.openManager();
    const component = {};
    expect(addLoggingToAnyComponent(component, "a", "x", { manager, mode: "assign" })).toBe(component);
    expect(targetOf(addLoggingToAnyComponent(component, "a", "y", { manager }))).toBe(component);
  });

  it("refuses what can carry no members", () => {
    const manager = trees.openManager();
    expect(() => addLoggingToAnyComponent(1 as unknown as object, "a", "x", { manager })).toThrow(TypeError);
  });

  it("logs to the manager that was set, else to that of the coordinator that was opened first and is open", async () => {
    const first = trees.openCoordinator();
    const second = trees.openCoordinator();
    const chosen = trees.openManager();
    expect(getProcessLogManager()).toBe(first.logManager);
    setProcessLogManager(chosen);
    expect(getProcessLogManager()).toBe(chosen);
    setProcessLogManager(undefined);
    addLoggingToAnyComponent({}, "a", "x").logInfo("to the first");
    await first.shutdown();
    expect(messagesOf(first.logManager.tree.layout.root, "containers/a/x.log")).toEqual(["to the first"]);
    expect(getProcessLogManager()).toBe(second.logManager);
    setProcessLogManager(second.logManager);
    await second.shutdown();
    expect(getProcessLogManager()).toBeUndefined();
  });
});
