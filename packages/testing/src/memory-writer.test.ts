import type { EntryInput } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { writerConformance } from "./conformance/writer-conformance.ts";
import { createMemoryWriter } from "./memory-writer.ts";

function entry(message: string): EntryInput {
  return {
    timestampMs: 7,
    level: "INFO",
    message,
    source: { containerId: "c", componentName: "n" },
    scope: "internal_bus",
    correlationId: undefined,
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context: undefined,
  };
}

describe("memory writer", () => {
  writerConformance(
    { describe, it, expect },
    {
      open: () => createMemoryWriter(),
      read: (writer) => writer.entries,
    },
  );

  it("drops and counts what is beyond the limit", () => {
    const writer = createMemoryWriter({ limit: 2 });
    expect(["a", "b", "c"].map((message) => writer.write(entry(message)))).toEqual([true, true, false]);
    expect(writer.status()).toMatchObject({ state: "degraded", accepted: 3, written: 2, dropped: 1 });
    expect(writer.status().lastFailure).toMatchObject({ code: "ENOSPC", atMs: 7 });
  });

  it("drops the entries that its option fails, and recovers", () => {
    const writer = createMemoryWriter({ fail: ({ message }) => message === "bad" });
    expect(["bad", "good"].map((message) => writer.write(entry(message)))).toEqual([false, true]);
    expect(writer.status()).toMatchObject({ state: "open", dropped: 1, lastFailure: { code: "EIO" } });
  });

  it("fails the next writes on request, then works again", () => {
    const writer = createMemoryWriter();
    writer.failNext("write", 2);
    expect(["a", "b", "c"].map((message) => writer.write(entry(message)))).toEqual([false, false, true]);
  });

  it("fails the next flushes on request", async () => {
    const writer = createMemoryWriter();
    writer.failNext("flush", 2);
    expect(writer.flushSync()).toBe(false);
    await expect(writer.flush()).rejects.toMatchObject({ code: "WAYBILL_FLUSH_FAILED" });
    await expect(writer.flush()).resolves.toBeUndefined();
  });

  it("forgets entries but not counts", () => {
    const writer = createMemoryWriter();
    writer.write(entry("a"));
    writer.clear();
    expect([writer.entries.length, writer.status().written]).toEqual([0, 1]);
  });
});
