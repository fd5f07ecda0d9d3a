import { describe, expect, it } from "vitest";
import { changedSettings } from "./changed-settings.ts";
import { formatSettings } from "./format-settings.ts";
import { parseConfig, resolveConfig } from "./load-config.ts";

const text = `coordinator: { coordinator_id: main }
log_dir: /srv/logs
logging:
  retention_policy:
    max_size_gb: 20
    min_free_disk: 5%
    overrides: [{ container: "a*", max_age: 3d }]
containers:
  a: { type: x, settings: { password: hunter2, list: [{ api_key: k }], url: "https://u:p@h.example/x?t=1" } }
`;

function setting(path: string) {
  const env = { WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE: "7" };
  return parseConfig(text, { path: "c.yaml", env })
    .settings()
    .find((candidate) => candidate.path === path);
}

describe("settings", () => {
  it.each([
    ["coordinator.coordinator_id", "main", { kind: "file", file: "c.yaml", line: 1, key: "coordinator_id" }],
    ["coordinator.log_dir", "/srv/logs", { kind: "file", file: "c.yaml", line: 2, column: 1 }],
    ["logging.retention_policy.max_total_size_gb", 20, { kind: "file", line: 5, key: "max_size_gb" }],
    ["logging.retention_policy.min_free_disk", "5%", { kind: "file", line: 6 }],
    [
      "logging.retention_policy.overrides",
      [{ container: "a*", max_age_days: 3 }],
      { kind: "file", line: 7, key: "overrides" },
    ],
    ["logging.retention_policy.max_container_size_mb", undefined, { kind: "default" }],
    [
      "logging.performance.batch_size",
      7,
      { kind: "environment", variable: "WAYBILL_LOGGING__PERFORMANCE__BATCH_SIZE" },
    ],
    ["logging.monitoring.webhook.retries_max", 3, { kind: "default" }],
    ["containers.a.type", "x", { kind: "file", line: 9 }],
  ])("tell value and origin of %s", (path, value, origin) => {
    expect(setting(path)?.value).toEqual(value);
    expect(setting(path)?.origin).toMatchObject(origin);
  });

  it("name each value once, under the key that has its unit", () => {
    const paths = resolveConfig({})
      .settings()
      .map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.filter((path) => /(interval|cooldown|_age|total_size|timeout|window)$/.test(path))).toEqual(
      [],
    );
    expect(paths).not.toContain("logging.retention_policy.max_size_gb");
  });

  it("say so when a value comes from code", () => {
    const settings = resolveConfig({ logging: { performance: { batchSize: 5 } } }).settings();
    expect(settings.find(({ path }) => path.endsWith(".batch_size"))?.origin).toEqual({ kind: "code" });
  });
});

describe("formatSettings", () => {
  const printed = formatSettings(parseConfig(text, { path: "c.yaml" }).settings());

  it("prints YAML with the origin on each line", () => {
    expect(printed.split("\n").slice(0, 6)).toEqual([
      "coordinator:",
      '  coordinator_id: "main"                                  # c.yaml:1',
      '  log_dir: "/srv/logs"                                    # c.yaml:2',
      "logging:",
      "  retention_policy:",
      "    max_age_days: 30                                      # default",
    ]);
    expect(printed).toMatch(/^ {4}max_total_size_gb: 20 +# c\.yaml:5 max_size_gb$/m);
    expect(printed).toMatch(/^ {4}# max_container_size_mb: none +# default$/m);
  });

  it("shows no secrets", () => {
    expect(printed).not.toMatch(/hunter2|"k"|u:p|t=1/);
    expect(printed).toContain('password: "***"');
    expect(printed).toContain('list: [{"api_key":"***"}]');
    expect(printed).toContain('url: "https://h.example/x?***"');
  });

  it("shows values of the application by what they are, and sends a terminal nothing", () => {
    const unreadable = {
      toJSON(): never {
        throw new Error("no");
      },
    };
    const settings = {
      broker: new Map(),
      onFill: () => 1,
      size: 5n,
      esc: "\u009b2J",
      unreadable: [unreadable],
    };
    const shown = formatSettings(resolveConfig({ containers: { a: { type: "a", settings } } }).settings());
    expect(shown).toContain('broker: "(an instance of a class)"');
    expect(shown).toContain('onFill: "(a function)"');
    expect(shown).toContain('size: "5"');
    expect(shown).toContain('esc: "\\u009b2J"');
    expect(shown).toContain('unreadable: "(unreadable)"');
  });
});

describe("changedSettings", () => {
  it("names what differs, also what is gone", () => {
    const before = parseConfig("log_dir: a\ncontainers: { x: { type: t } }");
    const after = parseConfig("log_dir: b\n# a remark\nlogging: { log_levels: { default: debug } }");
    const changes = changedSettings(before, after);
    expect(changes).toHaveLength(7);
    expect(changes[0]).toEqual({ path: "coordinator.log_dir", before: "a", after: "b" });
    expect(changes.at(-1)).toEqual({ path: "containers.x.type", before: "t", after: undefined });
  });
});
