import { describe, expect, it, vi } from "vitest";
import { hold, inContainer, keptOf, plan, stateOf, stepsOf } from "../test/support/plans.ts";
import { dayMs, hourMs, nowMs, type SegmentFacts, segmentOf } from "../test/support/segments.ts";
import type { Hold } from "./hold.ts";
import { planRetention, planRetentionInSlices } from "./plan-retention.ts";
import { resolveRetentionPolicy } from "./resolve-policy.ts";
import type { RetainedSegment } from "./retention-state.ts";

describe("age", () => {
  it("archives after 7 days and deletes after 30, counted from the last entry", () => {
    const ages = [6.9, 7, 30, 30.1].map((days, at) =>
      inContainer(`c${at}`, { ageMs: days * dayMs, sealedMs: nowMs }),
    );
    expect(stepsOf(plan(ages))).toEqual(["delete c3/1", "archive c1/1", "archive c2/1"]);
  });

  it("says the rule with its numbers and its source", () => {
    const [expired] = plan([segmentOf({ ageMs: 31 * dayMs })]).steps;
    expect(expired?.rule).toBe("last entry 31 d ago, deleted after 30 d by the general limit");
  });

  it("takes the moment of the seal where the last entry is unknown", () => {
    const unknown = (days: number) => segmentOf({ ageMs: undefined, sealedMs: nowMs - days * dayMs });
    expect(stepsOf(plan([unknown(31)]))).toEqual(["delete a/1"]);
    expect(stepsOf(plan([unknown(29)]))).toEqual(["archive a/1"]);
    const setBack = { ...unknown(31), firstMs: nowMs - 29 * dayMs };
    expect(stepsOf(plan([setBack]))).toEqual(["archive a/1"]);
  });

  it("does not count from the time of the file", () => {
    const old = { ...segmentOf({ ageMs: dayMs }), modifiedMs: 0 };
    const young = { ...segmentOf({ ageMs: 40 * dayMs }), modifiedMs: nowMs };
    expect(plan([old]).steps).toEqual([]);
    expect(stepsOf(plan([young]))).toEqual(["delete a/1"]);
  });

  it("leaves archived segments where they are until they expire", () => {
    const archived = [20, 31].map((days, at) =>
      inContainer(`c${at}`, { state: "archived", ageMs: days * dayMs }),
    );
    expect(stepsOf(plan(archived))).toEqual(["delete c1/1"]);
  });

  it("deletes nothing more when the clock is set back, and keeps what lies in the future", () => {
    const segments = [29, 31, -400].map((days, at) => inContainer(`c${at}`, { ageMs: days * dayMs }));
    expect(stepsOf(plan(segments))).toContain("delete c1/1");
    expect(plan(segments, {}, { nowMs: nowMs - 60 * dayMs }).steps).toEqual([]);
    expect(plan([segmentOf({ ageMs: -400 * dayMs })]).kept[0]?.rule).toMatch(
      /^last entry 400 d in the future;/,
    );
  });

  it("seals an active segment that is due, and only that", () => {
    const active = inContainer("a", { state: "active", ageMs: 40 * dayMs, isLive: true });
    const young = inContainer("b", { state: "active", ageMs: hourMs });
    const empty = inContainer("c", { state: "active", ageMs: 40 * dayMs, bytes: 0 });
    const unknown = inContainer("d", { state: "active", ageMs: undefined });
    const { steps } = plan([active, young, empty, unknown]);
    expect(stepsOf(plan([active, young, empty, unknown]))).toEqual(["seal a/active"]);
    expect(steps[0]).toMatchObject({ bytesFreed: 0, raisesFloor: false });
    expect(steps[0]?.rule).toMatch(/; sealed first$/);
  });

  it("counts on archiving to free what is expected, and on none for what is compressed already", () => {
    const segments = [false, true].map((compressed, at) =>
      inContainer(`c${at}`, { ageMs: 8 * dayMs, compressed, bytes: 1000 }),
    );
    expect(plan(segments).steps.map(({ bytesFreed }) => bytesFreed)).toEqual([750, 0]);
    expect(plan(segments).after.bytes).toBe(1250);
  });

  it("marks the newest sealed segment of a stream, whose numbers must be kept", () => {
    const segments = [1, 2].map((number) => segmentOf({ number, ageMs: 31 * dayMs }));
    const archived = segmentOf({ number: 3, state: "archived", ageMs: 31 * dayMs });
    const { steps } = plan([...segments, archived]);
    expect(steps.map(({ raisesFloor }) => raisesFloor)).toEqual([false, true, false]);
  });
});

describe("what writers set aside", () => {
  const aside = (ageMs: number, facts: SegmentFacts = {}): RetainedSegment =>
    inContainer("a", { state: "aside", ageMs, ...facts });

  it("is deleted by the limit of its stream, counted from the moment in its name, and never archived", () => {
    expect(stepsOf(plan([aside(29 * dayMs)]))).toEqual([]);
    const [expired, ...others] = plan([{ ...aside(31 * dayMs), modifiedMs: nowMs }]).steps;
    expect([expired?.action, expired?.raisesFloor, others]).toEqual(["delete", false, []]);
    expect(expired?.rule).toBe("set aside 31 d ago, deleted after 30 d by the general limit");
    const overrides = [{ match: { container: "a" }, deleteAfterMs: 90 * dayMs }];
    expect(plan([aside(31 * dayMs)], { overrides }).steps).toEqual([]);
    const byLevel = [{ match: { minLevel: "ERROR" as const }, deleteAfterMs: 90 * dayMs }];
    expect(plan([aside(31 * dayMs)], { overrides: byLevel }).steps).toHaveLength(1);
  });

  it("says why it stays", () => {
    expect(plan([aside(dayMs)]).kept).toMatchObject([
      { protection: undefined, rule: "set aside 1 d ago; deleted after 30 d by the general limit" },
    ]);
  });

  it.each<[string, Partial<Hold>]>([
    ["on its container", { container: "a" }],
    ["on any time, as nobody knows what times are in it", { fromMs: 1, toMs: 2 }],
    ["on any correlation id, as nobody searches it", { correlationId: "trade_1" }],
  ])("is held by a hold %s", (_, criteria) => {
    const { kept } = plan([aside(99 * dayMs)], { maxTotalBytes: 1 }, { holds: [hold(criteria)] });
    expect(kept).toMatchObject([{ protection: "held" }]);
    expect(plan([aside(99 * dayMs)], {}, { holds: [hold({ container: "b" })] }).steps).toHaveLength(1);
  });

  it("stays when a run before could not delete it", () => {
    expect(keptOf(plan([aside(99 * dayMs, { refusal: "EACCES" })], { maxTotalBytes: 1 }))).toEqual([
      "refused",
    ]);
  });

  it("goes with the container that is gone when that is to be deleted, else by age, and with it the directory", () => {
    const gone = { registered: new Set<string>(), unregistered: new Map([["a", nowMs - 2 * dayMs]]) };
    expect(plan([aside(3 * dayMs)], { onUnregister: "archive" }, gone).steps).toEqual([]);
    const causes = [
      plan([aside(3 * dayMs)], { onUnregister: "delete" }, gone),
      plan([aside(31 * dayMs)], { onUnregister: "archive" }, gone),
    ].map(({ steps }) => steps.map(({ action, cause }) => `${action} ${cause}`));
    expect(causes).toEqual([["delete unregistered"], ["delete unregistered"]]);
  });
});

describe("temporary files", () => {
  const temporary = (ageMs: number, facts: SegmentFacts = {}): RetainedSegment =>
    segmentOf({ state: "temporary", ageMs, ...facts });

  it("stay while somebody may be making them, whatever room is missing", () => {
    const { steps, kept } = plan([temporary(hourMs)], { maxTotalBytes: 1 });
    expect(steps).toEqual([]);
    expect(kept).toMatchObject([{ protection: "temporary" }]);
    expect(kept[0]?.rule).toMatch(
      /^temporary, and somebody may be making it; last written 1 h ago; deleted after 1 h/,
    );
  });

  it("go an hour after they were written last, whatever the limits of their stream are", () => {
    const overrides = [{ match: {}, deleteAfterMs: 9999 * dayMs }];
    const { steps } = plan([temporary(hourMs + 1)], { overrides });
    expect(steps).toMatchObject([{ action: "delete", cause: "age", bytesFreed: 1000, raisesFloor: false }]);
    expect(steps[0]?.rule).toBe("last written 1 h ago, deleted after 1 h by the limit of temporary files");
  });

  it("stay with a time in the future, and where a hold covers them", () => {
    expect(plan([temporary(-hourMs)]).steps).toEqual([]);
    const held = plan([temporary(9 * hourMs)], {}, { holds: [hold({ container: "a" })] });
    expect(keptOf(held)).toEqual(["held"]);
  });
});

describe("what is never touched", () => {
  it.each<[string, SegmentFacts, string]>([
    ["a sealed segment that is open", { isLive: true }, "live"],
    ["an archived segment that is open", { state: "archived", isLive: true }, "live"],
  ])("is %s, however old it is and whatever room is missing", (_, facts, protection) => {
    const { steps, kept } = plan([segmentOf({ ageMs: 99 * dayMs, ...facts })], { maxTotalBytes: 1 });
    expect(steps).toEqual([]);
    expect(kept).toMatchObject([{ protection }]);
  });

  it.each<[string, Partial<Hold>]>([
    ["its container", { container: "a" }],
    ["its time", { toMs: nowMs }],
    ["a correlation id that was found in it", { correlationId: "trade_1" }],
    ["a damaged hold", {}],
  ])("is what a hold covers by %s", (_, criteria) => {
    const correlations = new Map([["trade_1", true]]);
    const segments = (["sealed", "archived", "active"] as const).map((state) =>
      segmentOf({ state, ageMs: 99 * dayMs, correlations }),
    );
    const held = plan(segments, { maxTotalBytes: 1, maxContainerBytes: 1 }, { holds: [hold(criteria)] });
    expect(held.steps).toEqual([]);
    expect(held.kept.map(({ rule }) => rule)).toEqual(Array(3).fill("held by case_7: audit"));
  });
});

describe("segments that stand in two files", () => {
  const pair = (ageMs: number): RetainedSegment[] => [
    segmentOf({ ageMs, inode: 7n }),
    segmentOf({ ageMs, state: "archived", shadowed: true, inode: 8n }),
  ];

  it("are left to recovery, though room is missing and archiving is due", () => {
    const { steps, unmet } = plan(pair(8 * dayMs), { maxTotalBytes: 1 });
    expect(steps).toEqual([]);
    expect(unmet[0]?.blocked).toEqual([{ by: "two_copies", segments: 2, bytes: 2000 }]);
  });

  it("expire together, the one that is not read first", () => {
    const { steps } = plan(pair(31 * dayMs));
    expect(steps.map(({ action, segment }) => `${action} ${segment.state}`)).toEqual([
      "delete archived",
      "delete sealed",
    ]);
  });

  it("expire only when nothing forbids it for either", () => {
    const [read, copy] = pair(31 * dayMs);
    const live = copy === undefined ? [] : [{ ...copy, isLive: true }];
    expect(plan([...(read === undefined ? [] : [read]), ...live]).steps).toEqual([]);
  });

  it("count once when they are two names of one file, which no deletion would free", () => {
    const sealed = segmentOf({ ageMs: 31 * dayMs, inode: 9n });
    const active = segmentOf({ state: "active", ageMs: 31 * dayMs, inode: 9n, shadowed: true });
    const { before, steps } = plan([sealed, active]);
    expect(before.bytes).toBe(1000);
    expect(steps).toEqual([]);
  });
});

describe("a container that is not registered", () => {
  const registered = new Set(["b"]);
  const segments = (): RetainedSegment[] => [
    inContainer("a", { number: 1, ageMs: 2 * dayMs }),
    inContainer("a", { state: "active", ageMs: 2 * dayMs }),
    inContainer("b", { number: 1, ageMs: 2 * dayMs }),
  ];

  it.each([
    ["archive", ["seal a/active", "archive a/1"]],
    ["delete", ["delete a/1", "seal a/active"]],
    ["keep", []],
  ] as const)("is dealt with after the grace: %s", (onUnregister, expected) => {
    expect(stepsOf(plan(segments(), { onUnregister }, { registered }))).toEqual(expected);
  });

  it("has its grace from when it was unregistered, or else from its newest entry", () => {
    const policy = { onUnregister: "delete", unregisterGraceMs: 3 * dayMs } as const;
    const gone = (ageMs: number) => new Map([["a", nowMs - ageMs]]);
    expect(plan(segments(), policy, { registered }).steps).toEqual([]);
    expect(plan(segments(), policy, { registered, unregistered: gone(2 * dayMs) }).steps).toEqual([]);
    expect(plan(segments(), policy, { registered, unregistered: gone(4 * dayMs) }).steps).toHaveLength(2);
  });

  it("is left alone while nobody knows who is registered", () => {
    expect(plan(segments(), { onUnregister: "delete", unregisterGraceMs: 0 }).steps).toEqual([]);
  });

  it("is left alone when its id is too long to be read from its path, or its newest entry is unknown", () => {
    const policy = { onUnregister: "delete", unregisterGraceMs: 0 } as const;
    const long = [inContainer("x".repeat(300), { ageMs: 2 * dayMs })];
    const unknown = [inContainer("a", { state: "active", ageMs: undefined }), inContainer("a")];
    expect(plan(long, policy, { registered }).steps).toEqual([]);
    expect(plan(unknown, policy, { registered }).steps).toEqual([]);
  });

  it("is left alone when the clock was set back behind its end", () => {
    const unregistered = new Map([["a", nowMs + 30 * dayMs]]);
    expect(plan(segments(), { onUnregister: "delete" }, { registered, unregistered }).steps).toEqual([]);
  });

  it("does not lose what a hold covers", () => {
    const holds = [hold({ container: "a" })];
    expect(plan(segments(), { onUnregister: "delete" }, { registered, holds }).steps).toEqual([]);
  });
});

describe("planRetention", () => {
  it("gives the same plan for the same state, whatever the order of its segments", () => {
    const segments = Array.from({ length: 40 }, (_, at) =>
      inContainer(`c${at % 7}`, {
        number: at + 1,
        state: at % 2 === 0 ? "archived" : "sealed",
        ageMs: hourMs,
      }),
    );
    const policy = { maxTotalBytes: 20_000 };
    expect(stepsOf(plan([...segments].reverse(), policy))).toEqual(stepsOf(plan(segments, policy)));
  });

  it("lists what stays only when it is asked to", () => {
    const state = stateOf([segmentOf()]);
    expect(planRetention(state, resolveRetentionPolicy()).kept).toEqual([]);
    expect(keptOf(planRetention(state, resolveRetentionPolicy(), { listKept: true }))).toEqual(["not due"]);
  });

  it("changes nothing of what it is given", () => {
    const segments = Object.freeze([Object.freeze(segmentOf({ ageMs: 31 * dayMs }))]);
    expect(plan(segments).steps).toHaveLength(1);
  });
});

describe("planRetentionInSlices", () => {
  const segments = Array.from({ length: 3000 }, (_, at) =>
    inContainer(`c${at % 500}`, { number: at + 1, ageMs: ((at * 37) % 60) * dayMs }),
  );
  const policy = resolveRetentionPolicy({ maxTotalBytes: 100_000, maxContainerBytes: 2000 });

  it("makes the plan that planRetention makes", async () => {
    const state = stateOf(segments);
    expect(await planRetentionInSlices(state, policy)).toEqual(planRetention(state, policy));
  });

  it("may pause after a few containers in every part, for each may have to ask thousands of overrides", async () => {
    const gone = Array.from({ length: 640 }, (_, at) => inContainer(`c${at}`));
    let nowMs = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 9));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    await planRetentionInSlices(stateOf(gone, { registered: new Set() }), policy);
    expect(turns).toBeGreaterThanOrEqual(5 * 10);
    turns = 1000;
    now.mockRestore();
  });

  it("ends with the reason of its signal", async () => {
    const controller = new AbortController();
    controller.abort(new Error("stopping"));
    const many = stateOf(Array.from({ length: 20 }, () => segments).flat());
    await expect(planRetentionInSlices(many, policy, { signal: controller.signal })).rejects.toThrow(
      "stopping",
    );
  });
});
