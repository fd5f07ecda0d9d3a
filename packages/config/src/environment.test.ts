import { isWaybillError, type WaybillError } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import type { Environment } from "./environment.ts";
import { parseConfig, resolveConfig } from "./load-config.ts";

const file = `
coordinator: { coordinator_id: main }
log_dir: /srv/logs
logging:
  retention_policy: { max_size_gb: 20 }
  performance: { async_writing: true, batch_size: 5 }
containers:
  risk-desk: { type: risk, settings: { Capital: 1, limits: { perDay: 2 } } }
  strategy: { type: momentum }
`;

function withEnv(env: Environment, text = file) {
  return parseConfig(text, { path: "c.yaml", env });
}

function failure(env: Environment, text = file): WaybillError {
  try {
    withEnv(env, text);
  } catch (error) {
    if (isWaybillError(error)) return error;
    throw error;
  }
  throw new Error("the environment was accepted");
}

describe("environment variables", () => {
  it("are not read unless they are given", () => {
    process.env["WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE"] = "7";
    const { config } = parseConfig(file);
    delete process.env["WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE"];
    expect(config.logging.performance.batchSize).toBe(5);
  });

  it("stand above the file, and fill in what it leaves out", () => {
    const { config } = withEnv({
      WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE: "7",
      WAYBILL_LOGGING__MONITORING__WEBHOOK__URL: "https://example.org/hook",
      WAYBILL_LOGGING__LEVELS_BY_TYPE__RISK: "debug",
      WAYBILL_LOGGING__RETENTION_POLICY__MIN_FREE_DISK: "5%",
      WAYBILL_LOGGING__TIERS: "[fast, slow]",
      WAYBILL_LOGGING__QUOTAS__OVERRIDES: "[{ container: 'risk*', lines_per_second: 10 }]",
    });
    expect(config.logging).toMatchObject({
      performance: { batchSize: 7 },
      monitoring: { webhook: { url: "https://example.org/hook" } },
      levelsByType: { risk: "DEBUG" },
      retentionPolicy: { minFreeDisk: { percent: 5 } },
      tiers: ["fast", "slow"],
      quotas: { overrides: [{ container: "risk*", linesPerSecond: 10 }] },
    });
  });

  it("stand above an object in code too", () => {
    const input = { logging: { performance: { batchSize: 5 } } };
    const { config } = resolveConfig(input, { env: { WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE: "7" } });
    expect(config.logging.performance.batchSize).toBe(7);
    expect(input.logging.performance.batchSize).toBe(5);
  });

  it("override every other spelling of the value", () => {
    const { config, warnings } = withEnv({
      WAYBILL_LOGGING__RETENTION_POLICY__MAX_TOTAL_SIZE: "30GB",
      WAYBILL_LOGGING__PERFORMANCE__MODE: "sync",
      WAYBILL_COORDINATOR__LOG_DIR: "/var/log/app",
    });
    expect(config.logging.retentionPolicy.maxTotalSizeGb).toBe(30);
    expect(config.logging.performance.asyncWriting).toBe(false);
    expect(config.coordinator.logDir).toBe("/var/log/app");
    expect(warnings).toEqual([]);
  });

  it("find containers and settings that are there, whatever their case and signs", () => {
    const { config } = withEnv({
      WAYBILL_CONTAINERS__RISK_DESK__LOGGING__LEVEL: "warn",
      WAYBILL_CONTAINERS__RISK_DESK__SETTINGS__CAPITAL: "1000",
      WAYBILL_CONTAINERS__RISK_DESK__SETTINGS__LIMITS__PERDAY: "[1, 2]",
      WAYBILL_CONTAINERS__NEW_ONE__TYPE: "risk",
    });
    expect(config.containers["risk-desk"]).toMatchObject({
      logging: { level: "WARNING" },
      settings: { Capital: 1000, limits: { perDay: [1, 2] } },
    });
    expect(Object.keys(config.containers)).toEqual(["risk-desk", "strategy", "new_one"]);
  });

  it("keep text as text where text is wanted", () => {
    const { config } = withEnv({ WAYBILL_COORDINATOR__COORDINATOR_ID: "007" });
    expect(config.coordinator.coordinatorId).toBe("007");
  });

  it("count as not set when they are empty, and are left alone without a double underscore", () => {
    const { config } = withEnv({
      WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE: "",
      WAYBILL_DIR: "x",
      WAYBILL_LOGGING: "x",
      PATH: "/bin",
      OTHER_WAYBILL_LOGGING__X: "1",
    });
    expect(config.logging.performance.batchSize).toBe(5);
  });

  it.each([
    ["WAYBILL_LOGGING__PERFORMANCE__BATCH_SISE", "5", "unknown key; did you mean BATCH_SIZE?"],
    ["WAYBILL_LOGING__TIERS", "[a]", "loging  unknown key; did you mean LOGGING?"],
    ["WAYBILL_LOGGING__PERFORMANCE", "{}", "logging.performance  is a section; set one of its keys"],
    ["WAYBILL_LOGGING__LEVELS_BY_TYPE", "{}", "logging.levels_by_type  is a section"],
    ["WAYBILL_CONTAINERS__STRATEGY__TYPE__X", "5", "containers.strategy.type  is no map, so nothing below"],
    ["WAYBILL_LOGGING__TIERS", "[fast, ", "logging.tiers  1:8  is not valid YAML"],
    ["WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE", "lots", 'must be an integer from 1 to 100000, is "lots"'],
    ["WAYBILL_LOGGING__PERFORMANCE__MODE", "fast", "must be one of sync, batched, durable"],
    ["WAYBILL_LOGGING__QUOTAS__OVERRIDES", "[{ container: a }]", "overrides[0]  changes nothing"],
    ["WAYBILL_CONTAINERS____TYPE", "5", "cannot be a key; correct the name of the variable"],
    ["WAYBILL_CONTAINERS__CONSTRUCTOR__TYPE", "5", "containers.constructor  cannot be a key"],
    ["WAYBILL_CONTAINERS__STRATEGY__SETTINGS__X", "{ __proto__: 1 }", "is a reserved word"],
    ["WAYBILL_LOGGING__TIERS", "x".repeat(70_000), "is longer than 65536 characters"],
  ])("are named when they are wrong: %s=%s", (variable, text, message) => {
    const error = failure({ [variable]: text });
    expect(error.message).toContain(`${variable}  `);
    expect(error.message).toContain(message);
    expect(error.message.split("\n")).toHaveLength(1);
    expect(error.details["issues"]).toMatchObject([{ variable, line: undefined }]);
  });

  it("are refused when several keys fit", () => {
    const text = "containers: { a-b: { type: x }, a.b: { type: x } }";
    expect(failure({ WAYBILL_CONTAINERS__A_B__TYPE: "y" }, text).message).toBe(
      'WAYBILL_CONTAINERS__A_B__TYPE  containers.a_b  may mean "a-b", "a.b"; rename one, or change it in the file',
    );
  });

  it("do not make up for an empty file", () => {
    expect(failure({ WAYBILL_COORDINATOR__COORDINATOR_ID: "x" }, "").message).toContain("holds no value");
  });
});
