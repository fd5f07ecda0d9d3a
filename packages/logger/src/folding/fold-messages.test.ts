import type { EntryInput } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sampleEntry } from "../../test/support/sample-entry.ts";
import { createFlightRecorder } from "../recorder/flight-recorder.ts";
import { type FoldMessagesOptions, foldMessages } from "./fold-messages.ts";

function createSubject(options: Partial<FoldMessagesOptions> = {}) {
  const clock = createFakeClock({ nowMs: 0 });
  const memory = createMemoryWriter();
  const writer = foldMessages(memory, { windowMs: 1000, clock, ...options });
  const write = (n: number, fields: Partial<EntryInput> = {}): boolean =>
    writer.write(sampleEntry({ timestampMs: clock.now(), context: { n }, ...fields }));
  const writeRange = (from: number, to: number, fields: Partial<EntryInput> = {}): void => {
    for (let n = from; n <= to; n++) write(n, fields);
  };
  /** Each entry by its number, each count as such. */
  const lines = (): unknown[] => memory.entries.map(({ context }) => context?.["repeated"] ?? context?.["n"]);
  return { clock, memory, writer, write, writeRange, lines };
}

const at = (ms: number): string => new Date(ms).toISOString();
const count = (n: number, fromMs = 0, toMs = fromMs): object => ({
  count: n,
  from_time: at(fromMs),
  to_time: at(toMs),
});

describe("entries of one level and message", () => {
  it("are written up to the first five of a window; the rest is told at its end", () => {
    const { clock, memory, writeRange, lines } = createSubject();
    writeRange(1, 7, { correlationId: "t_1", eventId: "e_1" });
    clock.advance(500);
    writeRange(8, 8);
    clock.advance(499);
    expect(lines()).toEqual([1, 2, 3, 4, 5]);
    clock.advance(1);
    expect(memory.entries.at(-1)).toEqual(
      sampleEntry({ timestampMs: 500, context: { repeated: count(3, 0, 500) } }),
    );
    expect(clock.pendingTimers).toBe(0);
  });

  it("begin anew after the window", () => {
    const { clock, writeRange, lines } = createSubject({ keepFirst: 1 });
    writeRange(1, 3);
    clock.advance(1000);
    writeRange(4, 5);
    clock.advance(1000);
    expect(lines()).toEqual([1, count(2), 4, count(1, 1000)]);
  });

  it("are sampled: one in so many of the rest", () => {
    const { clock, writeRange, lines } = createSubject({ keepFirst: 2, keepEvery: 3 });
    writeRange(1, 12);
    clock.advance(1000);
    expect(lines()).toEqual([1, 2, 5, 8, 11, count(7)]);
  });

  it("are told each at the end of their own window", () => {
    const { clock, writeRange, lines } = createSubject({ keepFirst: 1 });
    writeRange(1, 2, { message: "a" });
    clock.advance(500);
    writeRange(3, 4, { message: "b" });
    clock.advance(999);
    expect(lines()).toEqual([1, 3, count(1)]);
    clock.advance(1);
    expect(lines()).toEqual([1, 3, count(1), count(1, 500)]);
  });

  it("are told apart by level and message, however they are mixed", () => {
    const { clock, write, lines } = createSubject({ keepFirst: 1 });
    for (let n = 1; n <= 2; n++) {
      write(n * 10, { message: "a" });
      write(n * 10 + 1, { message: "b" });
      write(n * 10 + 2, { message: "a", level: "DEBUG" });
    }
    clock.advance(1000);
    expect(lines()).toEqual([10, 11, 12, count(1), count(1), count(1)]);
  });

  it("are written as they come above the most severe level that is folded", () => {
    const { writeRange, lines } = createSubject({ keepFirst: 1 });
    writeRange(1, 3, { level: "ERROR" });
    writeRange(4, 6, { level: "WARNING" });
    expect(lines()).toEqual([1, 2, 3, 4]);
  });

  it("are written as they come when their message does not match, even by a pattern that remembers", () => {
    const { writeRange, lines } = createSubject({ keepFirst: 1, message: /^tick/g });
    writeRange(1, 3, { message: "tick 1" });
    writeRange(4, 6, { message: "a tick" });
    expect(lines()).toEqual([1, 4, 5, 6]);
  });

  it("are written as they come when more messages than may be are told apart", () => {
    const { writeRange, lines } = createSubject({ keepFirst: 1, messagesMax: 1 });
    writeRange(1, 2, { message: "a" });
    writeRange(3, 4, { message: "b" });
    expect(lines()).toEqual([1, 3, 4]);
  });

  it("are written as they come when their message has more than 1,024 units", () => {
    const { writeRange, lines } = createSubject({ keepFirst: 1 });
    writeRange(1, 2, { message: "x".repeat(1024) });
    writeRange(3, 4, { message: "x".repeat(1025) });
    expect(lines()).toEqual([1, 3, 4]);
  });

  it("are written as they come when a flight recorder releases them", () => {
    const { writer, lines } = createSubject({ keepFirst: 1 });
    const recorder = createFlightRecorder();
    for (const n of [1, 2, 3]) recorder.record(sampleEntry({ level: "DEBUG", context: { n } }), writer);
    recorder.releaseAll();
    expect(lines()).toEqual([1, 2, 3]);
  });

  it("need a timer only while some of them wait to be told", () => {
    const { clock, writeRange } = createSubject({ keepFirst: 1 });
    writeRange(1, 2, { message: "a" });
    clock.advance(500);
    writeRange(3, 3, { message: "b" });
    expect(clock.pendingTimers).toBe(1);
    clock.advance(500);
    expect(clock.pendingTimers).toBe(0);
  });

  it("make room for other messages when their window ends", () => {
    const { clock, writeRange, lines } = createSubject({ keepFirst: 1, messagesMax: 1 });
    writeRange(1, 1, { message: "a" });
    clock.advance(1000);
    writeRange(2, 3, { message: "b" });
    expect(lines()).toEqual([1, 2]);
  });
});

describe("what waits to be told", () => {
  it("counts as queued, and as written when it is told", () => {
    const { writer, writeRange } = createSubject();
    writeRange(1, 9);
    expect(writer.status()).toMatchObject({ accepted: 9, written: 5, queued: 4, dropped: 0 });
    writer.flushSync();
    expect(writer.status()).toMatchObject({ accepted: 9, written: 9, queued: 0, dropped: 0 });
  });

  it("is told at flush, after which the window goes on", async () => {
    const { clock, writer, writeRange, lines } = createSubject({ keepFirst: 1 });
    writeRange(1, 2);
    await writer.flush();
    writeRange(3, 3);
    clock.advance(1000);
    expect(lines()).toEqual([1, count(1), count(1)]);
  });

  it("is told at close, which leaves no timer", async () => {
    const { clock, writer, write, writeRange, lines } = createSubject({ keepFirst: 1 });
    writeRange(1, 3);
    await writer.close();
    expect([lines(), clock.pendingTimers, write(4)]).toEqual([[1, count(2)], 0, false]);
  });

  it("counts as dropped when the writer behind does not take it", () => {
    const { writer, writeRange, memory } = createSubject({ keepFirst: 1 });
    writeRange(1, 4);
    memory.failNext();
    writer.flushSync();
    expect(writer.status()).toMatchObject({ accepted: 4, written: 1, queued: 0, dropped: 3 });
  });

  it("is told by the next entry when the timer is late", () => {
    const clock = createFakeClock({ nowMs: 0 });
    const late = { ...clock, setTimer: () => ({ cancel: () => undefined }) };
    const { write, writeRange, lines } = createSubject({ keepFirst: 1, clock: late });
    writeRange(1, 3);
    clock.advance(5000);
    write(4, { message: "other" });
    expect(lines()).toEqual([1, count(2), 4]);
  });
});

describe("options", () => {
  it.each<Partial<FoldMessagesOptions>>([
    { windowMs: 0 },
    { keepFirst: 0 },
    { keepEvery: 1.5 },
    { messagesMax: Number.NaN },
    { maxLevel: "LOUD" as "INFO" },
  ])("%o are refused", (options) => {
    expect(() => createSubject(options)).toThrow(RangeError);
  });
});
