import { closeSync, openSync, writeSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createTreeLayout } from "@waybill/log-tree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archiveSegment, bundleLogs, verifyArchive } from "../src/index.ts";
import { createWorkplace, type Workplace } from "./support/real-tree.ts";
import { lineOf, sealedSegments, startMs } from "./support/sealed-tree.ts";

const bytesTotal = 200_000_000;
/**
 * Measured on two shared cores: 18 ms at most while 200 MB are archived, 14 while they are verified. One call that
 * compresses or hashes all of them takes 1,000 ms and more.
 */
const stallMsMax = 250;

let place: Workplace;
beforeEach(() => {
  place = createWorkplace();
  place.place([
    { container: "c1", component: "app", firstSeq: 1, count: 1, seal: { sealedMs: startMs, number: 1 } },
  ]);
});
afterEach(() => place.remove());

/** @returns the longest time, in ms, that the event loop was held. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await work();
  delays.disable();
  return delays.max / 1e6;
}

describe("the event loop", () => {
  it("turns on while 200 MB are archived, verified and bundled, in memory that does not grow with them", async () => {
    const [{ path: file } = { path: "" }] = await sealedSegments(place.root);
    const fd = openSync(file, "a");
    for (let bytes = 0, seq = 1; bytes < bytesTotal; seq += 5000) {
      const lines = Array.from({ length: 5000 }, (_, at) => lineOf("c1", "app", seq + at)).join("");
      bytes += writeSync(fd, lines);
    }
    closeSync(fd);
    const layout = createTreeLayout(place.root);
    const [segment] = await sealedSegments(place.root);
    if (segment === undefined) throw new Error("no sealed segment");
    const before = process.memoryUsage.rss();
    const stalls = [
      await longestStall(() => archiveSegment(segment, { layout })),
      await longestStall(() => verifyArchive(place.root, { deep: true })),
      await longestStall(() => bundleLogs(place.root, { container: "c1" }, `${place.root}.tar.gz`)),
    ];
    expect(segment.bytes).toBeGreaterThan(bytesTotal);
    expect(Math.max(...stalls), `stalls of ${stalls.map(Math.round).join(", ")} ms`).toBeLessThan(stallMsMax);
    expect(process.memoryUsage.rss() - before).toBeLessThan(bytesTotal / 2);
  }, 120_000);
});
