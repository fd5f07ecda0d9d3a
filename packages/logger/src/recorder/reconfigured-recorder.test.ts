import { createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sampleEntry } from "../../test/support/sample-entry.ts";
import { createFlightRecorder } from "./flight-recorder.ts";
import type { FlightRecorderOptions } from "./recorder-options.ts";

/** A recorder that keeps a, b, c, d of one container, of which b and d are on a correlation id. */
function createSubject(options: FlightRecorderOptions = {}) {
  const recorder = createFlightRecorder(options);
  const writer = createMemoryWriter();
  const record = (message: string, correlationId?: string): void =>
    recorder.record(sampleEntry({ level: "DEBUG", message, correlationId }), writer);
  for (const [message, id] of [["a"], ["b", "t_1"], ["c"], ["d", "t_1"]] as const) record(message, id);
  const released = (): string[] => {
    recorder.releaseAll();
    return writer.entries.map(({ message }) => message);
  };
  return { recorder, record, released };
}

describe("reconfiguring a recorder", () => {
  it("keeps all that fits, in its order, and knows it by container and correlation id as before", () => {
    const { recorder, record, released } = createSubject();
    recorder.reconfigure({ entriesPerContainer: 5 });
    expect(recorder.status()).toMatchObject({ recorded: 4, entries: 4, correlations: 1, forgotten: 0 });
    const other = { containerId: "other", componentName: "x" };
    expect(recorder.release({ source: other, correlationId: "t_1" })).toBe(2);
    record("e");
    expect(released()).toEqual(["b", "d", "a", "c", "e"]);
  });

  it("forgets the oldest when it shrinks, at once, and counts it", () => {
    const { recorder, released } = createSubject();
    recorder.reconfigure({ entriesPerContainer: 1, entriesPerCorrelation: 1 });
    const { recorded, written, refused, forgotten, entries } = recorder.status();
    expect([entries, forgotten, recorded]).toEqual([1, 3, written + refused + forgotten + entries]);
    expect(released()).toEqual(["d"]);
  });

  it("counts what it forgot before, and what fits nowhere any more", () => {
    const { recorder, record } = createSubject({ entriesPerContainer: 3, entriesPerCorrelation: 1 });
    record("e");
    const { forgotten, entries } = recorder.status();
    recorder.reconfigure({ bytesPerContainer: 1, bytesPerCorrelation: 1 });
    expect([forgotten, recorder.status()]).toMatchObject([2, { entries: 0, forgotten: forgotten + entries }]);
  });

  it("holds the new bounds for what comes", () => {
    const { recorder, record, released } = createSubject({ entriesPerContainer: 4, correlationsMax: 1 });
    recorder.reconfigure({ entriesPerContainer: 5 });
    for (const message of ["e", "f"]) record(message);
    // Of the container the oldest is gone; b is on its correlation id still.
    expect(released()).toEqual(["b", "c", "d", "e", "f"]);
  });

  it("has other levels, and keeps what it had of the old ones", () => {
    const { recorder, released } = createSubject();
    recorder.reconfigure({ minLevel: "INFO", triggerLevel: "CRITICAL" });
    recorder.record(sampleEntry({ level: "DEBUG", message: "e" }), createMemoryWriter());
    expect([recorder.minLevel, recorder.triggerLevel, recorder.status().entries]).toEqual([
      "INFO",
      "CRITICAL",
      4,
    ]);
    expect(released()).toEqual(["a", "b", "c", "d"]);
  });

  it.each([{ totalBytes: 0 }, { minLevel: "ERROR" as const }, { limits: { nodesMax: 0 } }])(
    "changes nothing when %j is refused",
    (options) => {
      const { recorder, released } = createSubject();
      expect(() => recorder.reconfigure({ entriesPerContainer: 1, ...options })).toThrow(RangeError);
      expect([recorder.minLevel, recorder.triggerLevel]).toEqual(["DEBUG", "ERROR"]);
      expect(released()).toEqual(["a", "b", "c", "d"]);
    },
  );
});
