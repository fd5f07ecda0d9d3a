import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Contestant } from "./contestant.ts";
import { withFanOut } from "./fan-out.ts";
import { createEventTrace } from "./trace-events.ts";
import type { BenchEntry } from "./workload.ts";

const stream = { containerId: "c", componentName: "x", file: "x.log" };
const entry: BenchEntry = {
  stream: 0,
  level: "info",
  message: "m",
  scope: "component_internal",
  correlationId: undefined,
  context: { a: 1 },
  isTraced: true,
};

/** The numbers of the streams that a fan-out around nothing writes to: 0 own, 1 master, 2 flows, 3 ids, 4 errors. */
async function streamsOf(drive: (contestant: Contestant) => void): Promise<number[]> {
  const root = mkdtempSync(join(tmpdir(), "waybill-fan-out-"));
  const written: number[] = [];
  const open = withFanOut(() => ({
    write: (each) => void written.push(each.stream),
    close: () => Promise.resolve(),
  }));
  try {
    drive(await open({ root, streams: [stream], mode: "batched" }));
  } finally {
    rmSync(root, { recursive: true });
  }
  return written;
}

describe("withFanOut", () => {
  it("copies INFO and above to master, and not DEBUG", async () => {
    expect(await streamsOf((all) => all.write(entry))).toEqual([0, 1]);
    expect(await streamsOf((all) => all.write({ ...entry, level: "debug" }))).toEqual([0]);
  });

  it("writes a correlation id to its index at first sight only", async () => {
    const withId = { ...entry, correlationId: "trade_1" };
    const written = await streamsOf((all) => {
      all.write(withId);
      all.write(withId);
    });
    expect(written).toEqual([0, 1, 3, 0, 1]);
  });

  it("writes each error with a correlation id to the errors", async () => {
    const failed: BenchEntry = { ...entry, level: "error", correlationId: "trade_1" };
    const written = await streamsOf((all) => {
      all.write(failed);
      all.write(failed);
    });
    expect(written).toEqual([0, 1, 3, 4, 0, 1, 4]);
  });

  it("writes each traced phase to the flows", async () => {
    expect(await streamsOf((all) => createEventTrace(all, [stream])(entry))).toEqual([2]);
  });
});

describe("createEventTrace", () => {
  it("publishes, receives and finishes each event in turn", () => {
    const phases: string[] = [];
    const trace = createEventTrace(
      {
        write: () => undefined,
        trace: ({ phase, eventId }) => void phases.push(`${phase} ${eventId}`),
        close: () => Promise.resolve(),
      },
      [stream],
    );
    for (let index = 0; index < 4; index++) trace(entry);
    expect(phases).toEqual(["publish evt_0", "receive evt_0", "finish evt_0", "publish evt_3"]);
  });
});
