import { describe, expect, it, vi } from "vitest";
import { getCorrelationId, runWithCorrelation } from "./run.ts";
import { createCorrelationTracker } from "./tracker.ts";

describe("setCorrelationId", () => {
  it("changes the current scope for every tracker, and ends with it", () => {
    const [one, other] = [createCorrelationTracker(), createCorrelationTracker()];
    const seen = runWithCorrelation("a", () => {
      one.setCorrelationId("b");
      return [one.getCorrelationId(), other.getCorrelationId(), getCorrelationId()];
    });
    expect(seen).toEqual(["b", "b", "b"]);
    expect([one.getCorrelationId(), getCorrelationId()]).toEqual([undefined, undefined]);
  });

  it("does not reach out of a nested scope", () => {
    const tracker = createCorrelationTracker();
    const seen = runWithCorrelation("a", () => {
      runWithCorrelation("b", () => tracker.setCorrelationId("c"));
      return getCorrelationId();
    });
    expect(seen).toBe("a");
  });

  it("sets the default of this tracker alone outside any scope, and tells so once", () => {
    const onUnscopedSet = vi.fn();
    const tracker = createCorrelationTracker({ onUnscopedSet });
    tracker.setCorrelationId("a");
    tracker.setCorrelationId("b");
    expect(tracker.getCorrelationId()).toBe("b");
    expect(createCorrelationTracker().getCorrelationId()).toBeUndefined();
    expect(getCorrelationId()).toBeUndefined();
    expect(onUnscopedSet.mock.calls).toEqual([["a"]]);
  });

  it("prefers the scope to the default", () => {
    const tracker = createCorrelationTracker();
    tracker.setCorrelationId("default");
    expect(runWithCorrelation("scope", () => tracker.getCorrelationId())).toBe("scope");
  });

  it("takes the default back when the id is empty, and leaves a scope alone", () => {
    const tracker = createCorrelationTracker();
    tracker.setCorrelationId("default");
    runWithCorrelation("scope", () => tracker.setCorrelationId(""));
    expect(tracker.getCorrelationId()).toBe("default");
    tracker.setCorrelationId("");
    expect(tracker.getCorrelationId()).toBeUndefined();
  });

  it("survives an observer that throws", () => {
    const tracker = createCorrelationTracker({
      onUnscopedSet() {
        throw new Error("observer");
      },
    });
    tracker.setCorrelationId("a");
    expect(tracker.getCorrelationId()).toBe("a");
  });
});

describe("the history", () => {
  const track = (tracker: ReturnType<typeof createCorrelationTracker>, id: string, ...events: string[]) =>
    runWithCorrelation(id, () => {
      for (const event of events) tracker.trackEvent(event);
    });

  it("keeps the chain of each id in order", () => {
    const tracker = createCorrelationTracker();
    track(tracker, "a", "e1", "e2");
    track(tracker, "b", "e3");
    track(tracker, "a", "e4");
    expect(tracker.getCorrelationChain("a")).toEqual(["e1", "e2", "e4"]);
    expect(tracker.getCorrelationChain("b")).toEqual(["e3"]);
    expect(tracker.getCorrelationChain("__proto__")).toEqual([]);
  });

  it("gives out copies", () => {
    const tracker = createCorrelationTracker();
    track(tracker, "a", "e1");
    tracker.getCorrelationChain("a").push("forged");
    expect(tracker.getCorrelationChain("a")).toEqual(["e1"]);
  });

  it("forgets the id without events for longest when there are too many", () => {
    const tracker = createCorrelationTracker({ idsMax: 2 });
    track(tracker, "a", "e1");
    track(tracker, "b", "e2", "e3");
    track(tracker, "a", "e4");
    track(tracker, "c", "e5");
    expect(["a", "b", "c"].map((id) => tracker.getCorrelationChain(id).length)).toEqual([2, 0, 1]);
    expect(tracker.stats()).toEqual({
      ids: 2,
      events: 3,
      idsForgotten: 1,
      eventsForgotten: 2,
      eventsUntracked: 0,
    });
  });

  it("forgets the oldest events of an id that has too many", () => {
    const tracker = createCorrelationTracker({ eventsPerIdMax: 2 });
    track(tracker, "a", "e1", "e2", "e3");
    expect(tracker.getCorrelationChain("a")).toEqual(["e2", "e3"]);
    expect(tracker.stats()).toMatchObject({ events: 2, eventsForgotten: 1 });
  });

  it("forgets an id some time after its last event", () => {
    let us = 0;
    const tracker = createCorrelationTracker({ maxAgeMs: 1000, clock: { monotonicUs: () => us } });
    track(tracker, "a", "e1");
    us = 900_000;
    track(tracker, "a", "e2");
    us = 1_900_000;
    expect(tracker.getCorrelationChain("a")).toEqual(["e1", "e2"]);
    us = 1_900_001;
    expect(tracker.getCorrelationChain("a")).toEqual([]);
    expect(tracker.stats()).toMatchObject({ ids: 0, events: 0, idsForgotten: 1, eventsForgotten: 2 });
  });

  it("counts events that belong nowhere", () => {
    const tracker = createCorrelationTracker();
    tracker.trackEvent("e1");
    track(tracker, "a", "");
    expect(tracker.stats()).toMatchObject({ events: 0, eventsUntracked: 2 });
  });

  it.each([{ idsMax: 0 }, { eventsPerIdMax: 1.5 }, { maxAgeMs: 0 }, { maxAgeMs: Number.NaN }])(
    "refuses the limit %j",
    (options) => {
      expect(() => createCorrelationTracker(options)).toThrow(RangeError);
    },
  );
});
