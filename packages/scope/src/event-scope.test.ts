import { describe, expect, it } from "vitest";
import { isEventScope, scopeOfTier, tierOfScope } from "./event-scope.ts";

describe("isEventScope", () => {
  it.each(["internal_bus", "component_internal", "lifecycle_management", "external_fast_tier"])(
    "knows %s, one of the six",
    (scope) => {
      expect(isEventScope(scope)).toBe(true);
    },
  );

  it.each(["external_batch_tier", "external_a_tier_b_tier", "custom:audit", "custom:order.book-2"])(
    "takes %s, whose name is valid",
    (scope) => {
      expect(isEventScope(scope)).toBe(true);
    },
  );

  it.each([
    "",
    "external__tier",
    "external_tier",
    "external_a b_tier",
    "custom:",
    "custom:a\nb",
    `custom:${"x".repeat(65)}`,
    "Internal_Bus",
    "toString",
    undefined,
    null,
    7,
    ["internal_bus"],
  ])("refuses %j", (value) => {
    expect(isEventScope(value)).toBe(false);
  });
});

describe("tierOfScope", () => {
  it.each(["fast", "batch", "a_tier", "x".repeat(64)])(
    "gives back the tier %s that made the scope",
    (tier) => {
      expect(tierOfScope(scopeOfTier(tier))).toBe(tier);
    },
  );

  it.each([
    "internal_bus",
    "custom:fast",
    "external_fast",
    "fast_tier",
    "external__tier",
    "external_tier",
    "",
  ])("finds no tier in %j", (scope) => {
    expect(tierOfScope(scope)).toBeUndefined();
  });
});
