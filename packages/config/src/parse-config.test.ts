import { isWaybillError, type WaybillError } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { parseConfig } from "./load-config.ts";

function failure(text: string, path?: string): WaybillError {
  try {
    parseConfig(text, { path });
  } catch (error) {
    if (isWaybillError(error)) return error;
    throw error;
  }
  throw new Error("the text was accepted");
}

/** Ten lists, each of ten aliases to the one before: 10^10 values. */
function aliasBomb(): string {
  const lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"];
  for (let n = 1; n < 10; n++)
    lines.push(
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(",")}]`,
    );
  return lines.join("\n");
}

describe("parseConfig on wrong keys and values", () => {
  it("lists every issue on its own line, in order of the file, with the place and the nearest key", () => {
    const text = [
      "logging:",
      "  performance:",
      "    batch_size: lots",
      "    batch_sise: 5",
      "  levels: {}",
    ].join("\n");
    const error = failure(text, "coordinator.yaml");
    expect(error.code).toBe("WAYBILL_CONFIG_INVALID");
    expect(error.message.split("\n").slice(0, 2)).toEqual([
      'coordinator.yaml:3:17  logging.performance.batch_size  must be an integer from 1 to 100000, is "lots"',
      'coordinator.yaml:4:5  logging.performance.batch_sise  unknown key; did you mean "batch_size"?',
    ]);
    expect(error.details).toMatchObject({
      file: "coordinator.yaml",
      issues: [
        { path: "logging.performance.batch_size", line: 3, column: 17 },
        { path: "logging.performance.batch_sise", line: 4, column: 5 },
        { path: "logging.levels", line: 5, column: 3 },
      ],
    });
  });

  it("begins with the line when the text has no name", () => {
    expect(failure("tiers: []").message).toMatch(/^1:1 {2}tiers {2}unknown key/);
  });

  it("names the known keys when none is near", () => {
    expect(failure("coordinator: { colour: red }").message).toContain(
      "unknown key; known here: coordinator_id, log_dir",
    );
  });

  it.each([
    ["coordinator: { log_dir: / }", "coordinator.log_dir  must be a directory of its own"],
    ["coordinator: { log_dir: /tmp/.. }", 'is "/tmp/.."'],
    ["coordinator: { log_dir: a/../.. }", 'is "a/../.."'],
    ["coordinator: { log_dir: ~/logs }", 'is "~/logs"'],
    ["coordinator: { log_dir: '  ' }", 'is "  "'],
    ["coordinator: { log_dir: }", "is empty"],
    [
      "coordinator: { coordinator_id: '' }",
      'must be a name of 1 to 128 characters without control characters, is ""',
    ],
    ["coordinator: { coordinator_id: 7 }", "is 7"],
    ['coordinator: { coordinator_id: "a\\nb" }', 'is "a\\nb"'],
    ["coordinator: text", 'coordinator  must be a map of keys, is "text"'],
    ["logging: { performance: { batch_size: 0 } }", "is 0"],
    ["logging: { performance: { batch_size: 1.5 } }", "is 1.5"],
    ["logging: { performance: { batch_size: .nan } }", "is NaN"],
    ["logging: { performance: { batch_size: 100001 } }", "must be an integer from 1 to 100000, is 100001"],
    ["logging: { performance: { flush_interval_seconds: 0 } }", "is 0"],
    ["logging: { performance: { flush_interval_seconds: 61 } }", "must be 0.001 to 60 seconds"],
    ["logging: { performance: { flush_interval: 2m } }", 'is "2m"'],
    ["logging: { performance: { flush_interval: 5 } }", 'must be text with a unit, such as "5s"'],
    ["logging: { performance: { max_file_size_mb: 1e309 } }", "is Infinity"],
    [
      "logging: { performance: { max_file_size_mb: 20GB } }",
      'must be 0.001 to 10240 MB (a number, or text such as "100MB"), is "20GB"',
    ],
    ["logging: { performance: { async_writing: yes } }", 'must be true or false, is "yes"'],
    ["logging: { performance: { mode: fast } }", 'must be one of sync, batched, durable, is "fast"'],
    ["logging: { retention_policy: { max_age_days: -1 } }", "is -1"],
    ["logging: { log_levels: { system: loud } }", 'in any case, is "loud"'],
    ["logging: { levels_by_type: { a: 3 } }", "logging.levels_by_type.a  must be one of TRACE"],
    ["logging: { tiers: [] }", "must name 1 to 28 tiers, is an empty list"],
    ["logging: { tiers: [Fast] }", "logging.tiers[0]  must be a lower-case name"],
    ["logging: { tiers: [internal] }", '"internal" is taken'],
    ["logging: { tiers: [a, a] }", 'logging.tiers[1]  is named twice: "a"'],
    ["containers: { a: }", "containers.a  must be a map of keys with at least type, is empty"],
    ["containers: { a: {} }", "containers.a.type  is missing; must be a name"],
    ["containers: { '': { type: a } }", 'containers[""]  must be a name'],
    ["containers: { a.b: { type: '' } }", 'containers["a.b"].type  must be a name'],
    ["containers: { a: { type: a, instances: 5001 } }", "must be an integer from 1 to 5000, is 5001"],
    [
      "containers: { a: { type: a, logging: { components: manager } } }",
      "must be a list of component names, or a map",
    ],
    ["containers: { a: { type: a, logging: { components: [1] } } }", "components[0]  must be a name"],
    [
      "containers: { a: { type: a, logging: { components: { x: { lvl: info } } } } }",
      'x.lvl  unknown key; did you mean "level"?',
    ],
    ["containers: { a: { type: a, logging: { components: { x: loud } } } }", "components.x  must be a level"],
  ])("refuses %s", (text, message) => {
    const error = failure(text);
    expect(error.code).toBe("WAYBILL_CONFIG_INVALID");
    expect(error.message).toContain(message);
    expect(error.message.split("\n")).toHaveLength(1);
  });

  it("keeps a bounded number of issues", () => {
    const keys = Array.from({ length: 5000 }, (_, n) => `key_${n}: 1`).join("\n");
    expect(failure(keys).message.split("\n")).toHaveLength(201);
  });
});

describe("parseConfig on large files", () => {
  it("reads and lists 10,000 containers that are written one by one", { timeout: 60_000 }, () => {
    const one = (n: number) =>
      `  c${n}:\n    type: strategy\n    logging:\n      level: DEBUG\n      components: [a, b, c]\n    settings:\n      x: ${n}\n`;
    const text = `containers:\n${Array.from({ length: 10_000 }, (_, n) => one(n)).join("")}`;
    const { config, settings } = parseConfig(text);
    expect(Object.keys(config.containers)).toHaveLength(10_000);
    expect(settings().filter(({ path }) => path.endsWith(".type"))).toHaveLength(10_000);
  });

  it("looks for near keys only as long as issues are kept", () => {
    const keys = Array.from({ length: 40_000 }, (_, n) => `key_${n}: 1`).join("\n");
    const { details } = failure(keys);
    expect(details["issues"]).toHaveLength(200);
  });

  it("keeps a quoted << as a name", () => {
    const text = 'containers: { a: { type: a, settings: { "<<": 1 } } }';
    expect(parseConfig(text).config.containers["a"]?.settings).toEqual({ "<<": 1 });
  });
});

describe("parseConfig on texts that are no configuration", () => {
  it.each([
    [
      "an empty text",
      "",
      "WAYBILL_CONFIG_INVALID",
      'c.yaml:1:1  holds no value; write at least "coordinator:"',
    ],
    ["only comments", "# none\n", "WAYBILL_CONFIG_INVALID", "holds no value"],
    ["a list at the top", "- a", "WAYBILL_CONFIG_INVALID", "c.yaml:1:1  must be a map of keys, is a list"],
    ["text at the top", "hello", "WAYBILL_CONFIG_INVALID", 'must be a map of keys, is "hello"'],
    [
      "a repeated key",
      "logging:\nlogging:\n",
      "WAYBILL_CONFIG_INVALID",
      "c.yaml:2:1  logging  is given twice in the same map",
    ],
    [
      "the key __proto__",
      "__proto__: { polluted: 1 }",
      "WAYBILL_CONFIG_INVALID",
      "c.yaml:1:1  __proto__  is a reserved word",
    ],
    [
      "the key constructor",
      "containers:\n  constructor: { type: a }",
      "WAYBILL_CONFIG_INVALID",
      "c.yaml:2:3  containers.constructor  is a res",
    ],
    [
      "an alias bomb",
      aliasBomb(),
      "WAYBILL_CONFIG_INVALID",
      "holds more than 500000 values once its aliases are expanded",
    ],
    [
      "an alias to itself",
      "logging: &a { master: *a }",
      "WAYBILL_CONFIG_INVALID",
      "c.yaml:1:23  logging.master  refers to itself",
    ],
    [
      "a merge key among the names of containers",
      "containers:\n  a: &a { type: a }\n  b: { <<: *a, type: b }",
      "WAYBILL_CONFIG_INVALID",
      'c.yaml:3:8  containers.b["<<"]  is a merge key, which YAML 1.2 does not have; give the whole map to an alias',
    ],
    [
      "a merge key in settings, where any key may stand",
      "containers: { a: { type: a, settings: { <<: { x: 1 } } } }",
      "WAYBILL_CONFIG_INVALID",
      "is a merge key",
    ],
    [
      "700,001 words and signs in few bytes",
      "#\n".repeat(360_000),
      "WAYBILL_CONFIG_UNREADABLE",
      "c.yaml:350001:2  has more than 700000 words and signs up to here; write less, or use instances",
    ],
    [
      "an alias to nothing",
      "logging: *a",
      "WAYBILL_CONFIG_INVALID",
      "refers to an anchor that is not defined",
    ],
    [
      "a merge key",
      "logging: { <<: {} }",
      "WAYBILL_CONFIG_INVALID",
      'c.yaml:1:12  logging["<<"]  is a merge key',
    ],
    [
      "a date of YAML 1.1",
      "%YAML 1.1\n---\nlog_dir: 2026-01-01",
      "WAYBILL_CONFIG_INVALID",
      "put it in quotes if it is text",
    ],
    [
      "two documents",
      "{}\n---\n{}",
      "WAYBILL_CONFIG_UNREADABLE",
      "c.yaml:2:1  holds more than one YAML document",
    ],
    ["a tag", "log_dir: !!binary aGk=", "WAYBILL_CONFIG_UNREADABLE", "uses a tag that is not supported"],
    [
      "a tab",
      "coordinator:\n\tlog_dir: x",
      "WAYBILL_CONFIG_UNREADABLE",
      "c.yaml:2:1  is not valid YAML: a tab indents a line; indent with spaces",
    ],
    ["a list as a key", "? [a]\n: 1", "WAYBILL_CONFIG_UNREADABLE", "write a plain word"],
    ["no YAML", "a: b: c", "WAYBILL_CONFIG_UNREADABLE", "c.yaml:1:4  is not valid YAML:"],
    ["100,000 brackets", "[".repeat(100_000), "WAYBILL_CONFIG_UNREADABLE", "is nested too deeply"],
    [
      "150 lists",
      `${"[".repeat(150)}${"]".repeat(150)}`,
      "WAYBILL_CONFIG_UNREADABLE",
      "is nested too deeply",
    ],
    ["100,000 dashes", "- ".repeat(100_000), "WAYBILL_CONFIG_UNREADABLE", "is nested too deeply"],
    [
      "50 levels of settings",
      `containers: { a: { type: a, settings: ${"{a: ".repeat(50)}1${"}".repeat(50)} } }`,
      "WAYBILL_CONFIG_INVALID",
      "is nested too deeply; keep to 40 levels",
    ],
    ["10 MB", "#".repeat(10_000_000), "WAYBILL_CONFIG_UNREADABLE", "is longer than 4194304 characters"],
  ])("refuses %s", (_, text, code, message) => {
    const error = failure(text, "c.yaml");
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
