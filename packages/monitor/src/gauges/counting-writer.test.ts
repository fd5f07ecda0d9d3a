import type { EntryInput, Level } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createCountingWriter } from "./counting-writer.ts";
import { createEntryCounters } from "./entry-counters.ts";
import { createErrorDigest } from "./error-digest.ts";

function entry(containerId: string, level: Level, message = "text"): EntryInput {
  return {
    timestampMs: 0,
    level,
    message,
    source: { containerId, componentName: "c" },
    scope: "component_internal",
    correlationId: undefined,
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context: undefined,
  };
}

describe("createCountingWriter", () => {
  it("counts what passes for the container that says it, and passes it on", () => {
    const counters = createEntryCounters();
    const inner = createMemoryWriter();
    const writer = createCountingWriter(inner, { counters });
    const results = [entry("a", "INFO"), entry("b", "ERROR"), entry("a", "INFO")].map(writer.write);
    expect(results).toEqual([true, true, true]);
    expect(inner.entries).toHaveLength(3);
    expect(counters.read().containers.map(({ byLevel }) => [byLevel.INFO, byLevel.ERROR])).toEqual([
      [2, 0],
      [0, 1],
    ]);
  });

  it("also counts what the writer drops, and says so", () => {
    const counters = createEntryCounters();
    const writer = createCountingWriter(createMemoryWriter({ limit: 0 }), { counters });
    expect(writer.write(entry("a", "INFO"))).toBe(false);
    expect(counters.read().byLevel.INFO).toBe(1);
    expect(writer.status().dropped).toBe(1);
  });

  it("tells a digest of errors and of nothing else", () => {
    const errors = createErrorDigest(createFakeClock());
    const writer = createCountingWriter(createMemoryWriter(), { counters: createEntryCounters(), errors });
    writer.write(entry("a", "WARNING", "late"));
    writer.write(entry("a", "ERROR", "broken"));
    expect(errors.summary()).toMatchObject({ errors: 1, mostCommon: { message: "broken", count: 1 } });
  });

  it("flushes and closes the writer", async () => {
    const inner = createMemoryWriter();
    const writer = createCountingWriter(inner, { counters: createEntryCounters() });
    await writer.flush();
    inner.failNext("flush");
    expect(writer.flushSync()).toBe(false);
    await writer.close();
    expect(inner.status().state).toBe("closed");
  });
});
