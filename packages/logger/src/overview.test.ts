import type { Level } from "@waybill/protocols";
import { createMemoryWriter } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sampleEntry } from "../test/support/sample-entry.ts";
import { createCorrelationIndex } from "./correlation-index.ts";
import { createOverview, overviewWriter } from "./overview.ts";
import { createFlightRecorder } from "./recorder/flight-recorder.ts";

function createSubject(minLevel: Level = "INFO") {
  const stream = createMemoryWriter({ fail: ({ message }) => message === "refused" });
  const summary = createMemoryWriter();
  const index = createMemoryWriter();
  const correlations = createCorrelationIndex({ writerFor: () => index });
  const overview = createOverview({ summary: { writer: summary, minLevel }, correlations });
  return { stream, summary, index, overview, writer: overviewWriter(stream, overview) };
}

describe("an overview", () => {
  it("gets what a stream gets, from its level on", () => {
    const { stream, summary, writer } = createSubject("WARNING");
    for (const level of ["INFO", "WARNING", "ERROR"] as const) writer.write(sampleEntry({ level }));
    expect([stream.entries.length, summary.entries.map(({ level }) => level)]).toEqual([
      3,
      ["WARNING", "ERROR"],
    ]);
  });

  it("takes another level from the next entry on, and refuses what is none", () => {
    const { summary, overview, writer } = createSubject("ERROR");
    writer.write(sampleEntry());
    overview.minLevel = "INFO";
    writer.write(sampleEntry({ message: "now" }));
    expect(summary.entries.map(({ message }) => message)).toEqual(["now"]);
    expect(() => {
      overview.minLevel = JSON.parse('"loud"');
    }).toThrow(RangeError);
    expect(overview.minLevel).toBe("INFO");
  });

  it("sums up and indexes an entry that its stream has refused: it happened all the same", () => {
    const { summary, index, writer } = createSubject();
    expect(writer.write(sampleEntry({ message: "refused", correlationId: "t_1" }))).toBe(false);
    expect([summary.entries.length, index.entries.length]).toEqual([1, 1]);
  });

  it("indexes what a recorder releases and the stream takes, and sums up none of it", () => {
    const { summary, index, writer } = createSubject("TRACE");
    const recorder = createFlightRecorder();
    recorder.record(sampleEntry({ message: "taken", correlationId: "t_1" }), writer);
    recorder.record(sampleEntry({ message: "refused", correlationId: "t_2" }), writer);
    recorder.releaseAll();
    expect(index.entries.map(({ correlationId }) => correlationId)).toEqual(["t_1"]);
    expect(summary.entries).toEqual([]);
  });

  it("stays open when a stream is closed", async () => {
    const { stream, summary, writer } = createSubject();
    await writer.close();
    expect([stream.status().state, summary.status().state]).toEqual(["closed", "open"]);
  });
});
