import type { EntryInput, Level } from "@waybill/protocols";
import { createMemoryWriter, type MemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import {
  type CorrelationIndex,
  type CorrelationIndexOptions,
  createCorrelationIndex,
} from "./correlation-index.ts";

const momentum = { containerId: "strategy_001", componentName: "momentum" };
const risk = { containerId: "risk_001", componentName: "checker" };

function entry(correlationId: string | undefined, fields: Partial<EntryInput> = {}): EntryInput {
  return {
    timestampMs: 1,
    level: "INFO",
    message: "m",
    source: momentum,
    scope: "internal_bus",
    correlationId,
    eventId: "evt",
    traceId: undefined,
    spanId: undefined,
    context: { secret: 1 },
    ...fields,
  };
}

function createIndex(options: Partial<CorrelationIndexOptions> = {}): {
  readonly index: CorrelationIndex;
  readonly opened: string[];
  /** The correlation ids of the lines in each stream. */
  readonly lines: () => Record<string, (string | undefined)[]>;
  readonly writers: Map<string, MemoryWriter>;
} {
  const opened: string[] = [];
  const writers = new Map<string, MemoryWriter>();
  const writerFor = (prefix: string): MemoryWriter => {
    opened.push(prefix);
    const writer = createMemoryWriter();
    writers.set(prefix, writer);
    return writer;
  };
  const lines = (): Record<string, (string | undefined)[]> =>
    Object.fromEntries(
      [...writers].map(([prefix, { entries }]) => [prefix, entries.map((e) => e.correlationId)]),
    );
  return { index: createCorrelationIndex({ writerFor, ...options }), opened, lines, writers };
}

describe("sightings", () => {
  it("are written once per component and scope, without context", () => {
    const { index, writers } = createIndex();
    for (let round = 0; round < 3; round++) {
      index.note(entry("trade_1"));
      index.note(entry("trade_1", { source: risk }));
      index.note(entry("trade_1", { scope: "lifecycle_management" }));
    }
    const { context: _, ...rest } = entry("trade_1");
    expect(writers.get("trade")?.entries).toEqual([
      { ...rest, context: undefined },
      { ...rest, context: undefined, source: risk },
      { ...rest, context: undefined, scope: "lifecycle_management" },
    ]);
  });

  it("need a correlation id", () => {
    const { index, opened } = createIndex();
    index.note(entry(undefined, { level: "ERROR" }));
    expect(opened).toEqual([]);
  });

  it("end after 64 places of one id", () => {
    const { index, lines } = createIndex();
    for (let place = 0; place < 100; place++) {
      index.note(entry("trade_1", { scope: `custom:${place}` }));
      index.note(entry("trade_1", { scope: `custom:${place}` }));
    }
    expect(lines()["trade"]?.length).toBe(64);
  });

  it("of the id first seen longest ago are forgotten first", () => {
    const { index, lines } = createIndex({ idsMax: 2 });
    for (const id of ["t_1", "t_2", "t_1", "t_3", "t_2", "t_3", "t_1", "t_2"]) index.note(entry(id));
    // t_3 pushed t_1 out, whose return pushed t_2 out, whose return pushed t_3 out.
    expect(lines()).toEqual({ t: ["t_1", "t_2", "t_3", "t_1", "t_2"] });
  });
});

describe("errors", () => {
  it.each<[Level, number]>([
    ["WARNING", 0],
    ["ERROR", 2],
    ["CRITICAL", 2],
  ])("of level %s are each written to the error stream, %i of 2", (level, count) => {
    const { index, lines } = createIndex();
    index.note(entry("trade_1", { level }));
    index.note(entry("trade_1", { level }));
    expect([lines()["trade"], lines()["error"] ?? []]).toEqual([
      ["trade_1"],
      Array.from({ length: count }, () => "trade_1"),
    ]);
  });

  it("of an id that begins with error stand there once", () => {
    const { index, lines } = createIndex();
    index.note(entry("error_1", { level: "ERROR" }));
    index.note(entry("error_1"));
    index.note(entry("error_1", { level: "ERROR" }));
    expect(lines()).toEqual({ error: ["error_1", "error_1"] });
  });
});

describe("prefixes", () => {
  it.each([
    ["trade_1", "trade"],
    ["signal-1", "signal"],
    ["a1_b_c", "a1"],
    [`${"p".repeat(32)}_1`, "p".repeat(32)],
    [`${"p".repeat(33)}_1`, "other"],
    ["trade1", "other"],
    ["Trade_1", "other"],
    ["1trade_1", "other"],
    ["_1", "other"],
    ["../x_1", "other"],
    ["", "other"],
  ])("%s goes to the stream %s", (id, prefix) => {
    const { index, opened } = createIndex();
    index.note(entry(id));
    expect(opened).toEqual([prefix]);
  });

  it("beyond the limit share other, and error and other do not count", () => {
    const { index, lines, opened } = createIndex({ prefixesMax: 2 });
    const ids = ["nothing", "error_1", "other_1", "a_1", "b_1", "c_1", "a_2", "c_2"];
    for (const id of ids) index.note(entry(id, { level: id === "c_2" ? "ERROR" : "INFO" }));
    expect(lines()).toEqual({
      other: ["nothing", "other_1", "c_1", "c_2"],
      error: ["error_1", "c_2"],
      a: ["a_1", "a_2"],
      b: ["b_1"],
    });
    expect(opened).toEqual(["other", "error", "a", "b"]);
  });

  it("may be forbidden altogether", () => {
    const { index, opened } = createIndex({ prefixesMax: 0 });
    index.note(entry("trade_1"));
    expect(opened).toEqual(["other"]);
  });
});

describe("failures and limits", () => {
  it("are counted and do not reach the application", () => {
    let calls = 0;
    const writer = createMemoryWriter();
    const writerFor = (): MemoryWriter => {
      if (calls++ === 0) throw new Error("no directory");
      return writer;
    };
    const { index } = createIndex({ writerFor });
    index.note(entry("trade_1"));
    expect(index.missedCount).toBe(1);
    index.note(entry("trade_1"));
    expect([index.missedCount, writer.entries.length]).toEqual([1, 1]);
  });

  it.each([{ idsMax: 0 }, { idsMax: 1.5 }, { prefixesMax: -1 }, { prefixesMax: Number.NaN }])(
    "%o are refused",
    (options) => {
      expect(() => createIndex(options)).toThrow(RangeError);
    },
  );
});
