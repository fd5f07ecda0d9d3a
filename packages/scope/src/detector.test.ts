import { describe, expect, it } from "vitest";
import { createScopeDetector } from "./detector.ts";

const { detect } = createScopeDetector({ tiers: ["batch"] });

describe("precedence", () => {
  const rows = [
    [{ internal_scope: true }, "internal_bus"],
    [{ publish_tier: "reliable" }, "external_reliable_tier"],
    [{ event_flow: "custom:audit" }, "custom:audit"],
    [{ lifecycle_operation: "start" }, "lifecycle_management"],
  ] as const;

  it.each(rows)("detects %j as %s", (context, scope) => {
    expect(detect(context)).toBe(scope);
  });

  it.each(rows.map((row, index) => [Object.assign({}, ...rows.slice(index).map(([keys]) => keys)), row[1]]))(
    "lets the first key of the table decide in %j",
    (context, scope) => {
      expect(detect(context)).toBe(scope);
    },
  );

  it.each([undefined, {}, { symbol: "SPX", strength: 0.8 }])(
    "falls back to component_internal for %j",
    (context) => {
      expect(detect(context)).toBe("component_internal");
    },
  );

  it("takes the tier before the lifecycle, as the example of the design has both", () => {
    expect(detect({ lifecycle_operation: "rotate", publish_tier: "standard" })).toBe(
      "external_standard_tier",
    );
  });

  it.each([
    [{ internalScope: "orders" }, "internal_bus"],
    [{ publishTier: "fast" }, "external_fast_tier"],
    [{ eventFlow: "lifecycle_management" }, "lifecycle_management"],
    [{ lifecycleOperation: "stop" }, "lifecycle_management"],
    [{ publish_tier: null, publishTier: "fast" }, "external_fast_tier"],
  ])("accepts camelCase in %j", (context, scope) => {
    expect(detect(context)).toBe(scope);
  });

  it.each([false, null, undefined])("passes over a key whose value is %s", (value) => {
    const context = {
      internal_scope: value,
      publish_tier: value,
      event_flow: value,
      lifecycle_operation: "start",
    };
    expect(detect(context)).toBe("lifecycle_management");
  });

  it.each([0, "", Number.NaN])("counts a key whose value is %j", (value) => {
    expect(detect({ internal_scope: value })).toBe("internal_bus");
  });
});

describe("event_flow", () => {
  it.each([
    "internal_bus",
    "component_internal",
    "external_reliable_tier",
    "external_batch_tier",
    "custom:x",
  ])("is the scope when it is the known %s", (scope) => {
    expect(detect({ event_flow: scope, lifecycle_operation: "start" })).toBe(scope);
  });

  it.each(["order flow", "external_unknown_tier", "custom:", "custom:a b", 3, true, {}])(
    "leaves the decision to the next row when it is %j",
    (value) => {
      expect(detect({ event_flow: value, lifecycle_operation: "start" })).toBe("lifecycle_management");
      expect(detect({ event_flow: value })).toBe("component_internal");
    },
  );
});

describe("contexts that fight back", () => {
  const thrower = () => {
    throw new Error("no");
  };

  it("is component_internal when a getter throws", () => {
    const context = Object.defineProperty({}, "internal_scope", { get: thrower });
    expect(detect(context)).toBe("component_internal");
  });

  it("is component_internal when a proxy throws or is revoked", () => {
    const { proxy, revoke } = Proxy.revocable<Record<string, unknown>>({}, {});
    revoke();
    expect(detect(proxy)).toBe("component_internal");
    expect(detect(new Proxy({}, { get: thrower }))).toBe("component_internal");
  });

  it("reads an object without prototype", () => {
    const context: Record<string, unknown> = Object.create(null);
    context.publish_tier = "fast";
    expect(detect(context)).toBe("external_fast_tier");
  });
});
