import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { treeUsage } from "../test/support/snapshots.ts";
import { createSourceReader } from "./read-sources.ts";

const device = { freeBytes: 1, capacityBytes: 2 };

describe("createSourceReader", () => {
  it("reads sources that answer at once and later, and leaves out those that are not there", async () => {
    const tree = treeUsage({ totalBytes: 7 });
    const reader = createSourceReader(
      { tree: () => tree, device: async () => device },
      createFakeClock(),
      1000,
    );
    expect(await reader.read()).toEqual({ measurements: { tree, device }, unmeasured: [] });
  });

  it("names those that throw, reject, or throw what cannot be printed", async () => {
    const hostile = {
      toString: () => {
        throw new Error("no");
      },
    };
    const reader = createSourceReader(
      {
        tree: () => {
          throw new Error("EIO");
        },
        device: () => Promise.reject(new TypeError()),
        entries: async () => {
          throw hostile;
        },
      },
      createFakeClock(),
      1000,
    );
    expect(await reader.read()).toEqual({
      measurements: {},
      unmeasured: [
        { source: "tree", reason: "EIO" },
        { source: "device", reason: "TypeError" },
        { source: "entries", reason: "unknown failure" },
      ],
    });
  });

  it("does not wait for a hung source, nor ask it again until it has answered", async () => {
    const clock = createFakeClock();
    const answers: ((answer: typeof device) => void)[] = [];
    const reader = createSourceReader(
      { tree: () => treeUsage(), device: () => new Promise((resolve) => void answers.push(resolve)) },
      clock,
      1000,
    );
    const first = reader.read();
    await clock.advanceAsync(1000);
    const reasons = [(await first).unmeasured, (await reader.read()).unmeasured];
    answers[0]?.(device);
    await clock.advanceAsync(0);
    const third = reader.read();
    answers[1]?.(device);
    expect(reasons.flat()).toEqual([
      { source: "device", reason: "gave no answer in 1000 ms" },
      { source: "device", reason: "has not answered the last call yet" },
    ]);
    expect((await third).measurements).toEqual({ tree: treeUsage(), device });
    expect((await first).measurements).toEqual({ tree: treeUsage() });
  });

  it("leaves no timer behind", async () => {
    const clock = createFakeClock();
    await createSourceReader({ device: async () => device }, clock, 1000).read();
    expect(clock.pendingTimers).toBe(0);
  });
});
