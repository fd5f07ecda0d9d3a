import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlertEvent } from "@waybill/monitor";
import { afterEach, describe, expect, it } from "vitest";
import { createAlertBook } from "./alert-book.ts";
import { createNumberSet } from "./number-set.ts";
import { createSizeWatch } from "./size-watch.ts";
import { brokenPromises, type KeptPromises } from "./soak-report.ts";
import { weatherAt } from "./tide.ts";
import { treeBytes } from "./tree-size.ts";

let directory: string | undefined;

afterEach(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

describe("the size of a tree", () => {
  it("is that of all files below it, each once", () => {
    directory = mkdtempSync(join(tmpdir(), "waybill-soak-"));
    mkdirSync(join(directory, "a", "b"), { recursive: true });
    writeFileSync(join(directory, "a", "b", "one.log"), "x".repeat(100));
    writeFileSync(join(directory, ".state"), "x".repeat(20));
    linkSync(join(directory, ".state"), join(directory, "a", "same"));
    expect(treeBytes(directory)).toBe(120);
  });

  it("is 0 of what is not there", () => {
    expect(treeBytes(join(tmpdir(), "waybill-nowhere"))).toBe(0);
  });
});

describe("the watch over a size", () => {
  function subject() {
    const now = { bytes: 0, limitBytes: 100, ms: 0 };
    const watch = createSizeWatch({
      measure: () => now.bytes,
      limitBytes: () => now.limitBytes,
      elapsedMs: () => now.ms,
    });
    const look = (ms: number, bytes: number, limitBytes = 100): void => {
      Object.assign(now, { ms, bytes, limitBytes });
      watch.look();
    };
    return { watch, look };
  }

  it("remembers the most, when that was, and by how much it was too much", () => {
    const { watch, look } = subject();
    look(10, 90);
    look(20, 103);
    look(30, 50);
    expect(watch.seen).toEqual({ bytes: 50, mostBytes: 103, mostAtMs: 20, looks: 3, excessBytes: 3 });
  });

  it("gives ten seconds to make room for a lower limit", () => {
    const { watch, look } = subject();
    look(0, 90);
    look(1000, 90, 40);
    look(9000, 90, 40);
    expect(watch.seen.excessBytes).toBe(0);
    look(10_001, 90, 40);
    expect(watch.seen.excessBytes).toBe(50);
  });
});

describe("a set of numbers", () => {
  it("knows what was added, in whatever order, and what was not", () => {
    const set = createNumberSet();
    expect([2, 1, 5, 1, 5, 3].map((number) => set.add(number))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
    expect([1, 2, 3, 4, 5, 6].map((number) => set.has(number))).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(set.largest).toBe(5);
  });
});

describe("the weather", () => {
  it("is a storm of four seconds in every fifteen", () => {
    const times = [0, 2999, 3000, 6999, 7000, 14_999, 18_000];
    expect(times.map(weatherAt)).toEqual(["calm", "calm", "storm", "storm", "calm", "calm", "storm"]);
  });
});

describe("the book of alerts", () => {
  const event = (change: AlertEvent["change"], over: Partial<AlertEvent> = {}): AlertEvent => ({
    id: "1",
    alert: "disk_usage",
    key: undefined,
    severity: "warning",
    state: change === "resolved" ? "ok" : "firing",
    change,
    value: 1,
    threshold: 1,
    unit: "bytes",
    message: "too much",
    atMs: 1000,
    durationMs: 0,
    ...over,
  });

  it("counts what began and ended, and how long it lasted", () => {
    const book = createAlertBook();
    book.note(event("fired"));
    book.note(event("fired", { alert: "container_error_rate", key: "a" }));
    book.note(event("repeated", { durationMs: 20 }));
    book.note(event("resolved", { durationMs: 60 }));
    expect([book.fired, book.ended]).toEqual([2, 1]);
    expect(book.latest).toEqual([
      { alert: "disk_usage", message: "too much", firedMs: 1000, lastedMs: 60 },
      { alert: "container_error_rate a", message: "too much", firedMs: 1000, lastedMs: undefined },
    ]);
  });

  it("keeps the latest fifty", () => {
    const book = createAlertBook();
    for (let n = 0; n < 60; n += 1) book.note(event("fired", { atMs: n }));
    expect([book.fired, book.latest.length, book.latest[0]?.firedMs]).toEqual([60, 50, 10]);
  });
});

describe("the promises of a soak", () => {
  const audit = { files: 1, lines: 90, numbered: 100, deleted: 10, toldLost: 0, faults: [] };
  const kept: KeptPromises = {
    size: { bytes: 0, mostBytes: 0, mostAtMs: 0, looks: 1, excessBytes: 5 },
    toleranceBytes: 5,
    accepted: 100,
    written: 100,
    dropped: 0,
    unwritten: 0,
    differingRounds: 0,
    audit,
  };

  it("are kept within one segment above the limit", () => {
    expect(brokenPromises(kept)).toEqual([]);
  });

  it.each([
    [{ size: { ...kept.size, excessBytes: 6 } }, "6 bytes above its limit"],
    [{ unwritten: 1 }, "of 100 accepted entries 100 were written"],
    [{ accepted: 101 }, "of 101 accepted entries 100 were written"],
    [{ audit: { ...audit, numbered: 101 } }, "numbered to 101, and 100 were written"],
    [{ audit: { ...audit, numbered: 99 } }, "numbered to 99, and 100 were written"],
    [{ audit: { ...audit, faults: ["a.log: 3 missing before 7"] } }, "3 missing before 7"],
    [{ differingRounds: 2 }, "2 rounds traded otherwise"],
  ])("are broken by %j", (over, sentence) => {
    expect(brokenPromises({ ...kept, ...over })).toEqual([expect.stringContaining(sentence)]);
  });
});
