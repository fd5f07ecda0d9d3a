import { createFakeClock, createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sampleEntry } from "../test/support/sample-entry.ts";
import { foldMessages } from "./folding/fold-messages.ts";
import { foldRepeats } from "./folding/fold-repeats.ts";

describe("telling the stages of a stack from the outermost on", () => {
  it("hands all that they hold back to the writer, flushes nothing, and leaves no timer", () => {
    const clock = createFakeClock();
    const memory = createMemoryWriter();
    memory.failNext("flush");
    const repeats = foldRepeats(memory, { windowMs: 1000, clock });
    const messages = foldMessages(repeats, { windowMs: 1000, keepFirst: 3, clock });
    for (let n = 0; n < 5; n++) messages.write(sampleEntry());
    expect([memory.entries.length, messages.counts().waiting, repeats.counts().waiting]).toEqual([1, 2, 2]);
    messages.tell();
    repeats.tell();
    const counts = memory.entries.map(({ context }) => context?.["repeated"]);
    expect(counts).toMatchObject([undefined, { count: 2 }, { count: 2 }]);
    expect([messages.counts(), clock.pendingTimers]).toMatchObject([{ waiting: 0, represented: 2 }, 0]);
    // The failure that a flush would have met is still there.
    expect(memory.flushSync()).toBe(false);
  });
});
