import { describe, expect, it, vi } from "vitest";
import { createScopeDetector } from "./detector.ts";
import { otherTiers } from "./tier-scopes.ts";

describe("configured tiers", () => {
  it("map exactly and are not reported", () => {
    const onUnknownTier = vi.fn();
    const detector = createScopeDetector({ tiers: ["batch"], onUnknownTier });
    expect(detector.detect({ publish_tier: "batch" })).toBe("external_batch_tier");
    expect(detector.detect({ publish_tier: "fast" })).toBe("external_fast_tier");
    expect(onUnknownTier).not.toHaveBeenCalled();
  });

  it.each(["", "a b", "-x", "../x", "x".repeat(65)])(
    "refuses the name %j with the value in the message",
    (tier) => {
      expect(() => createScopeDetector({ tiers: [tier] })).toThrow(/^tier ".*" is no valid name/);
      expect(() => createScopeDetector({ tiers: [tier] })).toThrow(RangeError);
    },
  );
});

describe("unknown tiers", () => {
  it("are kept in the scope, reported once and counted each time", () => {
    const onUnknownTier = vi.fn();
    const detector = createScopeDetector({ onUnknownTier });
    const scopes = ["batch", "batch", "bulk"].map((tier) => detector.detect({ publish_tier: tier }));
    expect(scopes).toEqual(["external_batch_tier", "external_batch_tier", "external_bulk_tier"]);
    expect(onUnknownTier.mock.calls).toEqual([["batch"], ["bulk"]]);
    expect([...detector.unknownTiers()]).toEqual([
      ["batch", 2],
      ["bulk", 1],
    ]);
  });

  it("differ in case", () => {
    const detector = createScopeDetector();
    expect(detector.detect({ publish_tier: "FAST" })).toBe("external_FAST_tier");
    expect([...detector.unknownTiers().keys()]).toEqual(["FAST"]);
  });

  it("are counted together once 128 names are remembered", () => {
    const onUnknownTier = vi.fn();
    const detector = createScopeDetector({ onUnknownTier });
    for (let index = 0; index < 130; index += 1) detector.detect({ publish_tier: `t${index}` });
    expect(detector.detect({ publish_tier: "t129" })).toBe("external_t129_tier");
    expect(onUnknownTier).toHaveBeenCalledTimes(128);
    expect(detector.unknownTiers().size).toBe(129);
    expect(detector.unknownTiers().get(otherTiers)).toBe(3);
  });

  it("survive an observer that throws", () => {
    const detector = createScopeDetector({
      onUnknownTier() {
        throw new Error("observer");
      },
    });
    expect(detector.detect({ publish_tier: "batch" })).toBe("external_batch_tier");
    expect(detector.unknownTiers().get("batch")).toBe(1);
  });

  it("survive an observer that detects the same tier", () => {
    const detector = createScopeDetector({
      onUnknownTier: (name) => void detector.detect({ publish_tier: name }),
    });
    expect(detector.detect({ publish_tier: "batch" })).toBe("external_batch_tier");
    expect(detector.unknownTiers().get("batch")).toBe(2);
  });
});

describe("invalid tiers", () => {
  it.each([true, 0, "", "None of them", {}, ["fast"], Symbol("fast"), "x".repeat(1_000_000)])(
    "are the standard tier and are not remembered (case %#)",
    (tier) => {
      const detector = createScopeDetector();
      expect(detector.detect({ publish_tier: tier })).toBe("external_standard_tier");
      expect(detector.unknownTiers().size).toBe(0);
    },
  );
});
