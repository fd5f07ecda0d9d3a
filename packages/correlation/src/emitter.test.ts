import { EventEmitter, EventEmitterAsyncResource } from "node:events";
import { describe, expect, it } from "vitest";
import { wrapEmitter } from "./emitter.ts";
import { getCorrelationId, runWithCorrelation } from "./run.ts";

function recordIds() {
  const ids: (string | undefined)[] = [];
  return { ids, listener: () => void ids.push(getCorrelationId()) };
}

describe("wrapEmitter", () => {
  it("runs listeners where the event is emitted, even if the emitter binds them to its own birth", () => {
    const unwrapped = runWithCorrelation("birth", () => new EventEmitterAsyncResource({ name: "bus" }));
    const wrapped = runWithCorrelation("birth", () =>
      wrapEmitter(new EventEmitterAsyncResource({ name: "bus" })),
    );
    const { ids, listener } = recordIds();
    for (const bus of [unwrapped, wrapped]) {
      runWithCorrelation("added", () => bus.on("tick", listener));
      runWithCorrelation("emitted", () => bus.emit("tick"));
    }
    expect(ids).toEqual(["birth", "emitted"]);
  });

  it("runs listeners outside any correlation when the event is emitted there", () => {
    const bus = wrapEmitter(new EventEmitter());
    const { ids, listener } = recordIds();
    runWithCorrelation("added", () => bus.on("tick", listener));
    bus.emit("tick");
    expect(ids).toEqual([undefined]);
  });

  it("goes back to the outer emit after a nested one", () => {
    const bus = runWithCorrelation("birth", () =>
      wrapEmitter(new EventEmitterAsyncResource({ name: "bus" })),
    );
    const { ids, listener } = recordIds();
    bus.on("outer", () => void runWithCorrelation("inner", () => bus.emit("inner")));
    bus.on("outer", listener);
    bus.on("inner", listener);
    runWithCorrelation("outer", () => bus.emit("outer"));
    expect(ids).toEqual(["inner", "outer"]);
  });

  it.each(["on", "addListener", "prependListener", "once", "prependOnceListener"] as const)(
    "runs a listener added by %s where it was added, if asked to",
    (method) => {
      const bus = wrapEmitter(new EventEmitter(), { context: "add" });
      const { ids, listener } = recordIds();
      runWithCorrelation("added", () => bus[method]("tick", listener));
      runWithCorrelation("emitted", () => bus.emit("tick"));
      expect(ids).toEqual(["added"]);
    },
  );

  it.each(["on", "once", "prependOnceListener"] as const)(
    "lets a listener added by %s be removed and listed",
    (method) => {
      const bus = wrapEmitter(new EventEmitter());
      const { ids, listener } = recordIds();
      bus[method]("tick", listener);
      expect(bus.listeners("tick")).toEqual([listener]);
      bus.off("tick", listener);
      bus.emit("tick");
      expect(ids).toEqual([]);
      expect(bus.listenerCount("tick")).toBe(0);
    },
  );

  it("calls a once listener once, with this and arguments, and lets go of it", () => {
    const bus = wrapEmitter(new EventEmitter());
    const calls: unknown[] = [];
    bus.once("tick", function record(this: unknown, ...args: unknown[]) {
      calls.push([this === bus, bus.listenerCount("tick"), ...args]);
    });
    bus.emit("tick", 1, 2);
    bus.emit("tick", 3);
    expect(calls).toEqual([[true, 0, 1, 2]]);
  });

  it("keeps the order, the result of emit and what a listener throws", () => {
    const bus = wrapEmitter(new EventEmitter());
    const order: string[] = [];
    bus.on("tick", () => void order.push("second"));
    bus.prependListener("tick", () => void order.push("first"));
    expect([bus.emit("tick"), bus.emit("nothing")]).toEqual([true, false]);
    expect(order).toEqual(["first", "second"]);
    bus.on("tick", () => {
      throw new Error("listener");
    });
    expect(() => bus.emit("tick")).toThrow("listener");
  });

  it("wraps once", () => {
    const bus = new EventEmitter();
    wrapEmitter(bus, { context: "add" });
    const { on } = bus;
    expect(wrapEmitter(bus)).toBe(bus);
    expect(bus.on).toBe(on);
  });
});
