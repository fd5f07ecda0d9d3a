import { createMemoryWriter, hostileValues } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sampleEntry } from "../../test/support/sample-entry.ts";
import { createFlightRecorder, type FlightRecorderStatus } from "./flight-recorder.ts";
import { entryOverheadBytes } from "./recorded-entries.ts";
import type { FlightRecorderOptions } from "./recorder-options.ts";

const alpha = { containerId: "alpha", componentName: "main" };
const beta = { containerId: "beta", componentName: "main" };

function createSubject(options: FlightRecorderOptions = {}) {
  const recorder = createFlightRecorder(options);
  const writer = createMemoryWriter();
  let timestampMs = 1000;
  const record = (message: string, correlationId?: string, source = alpha, to = writer): void => {
    timestampMs++;
    recorder.record(sampleEntry({ level: "DEBUG", message, source, correlationId, timestampMs }), to);
  };
  const messages = (): string[] => writer.entries.map((entry) => entry.message);
  return { recorder, writer, record, messages };
}

function isBalanced({ recorded, written, refused, forgotten, entries }: FlightRecorderStatus): boolean {
  return recorded === written + refused + forgotten + entries;
}

describe("an error", () => {
  it("has written what its container logged, in order of time, with the time it was logged at", () => {
    const { recorder, writer, record } = createSubject();
    record("a");
    record("elsewhere", undefined, beta);
    record("b");
    expect(recorder.release({ source: alpha, correlationId: undefined })).toBe(2);
    expect(writer.entries).toEqual([
      sampleEntry({
        level: "DEBUG",
        message: "a",
        source: alpha,
        timestampMs: 1001,
        context: { recorded: true },
      }),
      sampleEntry({
        level: "DEBUG",
        message: "b",
        source: alpha,
        timestampMs: 1003,
        context: { recorded: true },
      }),
    ]);
  });

  it("has written what other containers logged on its correlation id, and nothing else of them", () => {
    const { recorder, record, messages } = createSubject();
    record("other id", "t_2", beta);
    record("before", "t_1", beta);
    record("own", undefined, alpha);
    record("after", "t_1", beta);
    recorder.release({ source: alpha, correlationId: "t_1" });
    expect(messages()).toEqual(["before", "own", "after"]);
  });

  it("has each entry written to the stream of its own logger, in the name of the very same source", () => {
    const { recorder, writer, record } = createSubject();
    const sources: unknown[] = [];
    const other = {
      write(entry: { source: unknown }) {
        sources.push(entry.source);
        return true;
      },
    };
    record("a", "t_1");
    recorder.record(sampleEntry({ level: "DEBUG", source: beta, correlationId: "t_1" }), other);
    recorder.release({ source: alpha, correlationId: "t_1" });
    expect([writer.entries.length, sources.length, sources[0] === beta]).toEqual([1, 1, true]);
  });

  it("has each entry written once, though two rings hold it", () => {
    const { recorder, record, messages } = createSubject();
    record("a", "t_1");
    expect(recorder.release({ source: beta, correlationId: "t_1" })).toBe(1);
    expect(recorder.release({ source: alpha, correlationId: "t_1" })).toBe(0);
    expect([messages(), recorder.status().entries, recorder.status().bytes]).toEqual([["a"], 0, 0]);
  });

  it("finds nothing that a writer logs in turn while it is written", () => {
    const { recorder, record, messages, writer } = createSubject();
    const nested = {
      write(entry: Parameters<typeof writer.write>[0]) {
        recorder.release({ source: alpha, correlationId: "t_1" });
        const isRight = isBalanced(recorder.status());
        return writer.write({ ...entry, message: `${entry.message} ${isRight}` });
      },
    };
    for (const message of ["a", "b"]) {
      recorder.record(sampleEntry({ level: "DEBUG", message, source: alpha }), nested);
    }
    record("c");
    recorder.release({ source: alpha, correlationId: undefined });
    expect(messages()).toEqual(["a true", "b true", "c"]);
  });
});

describe("a recorded entry", () => {
  it("says what it said when it was logged, whatever becomes of the caller's objects", () => {
    const { recorder, writer } = createSubject();
    const context = { order: { price: 1 }, list: [1] };
    recorder.record(sampleEntry({ level: "DEBUG", context }), writer);
    context.order.price = 2;
    context.list.push(2);
    recorder.releaseAll();
    expect(writer.entries[0]?.context).toEqual({ order: { price: 1 }, list: [1], recorded: true });
  });

  it("keeps ids, scope and text beyond ASCII", () => {
    const { recorder, writer } = createSubject();
    const ids = { correlationId: "t_1", eventId: "e", traceId: "0".repeat(32), spanId: "1".repeat(16) };
    const entry = sampleEntry({ level: "TRACE", message: "größer 日本 😀", scope: "custom:é", ...ids });
    const { recorder: all } = createSubject({ minLevel: "TRACE" });
    for (const each of [recorder, all]) each.record(entry, writer);
    expect([recorder.releaseAll(), all.releaseAll()]).toEqual([0, 1]);
    expect(writer.entries).toEqual([{ ...entry, context: { recorded: true } }]);
  });

  it("keeps a field of the caller that has the name of the mark", () => {
    const { recorder, writer } = createSubject();
    recorder.record(sampleEntry({ level: "DEBUG", context: { recorded: "mine" } }), writer);
    recorder.releaseAll();
    expect(writer.entries[0]?.context).toEqual({ recorded_value: "mine", recorded: true });
  });

  it.each(hostileValues)("may hold anything: $label", ({ create }) => {
    const { recorder, writer } = createSubject();
    recorder.record(sampleEntry({ level: "DEBUG", context: create() }), writer);
    const { recorded, missed } = recorder.status();
    expect([recorded + missed, recorder.releaseAll()]).toEqual([1, recorded]);
  });

  it("is cut where its limits say", () => {
    const { recorder, writer } = createSubject({ limits: { stringUnitsMax: 4 } });
    recorder.record(sampleEntry({ level: "DEBUG", context: { text: "abcdefgh" } }), writer);
    recorder.releaseAll();
    expect(writer.entries[0]?.context).toEqual({ text: "abcd…[+4]", recorded: true });
  });

  it("may log others while it is encoded, up to eight deep", () => {
    const { recorder, writer } = createSubject();
    const nest = (depth: number): void => {
      const context = {
        depth,
        get inner() {
          if (depth < 10) nest(depth + 1);
          return "made";
        },
      };
      recorder.record(sampleEntry({ level: "DEBUG", context }), writer);
    };
    nest(1);
    recorder.releaseAll();
    const depths = writer.entries.map((entry) => entry.context);
    expect(depths).toEqual(
      [8, 7, 6, 5, 4, 3, 2, 1].map((depth) => ({ depth, inner: "made", recorded: true })),
    );
    expect(recorder.status()).toMatchObject({ recorded: 8, missed: 1 });
  });
});

describe("a ring", () => {
  it("of a container forgets its oldest beyond its entries", () => {
    const { recorder, record, messages } = createSubject({ entriesPerContainer: 2 });
    for (const message of ["a", "b", "c"]) record(message);
    record("other", undefined, beta);
    recorder.releaseAll();
    expect([messages(), recorder.status().forgotten]).toEqual([["b", "c", "other"], 1]);
  });

  it("of a container forgets its oldest beyond its bytes", () => {
    const { recorder, record, messages } = createSubject({ bytesPerContainer: 800 });
    for (const message of ["a", "b", "c"]) record(message.repeat(200));
    recorder.release({ source: alpha, correlationId: undefined });
    expect(messages()).toEqual(["b".repeat(200), "c".repeat(200)]);
  });

  it("of a correlation id keeps what that of its container has forgotten", () => {
    const { recorder, record, messages } = createSubject({ entriesPerContainer: 1 });
    record("a", "t_1");
    record("b");
    expect(recorder.status()).toMatchObject({ entries: 2, forgotten: 0 });
    recorder.release({ source: beta, correlationId: "t_1" });
    expect(messages()).toEqual(["a"]);
  });

  it("of a container keeps what that of its correlation id has forgotten", () => {
    const { recorder, record, messages } = createSubject({ entriesPerCorrelation: 1 });
    record("a", "t_1");
    record("b", "t_1");
    recorder.release({ source: beta, correlationId: "t_1" });
    recorder.release({ source: alpha, correlationId: undefined });
    expect(messages()).toEqual(["b", "a"]);
  });

  it("does not take an entry that is longer than itself, which is counted when no ring does", () => {
    const { recorder, record, messages } = createSubject({
      bytesPerContainer: 300,
      bytesPerCorrelation: 300,
    });
    record("short", "t_1");
    record("x".repeat(300), "t_1");
    recorder.releaseAll();
    expect([messages(), recorder.status().missed]).toEqual([["short"], 1]);
  });
});

describe("correlation ids", () => {
  it("beyond the limit are forgotten, the one longest unused first", () => {
    const options = { correlationsMax: 2, entriesPerContainer: 1 };
    const { recorder, record, messages } = createSubject(options);
    for (const id of ["t_1", "t_2", "t_1", "t_3"]) record(id, id);
    expect(recorder.status().correlations).toBe(2);
    for (const id of ["t_1", "t_2", "t_3"]) recorder.release({ source: beta, correlationId: id });
    expect(messages()).toEqual(["t_1", "t_1", "t_3"]);
  });

  it("are gone with their last entry", () => {
    const { recorder, record } = createSubject();
    record("a", "t_1");
    recorder.release({ source: alpha, correlationId: undefined });
    expect(recorder.status().correlations).toBe(0);
  });
});

describe("all rings together", () => {
  it("forget the oldest entry beyond their bytes, whosever it is", () => {
    const { recorder, record, messages } = createSubject({ totalBytes: 3 * (entryOverheadBytes + 250) });
    record("a", "t_1");
    for (const message of ["b", "c", "d"]) record(message, undefined, beta);
    expect(recorder.status().bytes).toBeLessThanOrEqual(3 * (entryOverheadBytes + 250));
    recorder.releaseAll();
    expect([messages(), recorder.status().correlations]).toEqual([["b", "c", "d"], 0]);
  });
});

describe("what cannot be written", () => {
  it("is counted: a writer that refuses, and one that throws against its contract", () => {
    const { recorder, record, writer, messages } = createSubject();
    writer.failNext();
    for (const message of ["a", "b"]) record(message);
    const broken = {
      write(): boolean {
        throw new Error("broken");
      },
    };
    recorder.record(sampleEntry({ level: "DEBUG", source: alpha }), broken);
    expect([recorder.releaseAll(), messages()]).toEqual([1, ["b"]]);
    expect(recorder.status()).toMatchObject({ recorded: 3, written: 1, refused: 2, entries: 0 });
  });

  it("is forgotten with its logger, while others of the container stay", () => {
    const { recorder, record, messages, writer } = createSubject();
    const other = createMemoryWriter();
    record("goes", "t_1", alpha, other);
    record("stays", "t_1", alpha, writer);
    recorder.forget("alpha", other);
    recorder.forget("unknown", other);
    expect(recorder.status()).toMatchObject({ entries: 1, forgotten: 1 });
    recorder.release({ source: beta, correlationId: "t_1" });
    expect([messages(), other.entries]).toEqual([["stays"], []]);
  });

  it("is forgotten with its logger also where only its correlation id has it yet", () => {
    const { recorder, record, messages, writer } = createSubject({ entriesPerContainer: 1 });
    const other = createMemoryWriter();
    for (const id of ["t_1", "t_2", "t_3"]) record("goes", id, alpha, other);
    record("stays", "t_1", alpha, writer);
    recorder.forget("alpha", other);
    expect(recorder.status()).toMatchObject({ entries: 1, correlations: 1, forgotten: 3 });
    recorder.releaseAll();
    expect([messages(), other.entries, recorder.status().refused]).toEqual([["stays"], [], 0]);
  });
});

describe("options", () => {
  it.each<FlightRecorderOptions>([
    { entriesPerContainer: 0 },
    { bytesPerContainer: 1.5 },
    { entriesPerCorrelation: Number.NaN },
    { bytesPerCorrelation: -1 },
    { correlationsMax: 0 },
    { totalBytes: Number.POSITIVE_INFINITY },
    { minLevel: "ERROR" },
    { minLevel: "CRITICAL", triggerLevel: "ERROR" },
    { triggerLevel: "LOUD" as "ERROR" },
    { limits: { depthMax: 0 } },
  ])("%o are refused", (options) => {
    expect(() => createFlightRecorder(options)).toThrow(RangeError);
  });
});
