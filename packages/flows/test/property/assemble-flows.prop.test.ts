import type { FlowRecord } from "@waybill/protocols";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleFlows } from "../../src/assemble-flows.ts";
import { formatFlowLine } from "../../src/format-flow-line.ts";

const ids = fc.constantFrom("e1", "e2", "e3", "e4");
const containers = fc.constantFrom("a", "b", "c");

const anyRecord: fc.Arbitrary<FlowRecord> = fc.record({
  phase: fc.constantFrom("publish", "receive", "finish"),
  eventId: ids,
  parentEventId: fc.option(ids, { nil: undefined }),
  eventType: fc.constantFrom("BAR", "SIGNAL"),
  source: containers,
  target: fc.option(containers, { nil: undefined }),
  tier: fc.constantFrom("fast", "standard", "internal"),
  correlationId: fc.constantFrom("t1", "t2", undefined),
  timestampMs: fc.integer({ min: 0, max: 100 }),
  monoUs: fc.integer({ min: 0, max: 100_000 }),
  clockId: fc.constantFrom("p1", "p2", undefined),
  originUs: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
  status: fc.constantFrom("ok", "error"),
});

const settings = { seed: 20_260_101, numRuns: 500 };

describe("assembling any records", () => {
  it("gives the same flows in whatever order and however often the records are read", () => {
    const property = fc.property(
      fc.array(anyRecord, { maxLength: 30 }).chain((records) =>
        fc.tuple(
          fc.constant(records),
          fc
            .shuffledSubarray(records)
            .chain((again) =>
              fc.shuffledSubarray([...records, ...again], { minLength: records.length + again.length }),
            ),
        ),
      ),
      ([records, mixed]) => {
        expect(assembleFlows(mixed)).toEqual(assembleFlows(records));
      },
    );
    fc.assert(property, settings);
  });

  it("keeps parents before children, every event, and shares that sum up to the total", () => {
    const property = fc.property(fc.array(anyRecord, { maxLength: 30 }), (records) => {
      for (const flow of assembleFlows(records)) {
        flow.hops.forEach((hop, index) => {
          expect(hop.index).toBe(index);
          expect(hop.parent ?? -1).toBeLessThan(index);
          expect(hop.orphan).toBe(hop.parentEventId !== undefined && hop.parent === undefined);
        });
        const own = records.filter((record) => record.correlationId === flow.correlationId);
        expect(new Set(flow.hops.map((hop) => hop.eventId))).toEqual(
          new Set([...own.map((record) => record.eventId), ...flow.hops.map((hop) => hop.eventId)]),
        );
        const sum = flow.shares.reduce((total, share) => total + (share.ms ?? 0), 0);
        expect(sum).toBeCloseTo(flow.totalMs, 6);
        expect(flow.criticalPath.length).toBe(flow.shares.length - 1);
        expect(formatFlowLine(flow)).not.toContain("\n");
      }
    });
    fc.assert(property, settings);
  });
});
