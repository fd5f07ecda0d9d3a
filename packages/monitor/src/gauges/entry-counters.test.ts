import { describe, expect, it } from "vitest";
import { counts } from "../../test/support/snapshots.ts";
import { createEntryCounters } from "./entry-counters.ts";

describe("createEntryCounters", () => {
  it("counts by container and level, and in total", () => {
    const counters = createEntryCounters();
    counters.tallyOf("a").add("INFO");
    counters.tallyOf("a").add("ERROR");
    counters.tallyOf("b").add("ERROR");
    expect(counters.read()).toEqual({
      byLevel: counts({ INFO: 1, ERROR: 2 }),
      containers: [
        { containerId: "a", byLevel: counts({ INFO: 1, ERROR: 1 }) },
        { containerId: "b", byLevel: counts({ ERROR: 1 }) },
      ],
    });
  });

  it("keeps the totals when a container is forgotten", () => {
    const counters = createEntryCounters();
    counters.tallyOf("a").add("CRITICAL");
    counters.forget("a");
    expect(counters.read()).toEqual({ byLevel: counts({ CRITICAL: 1 }), containers: [] });
  });

  it("counts containers beyond its bound in the totals alone, and tells how many entries that were", () => {
    const counters = createEntryCounters({ containersMax: 1 });
    counters.tallyOf("a").add("INFO");
    for (const id of ["b", "c", "b"]) counters.tallyOf(id).add("DEBUG");
    expect(counters.read().containers).toHaveLength(1);
    expect(counters.read().byLevel).toEqual(counts({ INFO: 1, DEBUG: 3 }));
    expect(counters.entriesLeftOut).toBe(3);
  });

  it("hands out copies: what was read does not change", () => {
    const counters = createEntryCounters();
    counters.tallyOf("a").add("INFO");
    const before = counters.read();
    counters.tallyOf("a").add("INFO");
    expect(before.byLevel.INFO).toBe(1);
  });

  it.each([-1, 1.5, Number.NaN])("refuses %s containers", (containersMax) => {
    expect(() => createEntryCounters({ containersMax })).toThrow(RangeError);
  });
});
