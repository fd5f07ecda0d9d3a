import { createContainerLogger } from "@waybill/logger";
import type { Level } from "@waybill/protocols";
import { planRetention, resolveRetentionPolicy } from "@waybill/retention";
import { createFakeClock, createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createMaintenanceJournal } from "./maintenance-journal.ts";
import type { MaintenanceReport } from "./maintenance-report.ts";

const quiet: MaintenanceReport = {
  reason: "interval",
  startedMs: 0,
  durationMs: 5,
  rounds: 1,
  sealed: 0,
  archived: 0,
  deleted: 0,
  bytesFreed: 0,
  skipped: 0,
  postponed: 0,
  failed: 0,
  errors: [],
  unmet: [],
  totalBytes: 100,
};
const missing = { limit: "total_size", container: undefined, missingBytes: 7, blocked: [] } as const;

function scene(level: Level = "INFO") {
  const clock = createFakeClock();
  const writer = createMemoryWriter();
  const logger = createContainerLogger({ containerId: "system", componentName: "m", writer, level, clock });
  const journal = createMaintenanceJournal(() => logger, clock);
  const told = (): Readonly<Record<string, unknown>>[] =>
    writer.entries.map(({ level: of, message, context }) => ({ of, message, ...context }));
  return {
    clock,
    journal,
    told,
    report: (more: Partial<MaintenanceReport>) => journal.noteRun({ ...quiet, ...more }),
  };
}

describe("the journal of maintenance", () => {
  it("tells a run that did something, and none that did nothing", () => {
    const { report, told } = scene();
    report({});
    report({ postponed: 3 });
    expect(told()).toEqual([]);
    report({ deleted: 2, bytesFreed: 10, reason: "pressure" });
    expect(told()).toMatchObject([
      { of: "INFO", reason: "pressure", deleted: 2, freed_bytes: 10, runs: 3, postponed: 3 },
    ]);
  });

  it("tells many runs in one second as one, and the rest at the end", () => {
    const { clock, report, journal, told } = scene();
    report({ deleted: 1 });
    report({ deleted: 2 });
    clock.advance(999);
    report({ deleted: 3 });
    expect(told()).toHaveLength(1);
    clock.advance(1);
    report({ deleted: 4 });
    expect(told()[1]).toMatchObject({ deleted: 9, runs: 3 });
    report({ archived: 1 });
    journal.flush();
    journal.flush();
    expect(told()[2]).toMatchObject({ archived: 1, runs: 1 });
    expect(told()).toHaveLength(3);
  });

  it("tells a run with failed steps as an error, with the first of them", () => {
    const { report, told } = scene();
    const first = { action: "delete", path: "/logs/a", code: "EACCES", message: "no" } as const;
    report({ failed: 1, errors: [first] });
    expect(told()).toMatchObject([{ of: "ERROR", failed: 1, first }]);
  });

  it("tells once that a limit cannot be kept, and once that all are again", () => {
    const { report, told } = scene();
    report({ unmet: [missing] });
    report({ unmet: [{ ...missing, missingBytes: 9 }] });
    report({ unmet: [missing, { ...missing, limit: "container_quota", container: "a" }] });
    report({});
    report({});
    expect(told().map(({ message }) => message)).toEqual([
      "A limit cannot be kept: what could make room is held or in use",
      "A limit cannot be kept: what could make room is held or in use",
      "All limits are kept again",
    ]);
  });

  it("tells the same failure once until a run comes to its end, and an abort never", () => {
    const { journal, report, told } = scene();
    journal.noteFailure(new DOMException("over", "AbortError"));
    journal.noteFailure(new Error("disk"));
    journal.noteFailure(new Error("disk"));
    journal.noteFailure("other");
    report({});
    journal.noteFailure("other");
    expect(told().map(({ reason }) => reason)).toEqual(["disk", "other", "other"]);
  });

  it("tells each step of a plan at DEBUG only", () => {
    const plan = planRetention(
      { nowMs: 0, segments: [], otherBytes: 0, holds: [] },
      resolveRetentionPolicy(),
    );
    const steps = [
      { action: "delete", cause: "age", segment: { path: "/logs/a" }, rule: "old", bytesFreed: 3 },
    ];
    for (const level of ["INFO", "DEBUG"] as const) {
      const { journal, told } = scene(level);
      journal.notePlan(Object.assign({}, plan, { steps }));
      expect(told().map(({ path }) => path)).toEqual(level === "DEBUG" ? ["/logs/a"] : []);
    }
  });
});
