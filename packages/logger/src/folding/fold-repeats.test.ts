import type { EntryInput } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sampleEntry } from "../../test/support/sample-entry.ts";
import { createFlightRecorder } from "../recorder/flight-recorder.ts";
import { type FoldRepeatsOptions, foldRepeats } from "./fold-repeats.ts";

function createSubject(options: Partial<FoldRepeatsOptions> = {}) {
  const clock = createFakeClock({ nowMs: 0 });
  const memory = createMemoryWriter();
  const writer = foldRepeats(memory, { windowMs: 1000, clock, ...options });
  const write = (fields: Partial<EntryInput> = {}): boolean =>
    writer.write(sampleEntry({ timestampMs: clock.now(), ...fields }));
  const lines = (): unknown[] =>
    memory.entries.map(({ message, context }) => [message, context?.["repeated"]]);
  return { clock, memory, writer, write, lines };
}

const at = (ms: number): string => new Date(ms).toISOString();

describe("entries that repeat the one before", () => {
  it("are written once, and once more with their count at the end of the window", () => {
    const { clock, memory, write } = createSubject();
    const context = { host: "db", tries: [1, 2] };
    for (let n = 0; n < 4; n++) {
      write({ context, correlationId: "t_1" });
      clock.advance(100);
    }
    expect(memory.entries.length).toBe(1);
    clock.advance(600);
    const repeated = { count: 3, from_time: at(100), to_time: at(300) };
    expect(memory.entries).toEqual([
      sampleEntry({ timestampMs: 0, context, correlationId: "t_1" }),
      sampleEntry({ timestampMs: 300, context: { ...context, repeated }, correlationId: "t_1" }),
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("are written as they come when a flight recorder releases them", () => {
    const { writer, lines } = createSubject();
    const recorder = createFlightRecorder();
    for (let n = 0; n < 3; n++) recorder.record(sampleEntry({ level: "DEBUG" }), writer);
    recorder.releaseAll();
    expect(lines()).toEqual(Array(3).fill(["tick", undefined]));
  });

  it("are told before an entry that differs", () => {
    const { write, lines } = createSubject();
    for (const message of ["a", "a", "a", "b"]) write({ message });
    expect(lines()).toEqual([
      ["a", undefined],
      ["a", { count: 2, from_time: at(0), to_time: at(0) }],
      ["b", undefined],
    ]);
  });

  it.each<[string, Partial<EntryInput>]>([
    ["level", { level: "DEBUG" }],
    ["message", { message: "other" }],
    ["source", { source: { containerId: "other", componentName: "momentum" } }],
    ["scope", { scope: "internal_bus" }],
    ["correlation id", { correlationId: "t_1" }],
    ["event id", { eventId: "e_1" }],
    ["trace id", { traceId: "0".repeat(32) }],
    ["span id", { spanId: "0".repeat(16) }],
    ["context", { context: { a: { b: 2 } } }],
  ])("are none when the %s differs", (_, fields) => {
    const { write, memory } = createSubject();
    write({ context: { a: { b: 1 } } });
    write({ context: { a: { b: 1 } }, ...fields });
    expect(memory.entries.length).toBe(2);
  });

  it("are compared by what they said when they were logged", () => {
    const { write, memory } = createSubject();
    const context = { n: 1 };
    write({ context });
    context.n = 2;
    write({ context });
    expect(memory.entries.map((entry) => entry.context)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("may have errors in their context, which differ by their stack", () => {
    const { write, memory } = createSubject();
    const make = (): Error => new Error("refused");
    const error = make();
    for (const each of [error, error, make()]) write({ level: "ERROR", context: { error: each } });
    const errors = memory.entries.map((entry) => entry.context?.["error"]);
    expect(errors.length).toBe(3);
    expect(errors).toMatchObject([{ message: "refused" }, { message: "refused" }, { message: "refused" }]);
  });

  it("count as new beyond the window, which begins with the first", () => {
    const { clock, write, lines } = createSubject();
    for (let n = 0; n < 4; n++) {
      write();
      clock.advance(400);
    }
    write();
    expect(lines()).toEqual([
      ["tick", undefined],
      ["tick", { count: 2, from_time: at(400), to_time: at(800) }],
      ["tick", undefined],
    ]);
  });

  it("are told late by a timer that is late, and not folded into the next window", () => {
    const clock = createFakeClock({ nowMs: 0 });
    const late = { ...clock, setTimer: () => ({ cancel: () => undefined }) };
    const { write, lines } = createSubject({ clock: late });
    for (let n = 0; n < 3; n++) write();
    clock.advance(5000);
    write();
    expect(lines().map((line) => Array.isArray(line) && line[1] !== undefined)).toEqual([false, true, false]);
  });

  it("are written as they were when there is but one", () => {
    const { clock, write, memory } = createSubject();
    write({ context: { a: 1 } });
    clock.advance(10);
    write({ context: { a: 1 } });
    clock.advance(1000);
    expect(memory.entries).toEqual([
      sampleEntry({ timestampMs: 0, context: { a: 1 } }),
      sampleEntry({ timestampMs: 10, context: { a: 1 } }),
    ]);
  });

  it("keep a field of theirs that has the name of the count", () => {
    const { write, memory, writer } = createSubject();
    for (let n = 0; n < 3; n++) write({ context: { repeated: "mine" } });
    writer.flushSync();
    expect(memory.entries[1]?.context).toMatchObject({ repeated_value: "mine", repeated: { count: 2 } });
  });

  it("have the first error written at once, and are folded up to the most severe level that is", () => {
    const { write, memory } = createSubject();
    for (let n = 0; n < 3; n++) write({ level: "CRITICAL" });
    expect(memory.entries.length).toBe(1);
    const other = createSubject({ maxLevel: "WARNING" });
    for (let n = 0; n < 3; n++) other.write({ level: "ERROR" });
    expect(other.memory.entries.length).toBe(3);
  });
});

describe("what waits to be told", () => {
  it("counts as queued, and as written when it is told", async () => {
    const { write, writer } = createSubject();
    for (let n = 0; n < 5; n++) write();
    expect(writer.status()).toMatchObject({ accepted: 5, written: 1, queued: 4, dropped: 0 });
    await writer.flush();
    expect(writer.status()).toMatchObject({ accepted: 5, written: 5, queued: 0, dropped: 0 });
  });

  it("is told at close, which leaves no timer", async () => {
    const { write, writer, lines, clock } = createSubject();
    for (let n = 0; n < 3; n++) write();
    await writer.close();
    expect([lines().length, clock.pendingTimers, write(), writer.status().queued]).toEqual([2, 0, false, 0]);
  });

  it("counts as dropped when the writer behind does not take it", () => {
    const { write, writer, memory } = createSubject();
    for (let n = 0; n < 5; n++) write();
    memory.failNext();
    writer.flushSync();
    expect(writer.status()).toMatchObject({ accepted: 5, written: 1, queued: 0, dropped: 4 });
  });
});

describe("entries that are not compared", () => {
  it.each<[string, Partial<EntryInput>]>([
    ["a line over 4,096 bytes", { context: { a: "x".repeat(2500), b: "x".repeat(2500) } }],
    ["a cut string", { context: { a: "x".repeat(5000) } }],
    ["members left out", { context: { a: Array.from({ length: 1001 }, () => 1) } }],
    ["a mark of something left out", { context: { note: "[+1]" } }],
  ])("are written as they come: %s", (_, fields) => {
    const { write, memory } = createSubject();
    for (let n = 0; n < 3; n++) write(fields);
    expect(memory.entries.length).toBe(3);
  });

  it("are those above the most severe level that is folded, also behind a folded one", () => {
    const { write, memory } = createSubject({ maxLevel: "WARNING" });
    const given = ["DEBUG", "INFO", "INFO", "ERROR", "ERROR", "INFO", "DEBUG"] as const;
    for (const level of given) write({ level });
    expect(memory.entries.map((entry) => entry.level)).toEqual(given);
  });

  it("separate those before them from those after", () => {
    const { write, memory } = createSubject();
    for (const note of ["a", "[+1]", "a"]) write({ context: { note } });
    expect(memory.entries.length).toBe(3);
  });

  it("are those that an entry logs while it is compared", () => {
    const { write, lines } = createSubject();
    let depth = 0;
    const context = {
      get a() {
        if (depth++ < 1) write({ message: "inner" });
        return 1;
      },
    };
    write({ message: "inner" });
    for (let n = 0; n < 3; n++) write({ message: "outer", context });
    write({ message: "inner" });
    expect(lines()).toEqual([
      ["inner", undefined],
      ["inner", undefined],
      ["outer", undefined],
      ["outer", { count: 2, from_time: at(0), to_time: at(0) }],
      ["inner", undefined],
    ]);
  });
});

describe("a window", () => {
  it.each([0, -1, Number.NaN, 3_600_001])("of %d ms is refused", (windowMs) => {
    expect(() => createSubject({ windowMs })).toThrow(RangeError);
  });

  it("may be an hour", () => {
    expect(() => createSubject({ windowMs: 3_600_000 })).not.toThrow();
  });
});
