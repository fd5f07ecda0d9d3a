import { describe, expect, it } from "vitest";
import { parseConfig } from "../load-config.ts";
import { effectiveQuota } from "./quotas.ts";

const { quotas } = parseConfig(`
logging:
  quotas:
    lines_per_second: 1000
    bytes_per_second: 1MB
    overrides:
      - { type: strategy, lines_per_second: 100 }
      - { container: "strategy_00?", bytes_per_second: 4096, burst_seconds: 1s }
      - { container: "*_007", type: strategy, lines_per_second: 7 }
`).config.logging;

describe("effectiveQuota", () => {
  it.each([
    ["data", "data", { linesPerSecond: 1000, bytesPerSecond: 2 ** 20, burstSeconds: 5 }],
    ["strategy_017", "strategy", { linesPerSecond: 100, bytesPerSecond: 2 ** 20, burstSeconds: 5 }],
    ["strategy_001", undefined, { linesPerSecond: 1000, bytesPerSecond: 4096, burstSeconds: 1 }],
    ["strategy_007", "strategy", { linesPerSecond: 7, bytesPerSecond: 4096, burstSeconds: 1 }],
    ["data_007", "data", { linesPerSecond: 1000, bytesPerSecond: 2 ** 20, burstSeconds: 5 }],
  ])(
    "of %s of type %s takes all overrides that match, a later one over an earlier one",
    (containerId, type, quota) => {
      expect(effectiveQuota(quotas, { containerId, type })).toEqual(quota);
    },
  );

  it("is no limit by default", () => {
    const none = effectiveQuota(parseConfig("logging: {}").config.logging.quotas, { containerId: "a" });
    expect(none).toEqual({ linesPerSecond: undefined, bytesPerSecond: undefined, burstSeconds: 5 });
  });
});

describe("quotas", () => {
  it.each([
    [
      "{ overrides: [{ lines_per_second: 5 }] }",
      "overrides[0]  matches everything; name a container or type",
    ],
    ["{ overrides: [{ type: a }] }", "overrides[0]  changes nothing; give a limit"],
    [
      "{ bytes_per_second: 100 }",
      'must be 1024 to 1099511627776 bytes (a number, or text such as "1MB"), is 100',
    ],
    ["{ lines_per_second: 1.5 }", "must be an integer from 1 to 10000000"],
  ])("refuses %s", (text, message) => {
    expect(() => parseConfig(`logging: { quotas: ${text} }`)).toThrow(message);
  });
});
