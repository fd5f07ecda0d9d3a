import { describe, expect, it } from "vitest";
import { hold, inContainer, plan, stepsOf } from "../test/support/plans.ts";
import { dayMs, hourMs, segmentOf } from "../test/support/segments.ts";
import type { RetainedSegment } from "./retention-state.ts";

describe("the size of the tree", () => {
  const tree = (): RetainedSegment[] => [
    inContainer("a", { number: 1, state: "archived", ageMs: 5 * hourMs }),
    inContainer("a", { number: 2, ageMs: 4 * hourMs }),
    inContainer("a", { state: "active", ageMs: 0 }),
    inContainer("b", { number: 1, state: "archived", ageMs: 9 * hourMs }),
    inContainer("b", { number: 2, ageMs: 8 * hourMs }),
    inContainer("b", { state: "active", ageMs: 0, bytes: 3000 }),
    segmentOf({
      address: { kind: "system", component: "coordinator" },
      state: "archived",
      ageMs: 20 * hourMs,
    }),
  ];
  const limited = (maxTotalBytes: number, evictToPercent = 100) =>
    stepsOf(plan(tree(), { maxTotalBytes, evictToPercent }));

  it("is kept when it is not exceeded", () => {
    expect(limited(9000)).toEqual([]);
  });

  it("evicts archived segments, the oldest first, then sealed ones", () => {
    expect(limited(8999)).toEqual(["delete b/1"]);
    expect(limited(7999)).toEqual(["delete b/1", "delete a/1"]);
    expect(limited(6999)).toEqual(["delete b/1", "delete a/1", "delete b/2"]);
    expect(limited(5000)).toEqual(["delete b/1", "delete a/1", "delete b/2", "delete a/2"]);
  });

  it("then seals the biggest active segments, as many as are needed", () => {
    expect(limited(4999).slice(4)).toEqual(["seal b/active"]);
    expect(limited(1999).slice(4)).toEqual(["seal b/active", "seal a/active"]);
  });

  it("seals as many as are wanted once any is needed, so that not every run seals one", () => {
    expect(limited(4999, 30).slice(4)).toEqual(["seal b/active", "seal a/active"]);
  });

  it("seals others where an active segment cannot be sealed", () => {
    const foreign = inContainer("b", { state: "active", ageMs: 0, bytes: 3000, refusal: "EBUSY" });
    const own = inContainer("a", { state: "active", ageMs: 0 });
    const { unmet, kept } = plan([foreign, own], { maxTotalBytes: 3500, evictToPercent: 100 });
    expect(stepsOf(plan([foreign, own], { maxTotalBytes: 3500, evictToPercent: 100 }))).toEqual([
      "seal a/active",
    ]);
    expect(unmet[0]?.blocked.map(({ by }) => by)).toEqual(["refused", "sealing"]);
    expect(kept.map(({ rule }) => rule).join()).toContain("cannot be sealed (EBUSY)");
  });

  it("then takes system segments, and never before", () => {
    expect(limited(999).slice(4)).toEqual(["delete system/1", "seal b/active", "seal a/active"]);
  });

  it("evicts what writers set aside in its place among the archived segments, before sealed ones", () => {
    const aside = inContainer("c", { state: "aside", ageMs: 7 * hourMs });
    const evicted = (maxTotalBytes: number) =>
      stepsOf(plan([...tree(), aside], { maxTotalBytes, evictToPercent: 100 }));
    expect(evicted(8999)).toEqual(["delete b/1", "delete c/quarantine"]);
    expect(evicted(6999)).toEqual(["delete b/1", "delete c/quarantine", "delete a/1", "delete b/2"]);
  });

  it("places what was set aside by its own time, whatever its stream has sealed since", () => {
    const stream = [
      inContainer("c", { state: "aside", ageMs: 10 * hourMs }),
      inContainer("c", { ageMs: hourMs }),
    ];
    expect(stepsOf(plan([...tree(), ...stream], { maxTotalBytes: 10_999, evictToPercent: 100 }))).toEqual([
      "delete c/quarantine",
    ]);
  });

  it("leaves what was set aside of system/ with system/ for the end", () => {
    const aside = segmentOf({
      address: { kind: "system", component: "x" },
      state: "aside",
      ageMs: 99 * hourMs,
    });
    expect(stepsOf(plan([...tree(), aside], { maxTotalBytes: 9999, evictToPercent: 100 }))).toEqual([
      "delete b/1",
    ]);
  });

  it("counts state files and temporary ones in the making, of which nothing can be freed", () => {
    const { before, unmet } = plan(
      [segmentOf({ state: "temporary", ageMs: hourMs })],
      { maxTotalBytes: 1500 },
      { otherBytes: 700 },
    );
    expect(before.bytes).toBe(1700);
    expect(unmet).toEqual([
      {
        limit: "total_size",
        container: undefined,
        missingBytes: 200,
        blocked: [{ by: "temporary", segments: 1, bytes: 1000 }],
      },
    ]);
  });

  it("makes room down to a share of the limit, once it is exceeded", () => {
    expect(limited(8500, 90)).toEqual(["delete b/1", "delete a/1"]);
  });

  it("evicts nothing when what is expired makes room enough, even if not down to the share", () => {
    const expired = inContainer("old", { ageMs: 31 * dayMs });
    expect(stepsOf(plan([...tree(), expired], { maxTotalBytes: 9000 }))).toEqual(["delete old/1"]);
  });

  it("counts on what archiving will free", () => {
    const due = inContainer("old", { ageMs: 8 * dayMs });
    expect(stepsOf(plan([...tree(), due], { maxTotalBytes: 9250 }))).toEqual(["archive old/1"]);
    expect(stepsOf(plan([...tree(), due], { maxTotalBytes: 9249, evictToPercent: 100 }))).toEqual([
      "delete b/1",
      "archive old/1",
    ]);
  });

  it("counts on none when archived copies are told to take as much, as where archiving fails", () => {
    const due = inContainer("old", { ageMs: 8 * dayMs });
    const limits = { maxTotalBytes: 8999, evictToPercent: 100, archivedPercent: 100 };
    expect(stepsOf(plan([...tree(), due], limits))).toEqual(["delete b/1", "delete a/1", "archive old/1"]);
  });

  it("evicts instead of archiving what would be archived, and frees it once", () => {
    const due = inContainer("old", { ageMs: 8 * dayMs });
    const { steps, after } = plan([due], { maxTotalBytes: 200 });
    expect(steps.map(({ action }) => action)).toEqual(["delete"]);
    expect(after.bytes).toBe(0);
  });

  it("keeps the order of a stream's numbers where the clock went back between them", () => {
    const stream = [
      segmentOf({ number: 1, state: "archived", ageMs: hourMs }),
      segmentOf({ number: 2, state: "archived", ageMs: 30 * hourMs }),
    ];
    expect(stepsOf(plan([...stream].reverse(), { maxTotalBytes: 1999, evictToPercent: 100 }))).toEqual([
      "delete a/1",
    ]);
  });

  it("takes others in the place of what a run before could not delete, and tells of it", () => {
    const refused = inContainer("x", { state: "archived", ageMs: 99 * hourMs, refusal: "EACCES" });
    const { steps, kept } = plan([refused, ...tree()], { maxTotalBytes: 9000, evictToPercent: 100 });
    expect(steps.map(({ segment }) => segment.container)).toEqual(["b"]);
    expect(kept[0]?.rule).toMatch(/^could not be deleted by a run before \(EACCES\); last entry 4.1 d ago/);
    expect(plan([refused], { maxTotalBytes: 400 }).unmet).toMatchObject([
      { missingBytes: 600, blocked: [{ by: "refused", bytes: 1000 }] },
    ]);
  });

  it("tells what is held and what is still being sealed when it cannot be reached", () => {
    const segments = [inContainer("a"), inContainer("b", { state: "active", bytes: 500 })];
    const { unmet } = plan(segments, { maxTotalBytes: 100 }, { holds: [hold({ container: "a" })] });
    expect(unmet).toMatchObject([
      {
        missingBytes: 1400,
        blocked: [
          { by: "held", segments: 1, bytes: 1000 },
          { by: "sealing", segments: 1, bytes: 500 },
        ],
      },
    ]);
  });
});

describe("the quota of a container", () => {
  it("is kept by its own segments alone, in the same order", () => {
    const segments = [
      inContainer("a", { number: 1, state: "archived", ageMs: 3 * hourMs }),
      inContainer("a", { number: 2, ageMs: 2 * hourMs }),
      inContainer("a", { state: "active", ageMs: 0 }),
      inContainer("b", { number: 1, state: "archived", ageMs: 99 * hourMs }),
    ];
    const limited = (maxContainerBytes: number) =>
      stepsOf(plan(segments, { maxContainerBytes, evictToPercent: 100 }));
    expect(limited(3000)).toEqual([]);
    expect(limited(2999)).toEqual(["delete a/1"]);
    expect(limited(1000)).toEqual(["delete a/1", "delete a/2"]);
    expect(limited(999)).toEqual(["delete a/1", "delete a/2", "delete b/1", "seal a/active"]);
  });

  it("is counted once for the size of the tree, also where it evicts what would be archived", () => {
    const due = inContainer("a", { ageMs: 8 * dayMs });
    const other = inContainer("b", { state: "archived", ageMs: hourMs });
    const overrides = [{ match: { container: "a" }, maxContainerBytes: 200 }];
    const limits = { overrides, maxTotalBytes: 500, evictToPercent: 100 };
    expect(stepsOf(plan([due, other], limits))).toEqual(["delete a/1", "delete b/1"]);
  });

  it("can differ by container, and says so", () => {
    const segments = [inContainer("a"), inContainer("b")];
    const overrides = [{ match: { container: "b" }, maxContainerBytes: 500 }];
    const { steps } = plan(segments, { overrides });
    expect(steps).toMatchObject([
      {
        cause: "container_quota",
        rule: "container b takes 1000 B, over 500 B by override 1 (container b); then the oldest sealed segments",
      },
    ]);
  });
});

describe("the free space of the disk", () => {
  const segments = [1, 2, 3].map((number) =>
    segmentOf({ number, state: "archived", ageMs: (9 - number) * hourMs }),
  );

  it("is made by deletions, and not counted on from archiving", () => {
    const due = inContainer("old", { ageMs: 8 * dayMs });
    const policy = { minFreeBytes: 5000, evictToPercent: 100 };
    expect(stepsOf(plan([...segments, due], policy, { freeBytes: 3500 }))).toEqual([
      "delete a/1",
      "delete a/2",
      "archive old/1",
    ]);
  });

  it("can be a share of the disk, and the larger of both counts", () => {
    const policy = { minFreeBytes: 10, minFreePercent: 10, evictToPercent: 100 };
    const disk = { freeBytes: 9500, capacityBytes: 100_000 };
    expect(stepsOf(plan(segments, policy, disk))).toEqual(["delete a/1"]);
    expect(plan(segments, policy, { ...disk, freeBytes: 10_000 }).steps).toEqual([]);
  });

  it("is not looked at when nobody knows it", () => {
    expect(plan(segments, { minFreeBytes: 1e9 }).steps).toEqual([]);
  });

  it("is told when it cannot be reached", () => {
    expect(plan([], { minFreeBytes: 1000 }, { freeBytes: 900 }).unmet).toEqual([
      { limit: "free_space", container: undefined, missingBytes: 100, blocked: [] },
    ]);
  });
});
