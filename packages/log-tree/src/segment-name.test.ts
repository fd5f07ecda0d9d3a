import { describe, expect, it } from "vitest";
import {
  compareSegments,
  formatSegmentName,
  formatStamp,
  parseSegmentName,
  parseStamp,
  type SegmentNameParts,
} from "./segment-name.ts";

const sealedMs = Date.UTC(2026, 10, 22, 10, 30, 1, 123);
const seal = { sealedMs, number: 1 };

describe("segment names", () => {
  it.each([
    [{ component: "momentum" }, "momentum.log"],
    [{ component: "momentum", writer: "4711" }, "momentum@4711.log"],
    [{ component: "momentum", seal }, "momentum.20261122T103001123Z-000001.log"],
    [{ component: "momentum", seal, compressed: true }, "momentum.20261122T103001123Z-000001.log.gz"],
    [{ component: "a", seal, compressed: true, temporary: true }, "a.20261122T103001123Z-000001.log.gz.part"],
    [{ component: "a", writer: "7", seal }, "a@7.20261122T103001123Z-000001.log"],
    [{ component: "a", seal: { sealedMs, number: 1_234_567 } }, "a.20261122T103001123Z-1234567.log"],
    [{ component: "a", aside: { reason: "torn", setAsideMs: sealedMs } }, "a.20261122T103001123Z.torn"],
    [
      { component: "a", writer: "7", aside: { reason: "quarantine", setAsideMs: sealedMs } },
      "a@7.20261122T103001123Z.quarantine",
    ],
    [{ component: "%" }, "%.log"],
    [{ component: "a.log" }, "a.log.log"],
  ] satisfies [SegmentNameParts, string][])("writes and reads %j as %s", (parts, name) => {
    const none = { writer: undefined, seal: undefined, aside: undefined };
    const whole = { ...none, compressed: false, temporary: false, ...parts };
    expect(formatSegmentName(parts)).toBe(name);
    expect(parseSegmentName(name)).toEqual(whole);
  });

  it.each([
    "",
    ".log",
    "a",
    "a.log.gz",
    "a.log.part",
    "a.txt",
    "a b.log",
    "@7.log",
    "a@.log",
    "a@1@2.log",
    "a.20260230T103001123Z-000001.log.gz",
    "a.20261122T103001123Z-000000.log.gz",
    "a.20261122T103001123Z-0000001.log.gz",
    "a.20261122T103001123Z-00001.log.gz",
    "a.20261122T240000000Z-000001.log.gz",
    "a.20261122T103001123Z-000001.log.gz.gz",
    "a/b.log",
    "a.torn",
    ".20261122T103001123Z.torn",
    "a.20260230T103001123Z.torn",
    "a.20261122T103001123Z-000001.torn",
    "a.20261122T103001123Z.quarantine.gz",
    "a@.20261122T103001123Z.quarantine",
    "a.log\n",
  ])("says that %j is no segment", (name) => {
    expect(parseSegmentName(name)).toBeUndefined();
  });

  it("takes an impossible date in a sealed name for no segment at all, not for an active one", () => {
    expect(parseSegmentName("a.20260230T103001123Z-000001.log")).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])("refuses the number %d", (number) => {
    expect(() => formatSegmentName({ component: "a", seal: { sealedMs, number } })).toThrow(RangeError);
  });

  it("has stamps for the years 0 to 9999", () => {
    for (const iso of ["0000-01-01T00:00:00.000Z", "0099-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]) {
      expect(parseStamp(formatStamp(Date.parse(iso)))).toBe(Date.parse(iso));
    }
    expect(() => formatStamp(Date.UTC(10_000, 0, 1))).toThrow(RangeError);
    expect(() => formatStamp(Date.parse("-000001-01-01T00:00:00.000Z"))).toThrow(RangeError);
  });

  it("orders by number, not by stamp or text, then the active segment, then what was set aside by time", () => {
    const names = [
      "a.20250101T000000002Z.quarantine",
      "a.20250101T000000001Z.torn",
      "a.20250101T000000001Z.quarantine",
      "a.log",
      "a.20250101T000000000Z-1000000.log",
      "a.20261122T103001123Z-999999.log.gz",
      "a.20270101T000000000Z-000002.log",
    ];
    const parsed = names.flatMap((name) => parseSegmentName(name) ?? []).sort(compareSegments);
    expect(parsed.map(formatSegmentName)).toEqual(names.toReversed());
  });
});
