import { describe, expect, it } from "vitest";
import { listHolds, placeHold, planRetention, releaseHold, resolveRetentionPolicy } from "../src/index.ts";
import { memoryTree, root } from "./support/trees.ts";

const dayMs = 86_400_000;

describe("placeHold", () => {
  it("is found by the next process, with all its criteria", () => {
    const tree = memoryTree();
    const request = {
      id: "case/7",
      reason: "audit",
      container: "a",
      correlationId: "trade_1",
      fromMs: 0,
      toMs: dayMs,
      expiresMs: 2 * dayMs,
    };
    const placed = placeHold(root, request, tree.ports);
    tree.files.restart();
    expect(listHolds(root, tree.ports)).toEqual([placed]);
    expect(placed).toEqual({ ...request, createdMs: tree.clock.now() });
    expect(tree.files.openDescriptors).toBe(0);
  });

  it("survives a power cut once it has returned", () => {
    const tree = memoryTree();
    const { id } = placeHold(root, { reason: "audit", container: "a" }, tree.ports);
    const found = tree.files
      .powerLossStates()
      .map(({ fileSystem }) => listHolds(root, { fileSystem }).map((hold) => hold.id));
    expect(found).toEqual([[id], [id], [id], [id]]);
  });

  it("leaves a whole hold or none when it dies or fails at any step", () => {
    const outcomes: string[][] = [];
    for (let operation = 1; operation <= 20; operation++) {
      const tree = memoryTree();
      tree.files.clearOperations();
      tree.files.inject({ operation, crash: true });
      const attempt = (): unknown =>
        placeHold(root, { id: "h", reason: "audit", container: "a" }, tree.ports);
      const isDone = [attempt].map((call) => {
        try {
          call();
          return "returned";
        } catch {
          return "died";
        }
      });
      tree.files.clearFaults();
      tree.files.restart();
      outcomes.push([...isDone, ...listHolds(root, tree.ports).map(({ reason }) => reason)]);
    }
    const kinds = new Set(outcomes.map((outcome) => outcome.join(" ")));
    expect([...kinds].sort()).toEqual(["died", "died audit", "returned audit"]);
  });

  it.each([
    [{ reason: "x" }, "a hold names a container, a correlation id or a time range"],
    [{ reason: "x", fromMs: Number.NaN }, "fromMs of a hold must be milliseconds since the epoch, not NaN"],
    [{ reason: "x", fromMs: 2, toMs: 1 }, "the range of a hold ends before it begins: 2 to 1"],
    [{ reason: "x", container: "a", expiresMs: 1e300 }, "expiresMs of a hold must be milliseconds"],
  ])("refuses %j", (request, message) => {
    const tree = memoryTree();
    expect(() => placeHold(root, request, tree.ports)).toThrow(RangeError);
    expect(() => placeHold(root, request, tree.ports)).toThrow(message);
    expect(listHolds(root, tree.ports)).toEqual([]);
  });

  it.each([
    ["a reason that no file of a hold has room for", { reason: "x".repeat(65_536), container: "a" }],
    ["an id of which the same is true", { id: "\u0001".repeat(20_000), reason: "audit", container: "a" }],
    ["a reason that is none", { reason: undefined as never, container: "a" }],
    ["a container that is none", { reason: "audit", container: 7 as never }],
  ])("refuses %s, as what cannot be read back would cover everything", (_, request) => {
    const tree = memoryTree();
    expect(() => placeHold(root, request, tree.ports)).toThrow(RangeError);
    expect(listHolds(root, tree.ports)).toEqual([]);
  });

  it("refuses an id that is taken", () => {
    const tree = memoryTree();
    const request = { id: "h", reason: "x", container: "a" };
    placeHold(root, request, tree.ports);
    expect(() => placeHold(root, request, tree.ports)).toThrow('a hold has the id "h"');
  });

  it("refuses a directory without a marker", () => {
    const tree = memoryTree();
    tree.files.outside.unlink(`${root}/.waybill/tree.json`);
    expect(() => placeHold(root, { reason: "x", container: "a" }, tree.ports)).toThrow(
      "no .waybill/tree.json",
    );
  });
});

describe("releaseHold", () => {
  it("ends a hold once", () => {
    const tree = memoryTree();
    placeHold(root, { id: "h", reason: "x", container: "a" }, tree.ports);
    expect([releaseHold(root, "h", tree.ports), releaseHold(root, "h", tree.ports)]).toEqual([true, false]);
    expect(listHolds(root, tree.ports)).toEqual([]);
  });
});

describe("a damaged hold", () => {
  it.each([
    ["cut off", '{"format":1,"id":"h","rea'],
    [
      "of a later format",
      '{"format":2,"id":"h","reason":"x","container_id":"a","created_at":"2026-01-01T00:00:00Z"}',
    ],
    ["without criteria", '{"format":1,"id":"h","reason":"x","created_at":"2026-01-01T00:00:00Z"}'],
    [
      "with a wrong time",
      '{"format":1,"id":"h","reason":"x","from":"soon","created_at":"2026-01-01T00:00:00Z"}',
    ],
    ["empty", ""],
    ["over-long", "x".repeat(70_000)],
  ])("%s covers everything, and says so", async (_, text) => {
    const tree = memoryTree();
    tree.add("containers/b", 1, 40);
    tree.files.outside.writeFile(`${root}/.waybill/holds/h.json`, text);
    const plan = planRetention(await tree.readState(), resolveRetentionPolicy(), { listKept: true });
    expect(plan.steps).toEqual([]);
    expect(plan.kept[0]?.rule).toMatch(
      /^held by h\.json: the file of this hold .*, so it covers everything: repair/,
    );
  });

  it("that is a link covers everything, and is not followed", () => {
    const tree = memoryTree();
    tree.files.outside.symlink("/etc/passwd", `${root}/.waybill/holds/h.json`);
    expect(listHolds(root, tree.ports)).toMatchObject([{ reason: expect.stringContaining("is a link") }]);
  });

  it("is not seen in what a crash left behind", () => {
    const tree = memoryTree();
    tree.files.outside.writeFile(`${root}/.waybill/holds/h.json.ab12.part`, "{");
    expect(listHolds(root, tree.ports)).toEqual([]);
  });
});
