import { formatStamp } from "@waybill/log-tree";
import {
  createCorrelationSearch,
  createLevelSearch,
  type RetentionPolicyOptions,
  resolveRetentionPolicy,
} from "@waybill/retention";
import { createSpaceBudget } from "@waybill/writers";
import { describe, expect, it } from "vitest";
import { createMemoryTree, dayMs, hourMs, type MemoryTree } from "../../test/support/memory-tree.ts";
import { createCompressingSegments } from "./compressing-segments.ts";
import { createReportTally, type MaintenanceReport } from "./maintenance-report.ts";
import { createOthersInTree } from "./others-in-tree.ts";
import { createRetentionRun } from "./retention-run.ts";
import { createSegmentKnowledge } from "./segment-knowledge.ts";
import { createSpaceKeeper } from "./space-keeper.ts";
import { createUsageFile } from "./usage-file.ts";

const plentyBytes = 1_000_000;

/** Retention over a tree in memory. */
async function subject(tree: MemoryTree, options: RetentionPolicyOptions = {}) {
  const { files, clock, layout } = tree;
  const state = { maxTotalBytes: plentyBytes, theirs: "", sealFails: "" };
  const policyOf = () =>
    resolveRetentionPolicy({ maxTotalBytes: state.maxTotalBytes, evictToPercent: 100, ...options });
  const limitsOf = () => ({
    maxTotalBytes: state.maxTotalBytes,
    roomFromBytes: state.maxTotalBytes,
    roomToBytes: state.maxTotalBytes,
  });
  const ledger = await tree.openLedger();
  const space = createSpaceBudget();
  const compressing = createCompressingSegments(clock);
  const registered = new Set(["a", "b"]);
  const urgent = new AbortController();
  const pool = {
    streams: () => [],
    async seal(file: string) {
      if (file.includes(state.sealFails) && state.sealFails !== "")
        throw Object.assign(new Error("EBUSY: busy"), { code: "EBUSY" });
      ledger.note(tree.seal(file));
    },
  };
  const usage = createUsageFile(layout, files);
  const kept = () => ({ limits: limitsOf(), policy: policyOf() });
  const keeper = createSpaceKeeper({ ledger, pool, space, usage, kept, fileSystem: files });
  const run = createRetentionRun({
    ...{ ledger, keeper, space, pool, compressing, clock, fileSystem: files },
    knowledge: createSegmentKnowledge(files),
    levels: createLevelSearch({ fileSystem: files }),
    correlations: createCorrelationSearch({ fileSystem: files }),
    containers: {
      registered: () => registered,
      unregistered: () => new Map([["gone", clock.now() - 9 * dayMs]]),
      typeOf: () => undefined,
    },
    others: createOthersInTree({
      layout,
      clock,
      isLocked: (lockFile) => state.theirs !== "" && lockFile.endsWith(state.theirs),
    }),
  });
  const { signal } = new AbortController();
  const termsOf = () => ({
    limits: limitsOf(),
    policy: policyOf(),
    signal,
    urgent: urgent.signal,
    onPlan: () => undefined,
  });
  return {
    state,
    ledger,
    space,
    compressing,
    run,
    urgent,
    plan: () => run.plan(termsOf()),
    async perform(): Promise<MaintenanceReport> {
      const tally = createReportTally("request", clock.now());
      const plan = await run.perform(termsOf(), tally);
      return tally.finish(plan, ledger.totals.bytes, clock.now());
    },
  };
}

const archiveDaily = { archiveAfterMs: dayMs, deleteAfterMs: 30 * dayMs };

describe("a run of retention", () => {
  it("archives what is due, deletes what is expired, and the ledger knows all of it", async () => {
    const tree = createMemoryTree();
    tree.addSealed("a", 1, 40 * dayMs);
    tree.addSealed("a", 2, 2 * dayMs);
    tree.addSealed("a", 3, hourMs);
    const { perform, ledger } = await subject(tree, archiveDaily);
    const report = await perform();
    expect(report).toMatchObject({ archived: 1, deleted: 1, failed: 0, postponed: 0, unmet: [] });
    expect(await tree.list()).toEqual([
      expect.stringMatching(/^archived.*-000002.log.gz$/),
      expect.stringMatching(/-000003.log$/),
    ]);
    expect(ledger.totals.bytes).toBe(tree.bytes());
  });

  it("leaves archiving for later when room is needed at once, and deletes all the same", async () => {
    const tree = createMemoryTree();
    tree.addSealed("a", 1, 40 * dayMs);
    tree.addSealed("a", 2, 2 * dayMs);
    tree.addSealed("b", 1, 2 * dayMs);
    const { perform, urgent } = await subject(tree, archiveDaily);
    urgent.abort();
    expect(await perform()).toMatchObject({ archived: 0, deleted: 1, postponed: 2, failed: 0 });
  });

  it("breaks archiving off when room is needed meanwhile", async () => {
    const tree = createMemoryTree();
    for (const number of [1, 2, 3]) tree.addSealed("a", number, 2 * dayMs);
    const { perform, urgent, space } = await subject(tree, archiveDaily);
    const before = tree.files.rename;
    Object.assign(tree.files, {
      rename(from: string, to: string) {
        before(from, to);
        if (to.includes("/archived/")) urgent.abort();
      },
    });
    expect(await perform()).toMatchObject({ archived: 1, postponed: 2, failed: 0 });
    // What archiving has noted of itself was written after the budget was set.
    const unexplained = space.remainingBytes - (plentyBytes - tree.bytes());
    expect(unexplained).toBeGreaterThanOrEqual(0);
    expect(unexplained).toBeLessThanOrEqual(tree.bytes("/logs/.waybill"));
  });

  it("does not archive what its writer compresses, nor where there is no room for a copy", async () => {
    const tree = createMemoryTree();
    const file = tree.addSealed("a", 1, 2 * dayMs);
    const { perform, compressing, state } = await subject(tree, archiveDaily);
    compressing.begin(file, 5000);
    expect(await perform()).toMatchObject({ archived: 0, postponed: 1 });
    compressing.end(file);
    state.maxTotalBytes = tree.bytes() + 500;
    expect(await perform()).toMatchObject({ archived: 0, postponed: 1 });
    state.maxTotalBytes = tree.bytes() + 1500;
    expect(await perform()).toMatchObject({ archived: 1, postponed: 0 });
  });

  it("leaves what it cannot delete alone, has others make room, and tries again when told", async () => {
    const tree = createMemoryTree();
    const [oldest] = [tree.addSealed("a", 1, 5 * hourMs), tree.addSealed("a", 2, 4 * hourMs)];
    const { perform, state, run } = await subject(tree);
    tree.files.inject({ verb: "unlink", path: oldest, error: "EACCES", times: Number.POSITIVE_INFINITY });
    state.maxTotalBytes = tree.bytes() - 1;
    expect(await perform()).toMatchObject({ deleted: 0, failed: 1 });
    expect(await perform()).toMatchObject({ deleted: 1, failed: 0 });
    tree.files.clearFaults();
    state.maxTotalBytes = tree.bytes() - 1;
    expect(await perform()).toMatchObject({ deleted: 0, unmet: [{ blocked: [{ by: "refused" }] }] });
    run.forgetRefusals();
    expect(await perform()).toMatchObject({ deleted: 1, unmet: [] });
  });

  it("deletes what it could not archive: on a full disk just that makes room", async () => {
    const tree = createMemoryTree();
    tree.addSealed("a", 1, 2 * dayMs);
    const { perform, state, run, ledger } = await subject(tree, archiveDaily);
    tree.files.inject({
      verb: "write",
      path: /archived.*part/,
      error: "ENOSPC",
      times: Number.POSITIVE_INFINITY,
    });
    expect(await perform()).toMatchObject({ archived: 0, failed: 1 });
    expect(await perform()).toMatchObject({ archived: 0, failed: 0, postponed: 1 });
    expect(ledger.totals.bytes).toBe(tree.bytes());
    state.maxTotalBytes = tree.bytes() - 1;
    expect(await perform()).toMatchObject({ deleted: 1, failed: 0, unmet: [] });
    run.forgetRefusals();
    expect(await tree.list()).toEqual([]);
  });

  it("knows of the copy that an archiving has left which failed at its end", async () => {
    const tree = createMemoryTree();
    const file = tree.addSealed("a", 1, 2 * dayMs);
    const { perform, ledger } = await subject(tree, archiveDaily);
    tree.files.inject({ verb: "unlink", path: file, error: "EIO" });
    expect(await perform()).toMatchObject({ archived: 0, failed: 1 });
    expect(await tree.list()).toHaveLength(2);
    expect(ledger.totals.bytes).toBe(tree.bytes());
  });

  it("seals what is next in size where a writer cannot seal, and deletes it in the next round", async () => {
    const tree = createMemoryTree();
    tree.addActive("a", hourMs, 3000);
    tree.addActive("b", hourMs, 2000);
    const { perform, state } = await subject(tree);
    state.sealFails = "containers/a/";
    state.maxTotalBytes = tree.bytes() - 1000;
    expect(await perform()).toMatchObject({
      sealed: 0,
      failed: 1,
      errors: [{ action: "seal", code: "EBUSY" }],
    });
    expect(await perform()).toMatchObject({ sealed: 1, deleted: 1, rounds: 2, failed: 0, unmet: [] });
    expect(await tree.list()).toEqual(["containers/a/main.log"]);
  });

  it("neither seals nor takes for gone what another process writes", async () => {
    const tree = createMemoryTree();
    tree.addSealed("gone", 1, 20 * dayMs);
    tree.addActive("gone", 20 * dayMs);
    const delay = { archiveAfterMs: 30 * dayMs };
    const policy = { onUnregister: "delete", unregisterGraceMs: dayMs, ...delay } as const;
    const { plan, perform, state } = await subject(tree, policy);
    expect((await plan()).steps.map(({ action, cause }) => `${action} ${cause}`)).toEqual([
      "delete unregistered",
      "seal unregistered",
    ]);
    state.theirs = "containers%2Fgone";
    tree.clock.advance(20_000);
    expect(await perform()).toMatchObject({ sealed: 0, deleted: 0, failed: 0 });
    tree.clock.advance(20 * dayMs);
    expect(await perform()).toMatchObject({ sealed: 0, deleted: 1, failed: 0 });
    expect(await tree.list()).toEqual(["containers/gone/main.log"]);
  });

  it("lets nobody write more or less by planning", async () => {
    const tree = createMemoryTree();
    tree.addSealed("a", 1, 2 * dayMs);
    const { plan, perform, space } = await subject(tree, archiveDaily);
    await plan();
    expect(space.remainingBytes).toBe(Number.POSITIVE_INFINITY);
    expect((await tree.list()).join()).not.toContain("archived");
    await perform();
    expect(space.remainingBytes).toBeLessThan(plentyBytes);
  });

  it("deletes what was set aside for room before sealed segments, and the ledger knows it", async () => {
    const tree = createMemoryTree();
    const sealed = tree.addSealed("a", 1, 2 * hourMs);
    const stamp = formatStamp(tree.clock.now() - hourMs);
    const aside = `/logs/containers/a/main.${stamp}.quarantine`;
    tree.files.outside.writeFile(aside, "x".repeat(3000));
    const { perform, ledger, state } = await subject(tree);
    state.maxTotalBytes = ledger.totals.bytes - 1;
    expect(await perform()).toMatchObject({ deleted: 1, failed: 0, unmet: [] });
    expect([aside, sealed].map((file) => tree.files.lstat(file)?.kind)).toEqual([undefined, "file"]);
    expect(ledger.totals).toMatchObject({ bytes: tree.bytes(), filesByState: { aside: 0 } });
  });

  it("leaves a temporary file that its writer is making, however far the clock is from that of the disk", async () => {
    const tree = createMemoryTree();
    const sealed = tree.addSealed("a", 1, hourMs);
    tree.files.outside.writeFile(`${sealed}.gz.part`, "half");
    tree.clock.advance(dayMs);
    const { perform, compressing } = await subject(tree);
    compressing.begin(sealed, 5000);
    expect(await perform()).toMatchObject({ deleted: 0 });
    compressing.end(sealed);
    expect(await perform()).toMatchObject({ deleted: 1 });
    expect(await tree.list()).toEqual([sealed.slice("/logs/".length)]);
  });

  it("ends before its next step when it is told to", async () => {
    const tree = createMemoryTree();
    tree.addSealed("a", 1, 2 * dayMs);
    const { run, state } = await subject(tree, archiveDaily);
    const ended = AbortSignal.abort();
    const tally = createReportTally("request", 0);
    const limits = { maxTotalBytes: state.maxTotalBytes, roomFromBytes: 1, roomToBytes: 1 };
    const policy = resolveRetentionPolicy({ ...archiveDaily, maxTotalBytes: 1 });
    await run.perform({ limits, policy, signal: ended, urgent: ended, onPlan: () => undefined }, tally);
    expect(tally.finish(undefined, 0, 0)).toMatchObject({ archived: 0, deleted: 0 });
  });
});
