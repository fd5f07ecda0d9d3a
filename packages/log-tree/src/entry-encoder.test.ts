import { runInNewContext } from "node:vm";
import { levels } from "@waybill/protocols";
import { hostileValues } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import {
  encodeAndParse,
  encodeLine,
  flawsOfLine,
  sampleEntry,
  textOf,
} from "../test/support/encoded-entry.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { parseEntry } from "./entry-codec.ts";
import { createEntryEncoder } from "./entry-encoder.ts";

function fail(): never {
  throw new Error("hostile");
}

const allTraps = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((name) => [name, fail]),
) as ProxyHandler<object>;

/** What the shared list of hostile contexts does not hold. */
const moreHostile: [label: string, create: () => unknown][] = [
  ["proxy with every trap throwing", () => new Proxy({}, allTraps)],
  ["proxy of a function with every trap throwing", () => new Proxy(() => 0, allTraps)],
  [
    "proxy of an array that lies about its length",
    () => new Proxy([1], { get: (_, key) => (key === "length" ? -1 : 1) }),
  ],
  [
    "proxy with a million keys",
    () => new Proxy({}, { ownKeys: () => Array.from({ length: 1_000_000 }, (_, i) => `k${i}`) }),
  ],
  [
    "a million keys",
    () => Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`k${index}`, index])),
  ],
  ["bigint of a million digits", () => 1n << 3_300_000n],
  [
    "error with 100,000 members",
    () => Object.assign(new Error(), Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [i, i]))),
  ],
  ["string of one million escapes", () => Array.from({ length: 20 }, () => "\u0001".repeat(60_000))],
  [
    "many long keys",
    () => Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`${i}${"\u0001".repeat(1100)}`, 1])),
  ],
  [
    "endless set",
    () =>
      Object.defineProperty(new Set(), Symbol.iterator, {
        value: function* () {
          for (;;) yield 1;
        },
      }),
  ],
  [
    "detached buffer",
    () => {
      const data = new Uint8Array(8);
      structuredClone(data, { transfer: [data.buffer] });
      return data;
    },
  ],
  [
    "objects of another realm",
    () => runInNewContext("[new Error('e'), new Map(), class {}, Symbol(), new Proxy({}, {})]"),
  ],
  [
    "getters with side effects",
    () => ({
      get grows() {
        Object.assign(this, { [String(Math.random())]: 1 });
        return 1;
      },
    }),
  ],
  [
    "array that grows while it is read",
    () => {
      const list: unknown[] = [];
      list.push({ toJSON: () => list.push(list.at(-1)) });
      return list;
    },
  ],
  ["global object", () => globalThis],
  ["process", () => process],
];

describe("entry encoder", () => {
  it("writes the keys of the format in their order", () => {
    const line = encodeLine(
      { correlationId: "trade_1", eventId: "evt_7", traceId: "t", spanId: "s", context: { strength: 0.8 } },
      createEntryEncoder(),
      4711,
    );
    expect(line).toBe(
      '{"timestamp":"2026-11-22T10:30:01.123Z","level":"INFO","message":"Generating signal",' +
        '"container_id":"strategy_001","component_name":"momentum","event_scope":"internal_bus",' +
        '"correlation_id":"trade_1","event_id":"evt_7","trace_id":"t","span_id":"s","seq":4711,' +
        '"context":{"strength":0.8}}\n',
    );
  });

  it("leaves absent fields out", () => {
    expect(Object.keys(encodeAndParse({}))).toEqual([
      "timestamp",
      "level",
      "message",
      "container_id",
      "component_name",
      "event_scope",
      "seq",
    ]);
  });

  it.each(levels)("writes level %s", (level) => {
    expect(encodeAndParse({ level })["level"]).toBe(level);
  });

  it.each([
    [0, "1970-01-01T00:00:00.000Z"],
    [1, "1970-01-01T00:00:00.001Z"],
    [1.9, "1970-01-01T00:00:00.001Z"],
    [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
    [253_402_300_800_000, "1970-01-01T00:00:00.000Z"],
    [-1, "1970-01-01T00:00:00.000Z"],
    [8.64e15 + 1, "1970-01-01T00:00:00.000Z"],
    [Number.NaN, "1970-01-01T00:00:00.000Z"],
    [Number.POSITIVE_INFINITY, "1970-01-01T00:00:00.000Z"],
  ])("writes the time %d as %s", (timestampMs, text) => {
    expect(encodeAndParse({ timestampMs })["timestamp"]).toBe(text);
  });

  it("writes the time and source of each entry, though it remembers those of the last", () => {
    const encoder = createEntryEncoder();
    const first = { containerId: "a", componentName: "b" };
    const second = { containerId: 'c"', componentName: "d\n" };
    const lines = [first, second, first].map((source, index) => {
      const fields = encodeAndParse({ source, timestampMs: index >> 1 }, encoder);
      return [fields["timestamp"], fields["container_id"], fields["component_name"]];
    });
    expect(lines).toEqual([
      ["1970-01-01T00:00:00.000Z", "a", "b"],
      ["1970-01-01T00:00:00.000Z", 'c"', "d\n"],
      ["1970-01-01T00:00:00.001Z", "a", "b"],
    ]);
  });

  it("keeps fields of the caller under context, where they override nothing", () => {
    const context = {
      timestamp: "never",
      level: "CRITICAL",
      message: "forged",
      seq: -1,
      context: { seq: 7 },
    };
    const line = encodeLine({ context });
    expect(JSON.parse(line)).toMatchObject({ level: "INFO", message: "Generating signal", seq: 1, context });
    expect(flawsOfLine(line)).toEqual([]);
  });

  it("caps message and ids, and tells so", () => {
    const fields = encodeAndParse({ message: "m".repeat(70_000), correlationId: "c".repeat(2000) });
    expect(fields["message"]).toBe(`${"m".repeat(65_536)}…[+4464]`);
    expect(fields["correlation_id"]).toBe(`${"c".repeat(1024)}…[+976]`);
  });

  it.each([131_072, 1_048_576])(
    "holds a line limit of %i bytes when everything is as long as it can be",
    (lineBytesMax) => {
      const long = "\u0001".repeat(100_000);
      const source = { containerId: long, componentName: long };
      const nested = {
        a: { b: { c: { d: { e: { f: Array.from({ length: 50 }, () => ({ [long]: long })) } } } } },
      };
      const encoder = createEntryEncoder({ lineBytesMax });
      for (const message of ["", "m", long]) {
        const ids = { correlationId: long, eventId: long, traceId: long, spanId: long };
        const line = encodeLine({ message, source, ...ids, context: nested }, encoder);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(lineBytesMax);
        expect(parseEntry(line)).toMatchObject({ level: "INFO" });
      }
    },
  );

  it("refuses limits that are out of range", () => {
    expect(() => createEntryEncoder({ lineBytesMax: 1024 })).toThrow(RangeError);
  });

  it("writes two sound lines when a getter logs while it is read", () => {
    const encoder = createEntryEncoder();
    const inner = new ByteBuffer();
    const context = {
      before: 1,
      get logs() {
        const source = { containerId: "inner", componentName: "inner" };
        encoder.encode(
          inner,
          sampleEntry({ message: "inner", source, timestampMs: 5, context: { a: [1] } }),
          2,
        );
        return "logged";
      },
      after: [{ b: 2 }],
    };
    const outer = new ByteBuffer();
    encoder.encode(outer, sampleEntry({ context }), 1);
    encoder.encode(outer, sampleEntry({}), 3);
    const lines = textOf(outer).trimEnd().split("\n").map(parseEntry);
    expect(lines).toMatchObject([
      { seq: 1, containerId: "strategy_001", context: { before: 1, logs: "logged", after: [{ b: 2 }] } },
      { seq: 3, containerId: "strategy_001", timestampMs: sampleEntry().timestampMs },
    ]);
    expect(parseEntry(textOf(inner))).toMatchObject({
      seq: 2,
      message: "inner",
      containerId: "inner",
      timestampMs: 5,
    });
  });
});

// Bounded time: a value that unfolds without end fails these by the timeout of a test.
describe("entry encoder, given hostile contexts", { timeout: 30_000 }, () => {
  it.each(hostileValues)("writes one sound line: $label", ({ create }) => {
    const line = encodeLine({ context: create() });
    expect(flawsOfLine(line)).toEqual([]);
    expect(parseEntry(line)).toMatchObject({ level: "INFO", message: "Generating signal", seq: 1 });
  });

  it.each(moreHostile)("writes one sound line: %s", (_, create) => {
    for (const context of [{ value: create() }, create() as Record<string, unknown>]) {
      const line = encodeLine({ context });
      expect(flawsOfLine(line)).toEqual([]);
      expect(parseEntry(line)).toMatchObject({ level: "INFO", message: "Generating signal", seq: 1 });
    }
  });
});
