import { describe, expect, it } from "vitest";
import { StreamCounters, streamsPerTable } from "./stream-counters.ts";

describe("StreamCounters", () => {
  const closed = {
    written: 2 ** 40,
    dropped: 3,
    bytesWritten: 2 ** 53 - 1,
    queuedBytes: 5,
    untold: 6,
    activeBytes: 7,
    lastWriteMs: 8,
    state: "closed" as const,
  };

  it("shows the other side what was published, in every slot for itself", () => {
    const memory = StreamCounters.createMemory();
    const [writing, reading] = [new StreamCounters(memory), new StreamCounters(memory)];
    for (let slot = 0; slot < streamsPerTable; slot++) writing.publish(slot, { ...closed, written: slot });
    const read = Array.from({ length: streamsPerTable }, (_, slot) => reading.read(slot));
    expect(read).toEqual(read.map((_, slot) => ({ ...closed, written: slot })));
  });

  it.each(["open", "degraded", "closed"] as const)("keeps large numbers and the state %s", (state) => {
    const counters = new StreamCounters(StreamCounters.createMemory());
    counters.publish(7, { ...closed, state });
    expect(counters.read(7)).toEqual({ ...closed, state });
  });

  it("begins with an open stream that has counted nothing", () => {
    const counters = new StreamCounters(StreamCounters.createMemory());
    expect(counters.read(streamsPerTable - 1)).toEqual({
      written: 0,
      dropped: 0,
      bytesWritten: 0,
      queuedBytes: 0,
      untold: 0,
      activeBytes: 0,
      lastWriteMs: 0,
      state: "open",
    });
  });
});
