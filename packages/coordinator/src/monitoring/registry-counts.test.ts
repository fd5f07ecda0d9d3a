import { createContainerLogger } from "@waybill/logger";
import { createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createContainerLogRegistry } from "../container-log-registry.ts";
import { noCounts } from "../level-counts.ts";
import { createRegistryCounts } from "./registry-counts.ts";

function createRegistry(containerId: string) {
  return createContainerLogRegistry({
    containerId,
    type: undefined,
    logDirectory: "/nowhere",
    createdAtMs: 0,
    createLogger: (componentName) =>
      createContainerLogger({ containerId, componentName, writer: createMemoryWriter() }),
  });
}

/** Registries by id, and what counts them. */
function subject() {
  const registries = new Map<string, ReturnType<typeof createRegistry>>();
  const counts = createRegistryCounts(registries);
  const register = (containerId: string) => {
    const registry = createRegistry(containerId);
    registries.set(containerId, registry);
    return registry;
  };
  return {
    counts,
    register,
    /** In the order of the log manager. */
    async unregister(containerId: string) {
      const registry = registries.get(containerId);
      registries.delete(containerId);
      await registry?.close();
      return registry ?? register(containerId);
    },
    infos: () => counts.read().byLevel.INFO,
  };
}

describe("createRegistryCounts", () => {
  it("adds up all components by container and level", () => {
    const { counts, register } = subject();
    const a = register("a");
    a.createComponentLogger("x").info("m");
    a.createComponentLogger("y").error("m");
    register("b").createComponentLogger("x").info("m");
    expect(counts.read()).toEqual({
      byLevel: { ...noCounts, INFO: 2, ERROR: 1 },
      containers: [
        { containerId: "a", byLevel: { ...noCounts, INFO: 1, ERROR: 1 } },
        { containerId: "b", byLevel: { ...noCounts, INFO: 1 } },
      ],
    });
  });

  it("keeps in the totals what a container logged until its end, and drops the container", async () => {
    const { counts, register, unregister } = subject();
    const logger = register("a").createComponentLogger("x");
    logger.info("seen");
    counts.read();
    logger.info("after the last look");
    await unregister("a");
    expect(counts.read()).toEqual({ byLevel: { ...noCounts, INFO: 2 }, containers: [] });
    expect(counts.read().byLevel.INFO).toBe(2);
  });

  it("counts a container that is told to be gone once, whether it was ever looked at or not", async () => {
    const { counts, register, unregister, infos } = subject();
    register("short").createComponentLogger("x").info("m");
    const short = await unregister("short");
    counts.noteGone(short);
    counts.noteGone(short);
    const afterShort = infos();
    register("long").createComponentLogger("x").info("m");
    infos();
    const long = await unregister("long");
    counts.noteGone(long);
    counts.noteGone(long);
    expect([afterShort, infos(), infos()]).toEqual([1, 2, 2]);
  });

  it("counts a container that comes back anew, and never less in all", async () => {
    const { counts, register, unregister } = subject();
    register("a").createComponentLogger("x").info("m");
    counts.read();
    await unregister("a");
    register("a").createComponentLogger("x").warn("m");
    expect(counts.read()).toEqual({
      byLevel: { ...noCounts, INFO: 1, WARNING: 1 },
      containers: [{ containerId: "a", byLevel: { ...noCounts, WARNING: 1 } }],
    });
  });

  it("keeps the counts of loggers that were closed and made anew", async () => {
    const { register, infos } = subject();
    const registry = register("a");
    registry.createComponentLogger("x").info("m");
    for (let n = 0; n < 2; n += 1) {
      await registry.closeAllLoggers();
      registry.createComponentLogger("x").info("m");
    }
    expect(infos()).toBe(3);
  });
});
