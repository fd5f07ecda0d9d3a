import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cleanId,
  extractCorrelation,
  formatTraceparent,
  idLengthMax,
  injectCorrelation,
  parseTraceparent,
  runWithCorrelation,
} from "../../src/index.ts";

const seed = 20_251_122;
const kind = fc.constantFrom("message", "headers", "env");
const text = fc.string({ unit: "binary", maxLength: 400 });

describe("carriers", () => {
  it("bring every id over unchanged, in every kind of carrier", () => {
    const usable = text.filter((id) => cleanId(id) !== undefined);
    fc.assert(
      fc.property(usable, usable, kind, (id, parentEventId, carrierKind) => {
        const carrier = runWithCorrelation(id, () => injectCorrelation({}, carrierKind), { parentEventId });
        expect(extractCorrelation(carrier, carrierKind)).toMatchObject({
          correlationId: cleanId(id),
          parentEventId: cleanId(parentEventId),
        });
      }),
      { seed },
    );
  });

  it("put nothing but visible ASCII into headers", () => {
    fc.assert(
      fc.property(text, (id) => {
        const headers = runWithCorrelation(id, () => injectCorrelation({}, "headers"));
        expect(Object.values(headers).join("")).toMatch(/^[\x21-\x7e]*$/);
      }),
      { seed },
    );
  });

  it("never throw and never give an id that is unsafe, whatever comes", () => {
    const names = fc.constantFrom(
      "correlation_id",
      "x-correlation-id",
      "X-Correlation-Id",
      "traceparent",
      "TRACEPARENT",
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(text, fc.anything())), kind, (carrier, carrierKind) => {
        const id = extractCorrelation(carrier, carrierKind)?.correlationId;
        expect(id).toBe(cleanId(id));
        expect(id?.length ?? 0).toBeLessThanOrEqual(idLengthMax);
      }),
      { seed },
    );
  });
});

describe("cleanId", () => {
  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(text, (id) => {
        expect(cleanId(cleanId(id))).toBe(cleanId(id));
      }),
      { seed },
    );
  });
});

describe("traceparent", () => {
  const hex = (length: number) =>
    fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
  const nonZero = (length: number) => hex(length).filter((digits) => /[1-9a-f]/.test(digits));

  it("reads what it writes", () => {
    fc.assert(
      fc.property(nonZero(32), nonZero(16), fc.integer({ min: 0, max: 3 }), (traceId, spanId, traceFlags) => {
        const trace = { traceId, spanId, traceFlags };
        expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
      }),
      { seed },
    );
  });
});
