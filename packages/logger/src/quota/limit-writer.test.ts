import type { Level, Writer } from "@waybill/protocols";
import { createFakeClock, createMemoryWriter, type MemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createCountingWriter, isBalanced } from "../../test/support/counting-writer.ts";
import { sampleEntry } from "../../test/support/sample-entry.ts";
import { foldMessages } from "../folding/fold-messages.ts";
import { type ContainerQuotaOptions, createContainerQuota } from "./container-quota.ts";
import { limitWriter } from "./limit-writer.ts";

function createSubject(options: ContainerQuotaOptions, memory: MemoryWriter = createMemoryWriter()) {
  const clock = createFakeClock({ nowMs: 0 });
  const quota = createContainerQuota(options, { clock });
  const writer = limitWriter(memory, quota);
  const write = (times: number, level: Level = "INFO", to = writer): number => {
    let taken = 0;
    for (let n = 0; n < times; n++) {
      if (to.write(sampleEntry({ level, timestampMs: clock.now() }))) taken++;
    }
    return taken;
  };
  const told = (): unknown[] =>
    memory.entries.flatMap(({ message, context }) => (message === "entries lost" ? [context?.["gap"]] : []));
  return { clock, quota, writer, memory, write, told };
}

const ten = { linesPerSecond: 10, burstSeconds: 1 };

describe("a limited writer", () => {
  it("lets through what the quota allows and drops the rest", () => {
    const { write, writer, memory, quota } = createSubject(ten);
    expect([write(20), memory.entries.length]).toEqual([9, 9]);
    expect(writer.status()).toMatchObject({ accepted: 20, written: 9, queued: 0, dropped: 11 });
    expect(quota.status()).toEqual({ isLimiting: true, admitted: 9, dropped: 11 });
  });

  it("tells what it left out as soon as there is room, though nothing more is logged", () => {
    const { write, clock, memory, told, quota } = createSubject(ten);
    write(20);
    clock.advance(99);
    expect([told(), quota.status().isLimiting]).toEqual([[], true]);
    clock.advance(1);
    expect(memory.entries.at(-1)).toEqual(
      sampleEntry({
        timestampMs: 100,
        level: "WARNING",
        message: "entries lost",
        scope: "lifecycle_management",
        context: {
          gap: {
            dropped: 11,
            by_level: { INFO: 11 },
            from_seq: 0,
            to_seq: 0,
            reason: "quota",
            from_time: "1970-01-01T00:00:00.000Z",
            to_time: "1970-01-01T00:00:00.000Z",
          },
        },
      }),
    );
    expect([clock.pendingTimers, told().length, quota.status().isLimiting]).toEqual([0, 1, false]);
  });

  it("tells it later when another stream of the container has used what was to come", () => {
    const { write, quota, clock, told } = createSubject(ten);
    write(12);
    clock.advance(50);
    expect(write(1, "ERROR", limitWriter(createMemoryWriter(), quota))).toBe(1);
    clock.advance(149);
    expect(told()).toEqual([]);
    clock.advance(1);
    expect(told()).toMatchObject([{ dropped: 3 }]);
  });

  it("tells of an entry that stood for many how many they were", () => {
    const { write, writer, clock, quota, told } = createSubject(ten);
    const folding = foldMessages(writer, { windowMs: 1000, keepFirst: 1, clock });
    write(50, "INFO", folding);
    write(8);
    write(1, "DEBUG");
    folding.tell();
    clock.advance(1000);
    expect(told()).toMatchObject([{ dropped: 50, by_level: { DEBUG: 1, INFO: 49 } }]);
    expect(quota.status().dropped).toBe(50);
    expect(folding.status()).toMatchObject({ accepted: 59, written: 9, queued: 0, dropped: 50 });
  });

  it("tells it before the next entry, per level and with its times", () => {
    const { write, clock, memory, told } = createSubject(ten);
    write(9);
    write(1, "DEBUG");
    clock.advance(50);
    write(2, "WARNING");
    write(1, "ERROR");
    expect(memory.entries.slice(9).map((entry) => entry.level)).toEqual(["WARNING", "ERROR"]);
    expect(told()).toMatchObject([
      {
        dropped: 3,
        by_level: { DEBUG: 1, WARNING: 2 },
        from_time: "1970-01-01T00:00:00.000Z",
        to_time: "1970-01-01T00:00:00.050Z",
      },
    ]);
  });

  it.each<[string, (writer: Writer) => unknown]>([
    ["flush", (writer) => writer.flush()],
    ["flushSync", (writer) => writer.flushSync()],
    ["close", (writer) => writer.close()],
  ])("tells it at %s", async (_, end) => {
    const { write, writer, told, clock } = createSubject(ten);
    write(12);
    await end(writer);
    expect([told().length, clock.pendingTimers]).toEqual([1, 0]);
    expect(writer.status()).toMatchObject({ accepted: 12, written: 9, dropped: 3 });
  });

  it("lets errors through from what is kept for them, however full it is", () => {
    const { write } = createSubject({ linesPerSecond: 100, burstSeconds: 1 });
    // One line of the ten is the gap record before the first of them.
    expect([write(500, "DEBUG"), write(15, "ERROR")]).toEqual([90, 9]);
  });

  it("never writes more lines in the long run than its rate, gap records included", () => {
    const { write, clock, memory } = createSubject(ten);
    for (let step = 0; step < 10_000; step++) {
      write(3, step % 7 === 0 ? "ERROR" : "INFO");
      clock.advance(10);
    }
    expect(memory.entries.length).toBeGreaterThan(990);
    expect(memory.entries.length).toBeLessThanOrEqual(1012);
  });

  it("lets entries through in runs, not one after each gap record", () => {
    const { write, clock, memory, told } = createSubject({ linesPerSecond: 100, burstSeconds: 5 });
    for (let step = 0; step < 1000; step++) {
      write(3);
      clock.advance(10);
    }
    expect([memory.entries.length > 1400, told().length < 30]).toEqual([true, true]);
  });

  it("shares the quota with the other streams of its container, and with no others", () => {
    const { write, quota, clock } = createSubject(ten);
    const same = limitWriter(createMemoryWriter(), quota);
    const neighbour = limitWriter(createMemoryWriter(), createContainerQuota(ten, { clock }));
    expect([write(8), write(8, "INFO", same), write(8, "INFO", neighbour)]).toEqual([8, 1, 8]);
  });

  it("limits nothing without limits", () => {
    const { write, told } = createSubject({});
    expect([write(10_000), told()]).toEqual([10_000, []]);
  });

  it("refuses after close, as the writer behind does", async () => {
    const { write, writer, told } = createSubject(ten);
    const closing = writer.close();
    expect(writer.close()).toBe(closing);
    await closing;
    expect([write(20), told(), writer.status().state]).toEqual([0, [], "closed"]);
    expect(isBalanced(writer)).toBe(true);
  });

  it("tells again what the writer behind refused to be told", () => {
    const { write, writer, memory, told, clock } = createSubject(ten);
    write(12);
    memory.failNext();
    writer.flushSync();
    expect([told().length, writer.status()]).toMatchObject([0, { accepted: 12, written: 9, dropped: 3 }]);
    clock.advance(1000);
    write(1);
    expect(told()).toMatchObject([{ dropped: 3 }]);
    expect(writer.status()).toMatchObject({ accepted: 13, written: 10, dropped: 3 });
  });
});

describe("bytes", () => {
  const thousand = { bytesPerSecond: 1000, burstSeconds: 1 };

  it("are charged by guess and corrected by what was written, looked at every 50 ms", () => {
    const { write, clock } = createSubject(
      thousand,
      createCountingWriter(() => 10),
    );
    // 900 at 256 each, until the lines are seen to be short: 4 × 246 are given back.
    expect(write(10)).toBe(4);
    clock.advance(51);
    // 900 less 10 for the gap record.
    expect(write(100)).toBe(89);
  });

  it("that were written too much are paid back", () => {
    const { write, clock } = createSubject(
      thousand,
      createCountingWriter(({ message }) => (message === "tick" ? 1000 : 0)),
    );
    expect(write(10)).toBe(4);
    clock.advance(3000);
    expect(write(10)).toBe(0);
    clock.advance(400);
    expect(write(10)).toBe(1);
  });

  it("in debt still leave errors what is kept for them", () => {
    const { write, clock } = createSubject(
      thousand,
      createCountingWriter(() => 1000),
    );
    write(10);
    clock.advance(51);
    expect([write(10), write(10, "ERROR")]).toEqual([0, 1]);
  });

  it("do not count from a writer that tells none", () => {
    const { write, clock } = createSubject(thousand);
    write(1);
    clock.advance(51);
    expect(write(1000)).toBe(1000);
  });

  it("hold in the long run", () => {
    const memory = createCountingWriter(({ context }) => 100 + Number(context?.["n"] ?? 0));
    const { writer, clock } = createSubject({ bytesPerSecond: 10_000, burstSeconds: 1 }, memory);
    for (let step = 0; step < 10_000; step++) {
      for (const n of [0, 300, 900]) writer.write(sampleEntry({ context: { n } }));
      clock.advance(10);
    }
    expect(memory.status().bytesWritten).toBeGreaterThan(980_000);
    expect(memory.status().bytesWritten).toBeLessThan(1_030_000);
  });
});

describe("limits", () => {
  it("may be changed while it runs", () => {
    const { write, quota } = createSubject(ten);
    write(20);
    quota.setLimits({ linesPerSecond: 100, burstSeconds: 1 });
    // One line is the gap record.
    expect(write(100)).toBe(89);
    quota.setLimits({});
    expect(write(100)).toBe(100);
  });

  it.each<ContainerQuotaOptions>([
    { linesPerSecond: 0 },
    { bytesPerSecond: -1 },
    { burstSeconds: Number.NaN },
    { linesPerSecond: Number.POSITIVE_INFINITY },
  ])("%o are refused, and the old ones stay", (options) => {
    const { write, quota } = createSubject(ten);
    expect(() => createContainerQuota(options)).toThrow(RangeError);
    expect(() => quota.setLimits(options)).toThrow(RangeError);
    expect(write(20)).toBe(9);
  });
});

describe("a writer that breaks its contract", () => {
  it("does not throw out of a timer", () => {
    const memory = createMemoryWriter();
    let isBroken = false;
    const broken = {
      ...memory,
      write: (entry: Parameters<typeof memory.write>[0]) => {
        if (isBroken) throw new Error("broken");
        return memory.write(entry);
      },
      status: () => {
        if (isBroken) throw new Error("broken");
        return memory.status();
      },
    };
    const { write, clock } = createSubject(ten, broken);
    write(20);
    isBroken = true;
    expect(() => clock.advance(10_000)).not.toThrow();
  });
});
