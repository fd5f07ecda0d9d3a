import { levels } from "@waybill/protocols";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteBuffer } from "../../src/byte-buffer.ts";
import { parseEntry } from "../../src/entry-codec.ts";
import { createEntryEncoder } from "../../src/entry-encoder.ts";
import { forEachLine, levelOfLine, renumberLines, seqOfLine } from "../../src/line-bytes.ts";
import {
  encodeAndParse,
  encodeLine,
  encodeValue,
  flawsOfLine,
  sampleEntry,
  textOf,
} from "../support/encoded-entry.ts";

const runs = { seed: 20_261_122, numRuns: 500 };

/** Text of any 16-bit units, lone surrogates and controls among them, and of every script. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((units) => String.fromCharCode(...units)),
);
const jsonContext = fc.dictionary(text, fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }));
const anything = fc.anything({
  key: text,
  maxDepth: 5,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});
const optionalId = fc.option(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), { nil: undefined });
const entry = fc.record({
  timestampMs: fc.integer({ min: 0, max: 253_402_300_799_999 }),
  level: fc.constantFrom(...levels),
  message: text,
  source: fc.record({ containerId: text, componentName: text }),
  scope: fc.constantFrom("internal_bus" as const, "custom:audit" as const),
  correlationId: optionalId,
  eventId: optionalId,
  traceId: optionalId,
  spanId: optionalId,
  context: fc.option(jsonContext, { nil: undefined }),
});

describe("encoded entries", () => {
  it("give back any context that JSON can say", () => {
    fc.assert(
      fc.property(jsonContext, (context) => {
        expect(JSON.stringify(encodeAndParse({ context })["context"])).toBe(JSON.stringify(context));
      }),
      runs,
    );
  });

  it("are one sound line for any value at all", () => {
    fc.assert(
      fc.property(anything, text, (value, message) => {
        const line = encodeLine({ message, context: { value } });
        expect(flawsOfLine(line)).toEqual([]);
        expect(parseEntry(line)?.message).toBe(message);
      }),
      runs,
    );
  });

  it("do not depend on what was encoded before, though heads are copied", () => {
    const original = {
      ...{ timestampMs: 5000, level: "INFO" as const, message: "a", scope: "internal_bus" as const },
      source: { containerId: "c", componentName: "d" },
      ...{ correlationId: "x", eventId: "x", traceId: "x", spanId: "x" },
    };
    // In all places but one the same as the entry before, as the copies are that a coordinator writes.
    const change = fc.constantFrom(
      {},
      ...[
        { timestampMs: 6000 },
        { level: "ERROR" as const },
        { message: "b" },
        { message: "long".repeat(400) },
      ],
      { source: { containerId: "c2", componentName: "d" } },
      ...[
        { scope: "custom:audit" as const },
        { correlationId: undefined },
        { eventId: "y" },
        { traceId: "y" },
      ],
      ...[{ spanId: "y" }, { spanId: undefined }, { context: { a: 1 } }],
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const entries = changes.map((changed) => ({ ...original, context: undefined, ...changed }));
        const encoder = createEntryEncoder();
        const lines = entries.map((fields, seq) => encodeLine(fields, encoder, seq));
        expect(lines).toEqual(entries.map((fields, seq) => encodeLine(fields, createEntryEncoder(), seq)));
      }),
      runs,
    );
  });

  it("are read back as they were", () => {
    fc.assert(
      fc.property(entry, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (fields, seq) => {
        const { source, context, ...rest } = fields;
        const read = parseEntry(encodeLine(fields, createEntryEncoder(), seq));
        expect(read).toEqual({ ...rest, ...source, seq, context: JSON.parse(JSON.stringify(context ?? {})) });
      }),
      runs,
    );
  });

  it("can be told apart, told their level and number, and renumbered, as bytes", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), fc.nat(), fc.nat(), (entries, before, added) => {
        const lines = new ByteBuffer();
        const expected = new ByteBuffer();
        const encoder = createEntryEncoder();
        for (const [index, fields] of entries.entries()) {
          encoder.encode(lines, sampleEntry(fields), before + index + 1);
          encoder.encode(expected, sampleEntry(fields), before + index + 1 + added);
        }
        const told: unknown[] = [];
        forEachLine(lines.bytes, 0, lines.length, (start, end) => {
          told.push([levelOfLine(lines.bytes, start), seqOfLine(lines.bytes, start, end)]);
        });
        expect(told).toEqual(entries.map(({ level }, index) => [level, before + index + 1]));
        expect(textOf(renumberLines(lines, added))).toBe(textOf(expected));
      }),
      runs,
    );
  });

  it("hold any number as JSON.stringify writes it", () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.integer(),
    );
    fc.assert(
      fc.property(number, (value) => {
        expect(encodeValue(value)).toBe(JSON.stringify(value));
      }),
      { ...runs, numRuns: 5000 },
    );
  });

  it("cut text at any place without tearing a pair, and tell how much is gone", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 300 }),
        fc.integer({ min: 1, max: 300 }),
        (value, cap) => {
          const shown = JSON.parse(encodeValue(value, { stringUnitsMax: cap })) as string;
          const [, kept = "", gone = "0"] = /^(.*?)(?:…\[\+(\d+)\])?$/su.exec(shown) ?? [];
          expect(value.startsWith(kept) && kept.length + Number(gone) === value.length).toBe(true);
          expect([!/\p{Surrogate}/u.test(kept), kept.length <= cap]).toEqual([true, true]);
        },
      ),
      runs,
    );
  });
});
