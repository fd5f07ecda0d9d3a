import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScopeDetector, isEventScope } from "../../src/index.ts";

const seed = 20_251_122;
const value = fc.oneof(
  fc.anything(),
  fc.constantFrom("fast", "batch", "internal_bus", "custom:audit", false, null, undefined, true),
);
const keys = [
  "internal_scope",
  "internalScope",
  "publish_tier",
  "publishTier",
  "event_flow",
  "eventFlow",
  "lifecycle_operation",
  "lifecycleOperation",
  "symbol",
];
const context = fc.dictionary(fc.constantFrom(...keys), value);

describe("detect", () => {
  it("answers every context with a scope of valid form", () => {
    const { detect } = createScopeDetector({ tiers: ["batch"] });
    fc.assert(
      fc.property(context, (fields) => {
        expect(isEventScope(detect(fields))).toBe(true);
      }),
      { seed },
    );
  });

  it("gives camelCase keys the meaning of snake_case keys", () => {
    const { detect } = createScopeDetector({ tiers: ["batch"] });
    const snakeCase = keys.filter((key) => key.includes("_"));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...snakeCase), value), (fields) => {
        const camel = Object.fromEntries(
          Object.entries(fields).map(([key, item]) => [
            key.replace(/_(.)/, (_, letter) => letter.toUpperCase()),
            item,
          ]),
        );
        expect(detect(camel)).toBe(detect(fields));
      }),
      { seed },
    );
  });
});
