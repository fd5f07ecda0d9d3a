import { parseConfig } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { compareConfigs, takeLiveSections } from "./live-settings.ts";

const configOf = (text: string) => parseConfig(text).config;
const before = configOf("log_dir: one\ncontainers: { a: { type: t } }\nlogging: { tiers: [fast] }");

describe("a change of configuration", () => {
  it("is nothing between equal ones", () => {
    expect(compareConfigs(before, before)).toEqual({ applied: [], needsRestart: [] });
  });

  it("is told by section, apart from what only a restart can change", () => {
    const after = configOf(
      "log_dir: two\ncontainers: { a: { type: t, logging: { level: DEBUG } }, b: { type: t } }\nlogging: { tiers: [slow], retention_policy: { max_age_days: 3 } }",
    );
    expect(compareConfigs(before, after)).toEqual({
      applied: ["logging.retention_policy", "containers.logging"],
      needsRestart: ["coordinator.log_dir", "logging.tiers", "containers"],
    });
  });

  it("does not claim levels of containers that come or go with a restart", () => {
    const after = configOf(
      "log_dir: one\ncontainers: { b: { type: t, logging: { level: DEBUG } } }\nlogging: { tiers: [fast] }",
    );
    expect(compareConfigs(before, after)).toEqual({ applied: [], needsRestart: ["containers"] });
  });

  it("takes over what can change, and keeps the rest", () => {
    const next = takeLiveSections(
      before,
      configOf(
        "log_dir: two\ncontainers: { a: { type: other, logging: { level: DEBUG } }, b: { type: t } }\nlogging: { tiers: [slow], log_levels: { default: ERROR } }",
      ),
    );
    expect(next.coordinator.logDir).toBe("one");
    expect(next.logging.tiers).toEqual(["fast"]);
    expect(next.logging.logLevels.default).toBe("ERROR");
    expect(Object.keys(next.containers)).toEqual(["a"]);
    expect(next.containers["a"]).toMatchObject({ type: "t", logging: { level: "DEBUG" } });
  });
});
