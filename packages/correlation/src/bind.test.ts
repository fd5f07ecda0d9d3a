import { describe, expect, it } from "vitest";
import { bindCorrelation } from "./bind.ts";
import { getCorrelationId, runWithCorrelation } from "./run.ts";
import { createCorrelationTracker } from "./tracker.ts";

describe("bindCorrelation", () => {
  it("keeps the id of each task in a queue that another scope empties", () => {
    const queue: (() => string | undefined)[] = [];
    for (const id of ["a", "b"])
      runWithCorrelation(id, () => queue.push(bindCorrelation(() => getCorrelationId())));
    expect(runWithCorrelation("consumer", () => queue.map((task) => task()))).toEqual(["a", "b"]);
  });

  it("keeps its id when the scope in which it was bound changes its own", () => {
    const tracker = createCorrelationTracker();
    const seen = runWithCorrelation("a", () => {
      const bound = bindCorrelation(() => getCorrelationId());
      tracker.setCorrelationId("b");
      return [bound(), getCorrelationId()];
    });
    expect(seen).toEqual(["a", "b"]);
  });

  it("does not let a change inside reach the scope outside", () => {
    const tracker = createCorrelationTracker();
    const seen = runWithCorrelation("a", () => {
      bindCorrelation(() => tracker.setCorrelationId("b"))();
      return getCorrelationId();
    });
    expect(seen).toBe("a");
  });

  it("runs outside any correlation when it was bound there", () => {
    const bound = bindCorrelation(() => getCorrelationId());
    expect(runWithCorrelation("a", bound)).toBeUndefined();
  });

  it("passes this, arguments and result", () => {
    const bound = bindCorrelation(function add(this: { base: number }, more: number) {
      return this.base + more;
    });
    expect(bound.call({ base: 1 }, 2)).toBe(3);
  });
});
