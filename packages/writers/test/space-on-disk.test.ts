import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { createFakeClock } from "@waybill/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compressSegment, SegmentCompressor } from "../src/compressor.ts";
import { createSpaceBudget } from "../src/space/space-budget.ts";
import { spaceExhausted } from "../src/space/space-exhausted.ts";
import { codeOfRejection, range } from "./support/stream-subject.ts";

/** An entry of a test is a little shorter. */
const lineBytesMax = 260;

describe("a budget on disk", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "waybill-space-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const sizeOfAll = () =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);

  it.each(["inline", "worker"])(
    "holds at the end of the process, which is not kept waiting: %s",
    (placement) => {
      const child = fileURLToPath(new URL("./support/space-exit-child.mjs", import.meta.url));
      const dist = new URL("../dist/index.js", import.meta.url).href;
      const beganMs = performance.now();
      const { status } = spawnSync(process.execPath, [child, dist, folder, placement, "20000"], {
        timeout: 20_000,
      });
      expect(status).toBe(0);
      expect(performance.now() - beganMs).toBeLessThan(5000);
      const written = statSync(path.join(folder, "app.log")).size;
      expect(sizeOfAll()).toBeLessThanOrEqual(20_000);
      expect(written).toBeGreaterThan(20_000 - 3 * lineBytesMax);
    },
  );

  it("takes a gzip, gives it back when it does not fit, and leaves the segment then", async () => {
    const sealed = path.join(folder, "app.20260101T000000000Z-000001.log");
    const noise = Array.from(
      { length: 4000 },
      (_, n) => `{"n":${(n * 2_654_435_761) % 4_294_967_296}}\n`,
    ).join("");
    writeFileSync(sealed, noise);
    const space = createSpaceBudget();
    space.set(5000);
    expect(await codeOfRejection(compressSegment(sealed, { space }))).toBe("WAYBILL_SPACE_EXHAUSTED");
    expect([readdirSync(folder), space.remainingBytes, space.takenBytes]).toEqual([
      [path.basename(sealed)],
      5000,
      0,
    ]);
    space.set(100_000);
    const { packedBytes } = await compressSegment(sealed, { space });
    expect([existsSync(sealed), space.takenBytes, space.remainingBytes]).toEqual([
      false,
      packedBytes,
      100_000 - packedBytes,
    ]);
  });

  it("has a segment tried again after a minute for which there was no space, and no failure told", async () => {
    const clock = createFakeClock();
    const told: string[] = [];
    const listeners = {
      onFailure: () => void told.push("failure"),
      onCompressed: () => void told.push("compressed"),
    };
    let tries = 0;
    const compressor = new SegmentCompressor(clock, listeners, async () => {
      if (tries++ < 2) throw spaceExhausted(1, 0);
    });
    compressor.schedule("/logs/app.20260101T000000000Z-000001.log", 0);
    for (const _ of range(1, 3)) {
      await clock.advanceAsync(60_000);
      await compressor.settled();
    }
    expect([tries, told]).toEqual([3, ["compressed"]]);
    await compressor.close();
  });

  it("is never exceeded by threads that take at the same time", async () => {
    const space = createSpaceBudget();
    space.set(0);
    const url = new URL("../dist/space/space-account.js", import.meta.url).href;
    const workers = range(1, 3).map(
      (seed) =>
        new Worker(new URL("./support/space-taker.mjs", import.meta.url), {
          workerData: { url, memory: space.memory, seed },
        }),
    );
    let granted = 0;
    const grant = setInterval(() => {
      space.add(100_000);
      granted += 100_000;
    }, 1);
    const results = await Promise.all(
      workers.map(async (worker) => (await once(worker, "message"))[0] as Taken),
    );
    clearInterval(grant);
    const written = results.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(results.map(({ over }) => over)).toEqual([0, 0, 0]);
    expect(results.every(({ refused, takes }) => refused > 0 && takes > 0)).toBe(true);
    expect([space.takenBytes, space.remainingBytes]).toEqual([written, granted - written]);
  });
});

interface Taken {
  readonly bytes: number;
  readonly takes: number;
  readonly refused: number;
  /** How often more was taken than granted. */
  readonly over: number;
}
