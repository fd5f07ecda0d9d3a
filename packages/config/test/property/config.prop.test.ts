import { isDeepStrictEqual } from "node:util";
import { WaybillError } from "@waybill/protocols";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import {
  type ConfigInput,
  type ConfigResult,
  changedSettings,
  formatSettings,
  parseConfig,
  resolveConfig,
} from "../../src/index.ts";

const seed = 20_261_122;

const level = fc.constantFrom("TRACE", "debug", "Info", "warn", "WARNING", "error", "fatal", "CRITICAL");
const reserved = new Set(["__proto__", "constructor", "prototype"]);
const name = fc
  .oneof(
    fc.constantFrom("null", "1", "true", "~", "<<", "a.b", "- a", "toString"),
    fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
  )
  .filter((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) && !reserved.has(text));

function real(min: number, max: number) {
  return fc.double({ min, max, noNaN: true });
}

function optional<Shape extends Record<string, fc.Arbitrary<unknown>>>(shape: Shape) {
  return fc.option(fc.record(shape, { requiredKeys: [] }), { nil: null, freq: 5 });
}

const settings = fc.dictionary(
  name,
  fc
    .jsonValue({ maxDepth: 3 })
    .filter((value) => !/"(__proto__|constructor|prototype)"|-0/.test(JSON.stringify(value))),
  { maxKeys: 4 },
);

const container = fc.record(
  {
    type: name,
    instances: fc.integer({ min: 1, max: 12 }),
    logging: optional({
      level,
      components: fc.oneof(
        fc.array(name, { maxLength: 4 }),
        fc.dictionary(name, fc.oneof(level, fc.constant(null), fc.record({ level })), { maxKeys: 4 }),
      ),
    }),
    settings,
  },
  { requiredKeys: ["type"] },
);

const config = fc.record(
  {
    coordinator_id: name,
    log_dir: fc.constantFrom("./logs", "/var/log/app", "logs", "C:/logs"),
    logging: optional({
      retention_policy: optional({
        max_age_days: fc.oneof(real(1, 36_500), fc.constantFrom("7d", "36h")),
        archive_after: fc.constantFrom("1h", "0.5d"),
        max_total_size: fc.constantFrom("100MB", "10GB"),
        min_free_disk: fc.constantFrom("5%", "0.5 %", "2GB"),
        on_unregister: fc.constantFrom("keep", "archive", "delete"),
        overrides: fc.array(
          fc.record({
            type: name,
            level,
            max_age: fc.constantFrom("1d", "3w"),
            on_unregister: fc.constant("keep"),
          }),
          { maxLength: 3 },
        ),
      }),
      log_levels: optional({ system: level, containers: level, event_flows: level, default: level }),
      levels_by_type: fc.dictionary(name, level, { maxKeys: 3 }),
      performance: optional({
        mode: fc.constantFrom("sync", "batched", "durable"),
        batch_size: fc.integer({ min: 1, max: 100_000 }),
        flush_interval_seconds: real(0.001, 60),
        max_file_size_mb: real(0.001, 10_240),
      }),
      monitoring: optional({
        error_rate_alert_threshold: real(0.001, 1_000_000),
        performance_metrics_enabled: fc.boolean(),
      }),
      master: optional({ min_level: level, max_entries_per_second: fc.integer({ min: 1, max: 1_000_000 }) }),
      maintenance: optional({ enabled: fc.boolean(), jitter_percent: real(0, 50) }),
      flight_recorder: optional({
        enabled: fc.boolean(),
        size_per_container: fc.constantFrom("1kB", "2MB"),
        total_size_mb: real(0.01, 4096),
      }),
      quotas: optional({
        lines_per_second: fc.integer({ min: 1, max: 1000 }),
        bytes_per_second: fc.oneof(fc.constant("1MB"), fc.integer({ min: 1024, max: 2 ** 40 })),
        overrides: fc.array(fc.record({ container: name, burst_seconds: real(0.1, 3600) }), { maxLength: 3 }),
      }),
      folding: optional({
        window: fc.constantFrom("1m", "500ms"),
        keep_every: fc.integer({ min: 1, max: 9 }),
      }),
      correlations: optional({ max_prefixes: fc.integer({ min: 1, max: 1000 }) }),
      tiers: fc.uniqueArray(fc.stringMatching(/^t[a-z0-9_]{0,8}$/), { minLength: 1, maxLength: 5 }),
    }),
    containers: fc.dictionary(name, container, { maxKeys: 4 }),
  },
  { requiredKeys: [] },
);

function camelKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const known = /^(coordinator_id|log_dir|retention_policy|log_levels|max_age_days|batch_size|min_level)$/;
  const camel = (key: string) =>
    known.test(key) ? key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) : key;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camel(key), camelKeys(item)]));
}

/** The error that is no WaybillError, which nothing here may throw; undefined otherwise. */
function foreignError(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof WaybillError ? undefined : error;
  }
}

function meaning({ config: resolved, warnings }: ConfigResult) {
  return { config: resolved, warnings: warnings.map((warning) => warning.replace(/^\d+:\d+ {2}/, "")) };
}

function readBack(text: string) {
  return meaning(parseConfig(text));
}

/** YAML 1.2 has no merge keys, so `stringify` writes the name `<<` without the quotes that we ask for. */
function quoteMergeKeys(yaml: string): string {
  return yaml.replace(/^( *(?:- )*)<<:/gm, '$1"<<":').replace(/^( *)\? <<$/gm, '$1? "<<"');
}

describe("a configuration", () => {
  it("is printed as a file that means the same", () => {
    fc.assert(
      fc.property(config, (input) => {
        const direct = resolveConfig(input as ConfigInput);
        expect(readBack(formatSettings(direct.settings())).config).toEqual(direct.config);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("has changed in nothing against itself, and in what another has", () => {
    fc.assert(
      fc.property(config, config, (one, other) => {
        const [before, again, after] = [one, one, other].map((input) => resolveConfig(input as ConfigInput));
        if (before === undefined || again === undefined || after === undefined)
          throw new Error("unreachable");
        expect(changedSettings(before, again)).toEqual([]);
        const isSame = isDeepStrictEqual(before.config, after.config);
        expect(changedSettings(before, after).length > 0).toBe(!isSame);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("means the same as an object, as YAML and as JSON", () => {
    fc.assert(
      fc.property(config, (input) => {
        const direct = resolveConfig(input as ConfigInput);
        expect(readBack(quoteMergeKeys(stringify(input)))).toEqual(meaning(direct));
        expect(readBack(JSON.stringify(input, undefined, 2))).toEqual(meaning(direct));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("means the same in camelCase when it is an object in code", () => {
    fc.assert(
      fc.property(config, ({ containers: _, ...input }) => {
        const camel = resolveConfig(camelKeys(input) as ConfigInput);
        expect(meaning(camel)).toEqual(meaning(resolveConfig(input as ConfigInput)));
      }),
      { seed, numRuns: 200 },
    );
  });
});

describe("junk", () => {
  it("is refused with a WaybillError and nothing else, as text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200 }),
          fc.string({ unit: fc.constantFrom(..."{}[]:-&*!|>'\"%@#?,\n\t a0~<") }),
        ),
        (text) => {
          expect(foreignError(() => parseConfig(text))).toBeUndefined();
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  it("is refused with a WaybillError and nothing else, as a damaged file", () => {
    fc.assert(
      fc.property(config, fc.nat(), fc.nat(), fc.string({ maxLength: 5 }), (input, at, length, inserted) => {
        const text = stringify(input);
        const start = at % (text.length + 1);
        expect(
          foreignError(() =>
            parseConfig(text.slice(0, start) + inserted + text.slice(start + (length % 20))),
          ),
        ).toBeUndefined();
      }),
      { seed, numRuns: 500 },
    );
  });

  it("is refused with a WaybillError and nothing else, as an object", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withTypedArray: true,
    });
    const junk = fc.oneof(
      anything,
      fc.record({ coordinator: anything, logging: anything, containers: anything }),
      fc.record({ logging: fc.record({ performance: anything, tiers: anything, log_levels: anything }) }),
      fc.record({
        containers: fc.dictionary(
          fc.string(),
          fc.record({ type: anything, logging: anything, settings: anything }),
        ),
      }),
    );
    fc.assert(
      fc.property(junk, (input) => {
        expect(foreignError(() => resolveConfig(input as ConfigInput))).toBeUndefined();
      }),
      { seed, numRuns: 1000 },
    );
  });
});
