import type { EntryInput, EntrySource, LogContext, Writer } from "@waybill/protocols";
import { hostileValues } from "../hostile/hostile-values.ts";
import type { ConformanceRunner } from "./runner.ts";

/** What the suite looks at of an entry that was read back. `LogEntry` and `EntryInput` both fit. */
export interface ReadBackEntry {
  readonly level: string;
  readonly message: string;
  readonly context: LogContext | undefined;
}

/** What {@link writerConformance} tests. */
export interface WriterConformanceSubject<W extends Writer> {
  /** A new writer with an empty destination. It must take 2 000 small entries without dropping any. */
  readonly open: () => W | Promise<W>;
  /** Everything readable at the destination of a writer now, in order; other entries of its own may stand between. */
  readonly read: (writer: W) => readonly ReadBackEntry[] | Promise<readonly ReadBackEntry[]>;
  /** Removes what `open` made. The writer is closed. Default: nothing. */
  readonly dispose?: (writer: W) => void | Promise<void>;
}

const source: EntrySource = { containerId: "conformance_001", componentName: "suite" };

function entryOf(message: string, context?: LogContext, level: EntryInput["level"] = "INFO"): EntryInput {
  return {
    timestampMs: Date.UTC(2026, 0, 1),
    level,
    message,
    source,
    scope: "component_internal",
    correlationId: "trade_1",
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context,
  };
}

/** Whether accepted = written + queued + dropped. */
function isAccounted(writer: Writer): boolean {
  const { accepted, written, queued, dropped } = writer.status();
  return accepted === written + queued + dropped;
}

/** A suite with its subject: opens before, closes and disposes after each test. */
interface Suite<W extends Writer> {
  readonly runner: ConformanceRunner;
  readonly read: (writer: W, message: string) => Promise<readonly ReadBackEntry[]>;
  test(name: string, body: (writer: W) => void | Promise<void>): void;
}

function suiteOf<W extends Writer>(
  runner: ConformanceRunner,
  subject: WriterConformanceSubject<W>,
): Suite<W> {
  return {
    runner,
    read: async (writer, message) =>
      (await subject.read(writer)).filter((entry) => entry.message === message),
    test(name, body) {
      runner.it(name, async () => {
        const writer = await subject.open();
        try {
          await body(writer);
        } finally {
          await writer.close();
          await subject.dispose?.(writer);
        }
      });
    },
  };
}

function declareOrder<W extends Writer>({ runner, read, test }: Suite<W>): void {
  const { expect } = runner;

  test("makes entries readable, whole, before flush resolves", async (writer) => {
    const context = { strength: 0.8, nested: { list: [1, "two", null, true] } };
    expect(writer.write(entryOf("whole", context, "WARNING"))).toBe(true);
    await writer.flush();
    const found = await read(writer, "whole");
    expect(found.map((entry) => ({ level: entry.level, context: entry.context }))).toEqual([
      { level: "WARNING", context },
    ]);
  });

  test("makes entries readable before flushSync returns true", async (writer) => {
    writer.write(entryOf("synchronous"));
    expect(writer.flushSync()).toBe(true);
    expect((await read(writer, "synchronous")).length).toBe(1);
  });

  test("makes entries readable before close resolves", async (writer) => {
    writer.write(entryOf("closing"));
    await writer.close();
    expect((await read(writer, "closing")).length).toBe(1);
  });

  test("keeps the order of 2 000 entries of mixed levels over several flushes", async (writer) => {
    const numbers = Array.from({ length: 2000 }, (_, index) => index);
    const flushes: Promise<void>[] = [];
    for (const n of numbers) {
      writer.write(entryOf("ordered", { n }, n % 97 === 0 ? "ERROR" : "DEBUG"));
      if (n % 500 === 250) flushes.push(writer.flush());
    }
    await Promise.all([...flushes, writer.flush()]);
    const found = await read(writer, "ordered");
    expect(found.map((entry) => entry.context?.["n"])).toEqual(numbers);
  });

  test("writes the context as it was at write, whatever the caller does to it later", async (writer) => {
    const context = { n: 1, inner: { list: [1] } };
    writer.write(entryOf("copied", context));
    context.n = 2;
    context.inner.list.push(2);
    await writer.flush();
    const found = await read(writer, "copied");
    expect(found.map((entry) => entry.context)).toEqual([{ n: 1, inner: { list: [1] } }]);
  });

  test("keeps messages with newlines, quotes and controls in one entry each", async (writer) => {
    const messages = ["two\nlines", "carriage\rreturn", '"quoted\\"', "\u001b[31mred", "a\u2028b", "", "\0"];
    for (const message of messages) writer.write(entryOf(message, { listed: true }));
    await writer.flush();
    const found = await Promise.all(messages.map((message) => read(writer, message)));
    expect(found.map((entries) => entries.length)).toEqual(messages.map(() => 1));
  });
}

function declareAccounting<W extends Writer>({ runner, test }: Suite<W>): void {
  const { expect } = runner;

  test("starts open, with all counters at zero", (writer) => {
    const { state, accepted, written, queued, dropped } = writer.status();
    expect({ state, accepted, written, queued, dropped }).toEqual({
      state: "open",
      accepted: 0,
      written: 0,
      queued: 0,
      dropped: 0,
    });
  });

  test("accounts for every entry at every moment: accepted = written + queued + dropped", async (writer) => {
    for (let n = 0; n < 200; n += 1) {
      writer.write(entryOf("counted", { n }));
      expect(isAccounted(writer)).toBe(true);
    }
    await writer.flush();
    expect(isAccounted(writer)).toBe(true);
    expect(writer.status().accepted).toBe(200);
    expect(writer.status().written).toBe(200);
  });

  test("flushes when there is nothing to flush", async (writer) => {
    await writer.flush();
    expect(writer.flushSync()).toBe(true);
    expect(writer.status().accepted).toBe(0);
  });
}

function declareClose<W extends Writer>({ runner, read, test }: Suite<W>): void {
  const { expect } = runner;

  test("returns the same promise from every close", async (writer) => {
    const closing = writer.close();
    expect(writer.close() === closing).toBe(true);
    await closing;
    expect(writer.close() === closing).toBe(true);
  });

  test("refuses entries after close, without losing count", async (writer) => {
    writer.write(entryOf("before"));
    await writer.close();
    const { written } = writer.status();
    expect(writer.write(entryOf("after"))).toBe(false);
    expect(isAccounted(writer)).toBe(true);
    expect(writer.status().written).toBe(written);
    expect((await read(writer, "after")).length).toBe(0);
  });

  test("refuses entries from the moment that close is called", async (writer) => {
    const closing = writer.close();
    expect(writer.write(entryOf("during"))).toBe(false);
    await closing;
    expect(isAccounted(writer)).toBe(true);
  });

  test("reports closed, with nothing queued, after close", async (writer) => {
    writer.write(entryOf("last"));
    await writer.close();
    expect(writer.status().state).toBe("closed");
    expect(writer.status().queued).toBe(0);
    expect(writer.status().written).toBe(1);
  });

  test("does not throw from flushSync after close", async (writer) => {
    await writer.close();
    expect(typeof writer.flushSync()).toBe("boolean");
  });
}

function declareHostileContexts<W extends Writer>({ runner, read, test }: Suite<W>): void {
  const { expect } = runner;
  for (const { label, create } of hostileValues) {
    test(`gives exactly one entry for: ${label}`, async (writer) => {
      expect(writer.write(entryOf("before the hostile one"))).toBe(true);
      expect(writer.write(entryOf("hostile", create()))).toBe(true);
      expect(writer.write(entryOf("after the hostile one"))).toBe(true);
      await writer.flush();
      expect((await read(writer, "hostile")).length).toBe(1);
      expect((await read(writer, "before the hostile one")).length).toBe(1);
      expect((await read(writer, "after the hostile one")).length).toBe(1);
      expect((await read(writer, "forged")).length).toBe(0);
      expect(Reflect.get({}, "polluted")).toBe(undefined);
    });
  }
}

/**
 * Declares the tests that every {@link Writer} must pass: order, accounting, flush, close, and contexts that break
 * others. What a writer promises beyond the port (rotation, recovery, power) its own tests must prove.
 */
export function writerConformance<W extends Writer>(
  runner: ConformanceRunner,
  subject: WriterConformanceSubject<W>,
): void {
  const suite = suiteOf(runner, subject);
  runner.describe("writer conformance: order", () => declareOrder(suite));
  runner.describe("writer conformance: accounting", () => declareAccounting(suite));
  runner.describe("writer conformance: close", () => declareClose(suite));
  runner.describe("writer conformance: hostile contexts", () => declareHostileContexts(suite));
}
