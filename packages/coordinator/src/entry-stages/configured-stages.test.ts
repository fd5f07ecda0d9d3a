import { parseConfig } from "@waybill/config";
import { readEntries } from "@waybill/log-tree";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { linesOf, messagesOf, useTrees } from "../../test/support/trees.ts";

const trees = useTrees();

/** A manager with the given `logging` of a file, and the loggers of component `c` in two containers. */
function open(logging: string) {
  const directory = trees.directory();
  const text = `coordinator: { coordinator_id: main, log_dir: ${directory} }\nlogging:\n${logging}`;
  const clock = createFakeClock({ nowMs: 1_000_000 });
  const manager = trees.openManager({}, { config: parseConfig(text).config, clock });
  const loggerOf = (id: string) => manager.registerContainer(id).createComponentLogger("c");
  const [a, b] = [loggerOf("a"), loggerOf("b")];
  return { manager, clock, root: manager.tree.layout.root, a, b };
}

describe("what stands in the file reaches the log tree", () => {
  it("flight_recorder: an error has written what led to it, in every container of its correlation id", async () => {
    const { manager, root, a, b, clock } = open("  flight_recorder: { enabled: true }\n");
    const context = { correlation_id: "trade_1" };
    a.debug("asked", context);
    clock.advance(1);
    a.info("in between");
    clock.advance(1);
    b.debug("answered", context);
    clock.advance(1);
    b.error("failed", context);
    await manager.close();
    expect([messagesOf(root, "containers/a/c.log"), messagesOf(root, "containers/b/c.log")]).toEqual([
      ["in between", "asked"],
      ["answered", "failed"],
    ]);
    const read: string[] = [];
    for await (const { entry } of readEntries(root, { kinds: ["container"], readAheadMax: 100 }))
      read.push(entry.message);
    expect(read).toEqual(["asked", "in between", "answered", "failed"]);
  });

  it("quotas: a container that floods is limited, its neighbour is not, and the loss is told", async () => {
    const { manager, root, a, b } = open("  quotas: { lines_per_second: 10, burst_seconds: 1 }\n");
    for (let n = 0; n < 1000; n++) a.info(`${n}`);
    for (let n = 0; n < 9; n++) b.info(`${n}`);
    await manager.flush();
    const flood = linesOf(root, "containers/a/c.log");
    expect([flood.length, flood.at(-1)?.context]).toMatchObject([10, { gap: { dropped: 991 } }]);
    expect(messagesOf(root, "containers/b/c.log").length).toBe(9);
    expect(messagesOf(root, "system/log_manager.log").length).toBeGreaterThan(0);
  });

  it("folding: repeated entries are written as one with their count once they are flushed", async () => {
    const { manager, root, a } = open("  folding: { enabled: true, keep_first: 2, window: 1h }\n");
    for (let n = 0; n < 100; n++) a.info("tick", { n });
    await manager.flush();
    const lines = linesOf(root, "containers/a/c.log");
    expect(lines.map(({ context }) => context)).toMatchObject([
      { n: 0 },
      { n: 1 },
      { repeated: { count: 98 } },
    ]);
  });

  it("master.max_entries_per_second: master.log takes no more, and the streams have all", async () => {
    const { manager, root, a, b } = open("  master: { max_entries_per_second: 100 }\n");
    for (let n = 0; n < 500; n++) for (const logger of [a, b]) logger.info(`${n}`);
    await manager.close();
    const lines = linesOf(root, "master.log");
    expect(lines.length).toBeLessThan(110);
    expect(lines.at(-1)?.message).toBe("entries lost");
    expect(messagesOf(root, "containers/a/c.log").length).toBe(500);
  });
});
