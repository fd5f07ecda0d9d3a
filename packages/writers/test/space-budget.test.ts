import type { FileSystem } from "@waybill/protocols";
import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createSpaceBudget } from "../src/space/space-budget.ts";
import type { StreamOptions } from "../src/writer-options.ts";
import { closePlaced, placements } from "./support/placements.ts";
import {
  codeOfRejection,
  directory,
  entryOf,
  gapsOf,
  numbersOf,
  openSubject,
  range,
  readStream,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

afterEach(closePlaced);

/** An entry of a test is a little shorter. */
const lineBytesMax = 260;

/** Bytes of all files of a directory. */
function bytesIn(files: Pick<FileSystem, "lstat" | "readdir">, where = directory): number {
  if (files.lstat(where) === undefined) return 0;
  return files
    .readdir(where)
    .reduce((sum, { name }) => sum + (files.lstat(`${where}/${name}`)?.size ?? 0), 0);
}

describe.each(placements)("streams that may write so much together, $name", (placement) => {
  function open(bytes: number, options: StreamOptions = {}) {
    const space = createSpaceBudget();
    space.set(bytes);
    const told: string[] = [];
    const stream = placement.open(options, {
      space,
      onPressure: () => void told.push("pressure"),
      onFailure: ({ code }) => void told.push(code),
      onRecovered: () => void told.push("recovered"),
    });
    const onDisk = () => bytesIn(stream.files, stream.directory);
    return { ...stream, space, told, onDisk };
  }

  async function exhausted(options: StreamOptions = {}) {
    const subject = open(5000, options);
    writeRange(subject.writer, 1, 100);
    expect(await codeOfRejection(subject.writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    return subject;
  }

  it("never hold more, hold all whole lines that fit, and tell so", async () => {
    const { writer, onDisk, told, eventually, entries } = await exhausted();
    await eventually(() => told.includes("pressure"));
    expect(writer.flushSync()).toBe(false);
    expect(told.sort()).toEqual(["WAYBILL_SPACE_EXHAUSTED", "pressure"]);
    expect(writer.status()).toMatchObject({
      state: "degraded",
      dropped: 0,
      lastFailure: { code: "WAYBILL_SPACE_EXHAUSTED" },
    });
    expect(onDisk()).toBeLessThanOrEqual(5000);
    expect(onDisk()).toBeGreaterThan(5000 - lineBytesMax);
    expect(numbersOf(entries())).toEqual(range(1, writer.status().written));
  });

  it("write the rest by themselves as far as room is added, and tell of pressure again", async () => {
    const { writer, space, onDisk, told, numbers, eventually } = await exhausted();
    await eventually(() => told.includes("pressure"));
    told.length = 0;
    space.add(3000);
    await eventually(() => told.includes("pressure"));
    expect(onDisk()).toBeLessThanOrEqual(8000);
    expect(onDisk()).toBeGreaterThan(8000 - lineBytesMax);
    await eventually(() => writer.status().written === numbers().length);
    expect(writer.status().state).toBe("degraded");
    space.add(100_000);
    await eventually(() => told.includes("recovered"));
    expect(numbers()).toEqual(range(1, 100));
    expect(writer.status()).toMatchObject({ state: "open", written: 100, queued: 0, dropped: 0 });
    expect(told).toEqual(["pressure", "recovered"]);
    expect(space.takenBytes).toBe(onDisk());
  });

  it("share it, whichever of them writes", async () => {
    const { pool, space, directory: folder, onDisk, eventually } = open(5000);
    const writers = range(1, 5).map((n) => pool.open(`${folder}/c${n}.log`));
    for (const writer of writers) writeRange(writer, 1, 20);
    await codeOfRejection(pool.flush());
    expect(onDisk()).toBeLessThanOrEqual(5000);
    expect(onDisk()).toBeGreaterThan(5000 - lineBytesMax);
    space.set(Number.POSITIVE_INFINITY);
    await eventually(() => pool.status().queued === 0);
    expect(pool.status()).toMatchObject({ written: 100, dropped: 0, degraded: 0 });
  });

  it("drop beyond their queue, and tell so in the file once there is room", async () => {
    const { writer, space, onDisk, eventually, entries } = open(5000, { queueBytesMax: 4096 });
    let n = 0;
    do {
      writeRange(writer, n + 1, n + 5);
      n += 5;
    } while ((await codeOfRejection(writer.flush())) === "resolved");
    while (n < 2000) {
      writer.write(entryOf(++n));
      expect(unaccounted(writer)).toBe(0);
    }
    await codeOfRejection(writer.flush());
    expect(onDisk()).toBeLessThanOrEqual(5000);
    space.add(1_000_000);
    await eventually(() => writer.status().queued === 0);
    await writer.flush();
    const gaps = gapsOf(entries());
    const { dropped, written } = writer.status();
    expect(dropped).toBeGreaterThan(1000);
    expect(gaps.reduce((sum, gap) => sum + Number(gap["dropped"]), 0)).toBe(dropped);
    expect(gaps.map(({ reason }) => reason)).toContain("WAYBILL_SPACE_EXHAUSTED");
    expect(numbersOf(entries())).toHaveLength(written);
  });

  it("are sealed as ever, and never hold more over all segments", async () => {
    const { writer, space, onDisk, numbers, eventually } = await exhausted({ segmentBytesMax: 1024 });
    expect(onDisk()).toBeLessThanOrEqual(5000);
    expect(onDisk()).toBeGreaterThan(5000 - lineBytesMax);
    space.add(100_000);
    await eventually(() => writer.status().queued === 0);
    expect(numbers()).toEqual(range(1, 100));
  });

  it("count what waits at close as dropped, and hold no more", async () => {
    const { writer, onDisk } = await exhausted();
    const { written } = writer.status();
    expect(await codeOfRejection(writer.close())).toBe("WAYBILL_FLUSH_FAILED");
    expect(writer.status()).toMatchObject({ state: "closed", written, queued: 0, dropped: 100 - written });
    expect(onDisk()).toBeLessThanOrEqual(5000);
  });

  it("wait without a file when there is no room for anything", async () => {
    const { writer, space, onDisk, numbers, eventually } = open(0);
    writeRange(writer, 1, 3);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    expect([onDisk(), writer.status().queued]).toEqual([0, 3]);
    space.set(10_000);
    await eventually(() => writer.status().queued === 0);
    expect(numbers()).toEqual([1, 2, 3]);
  });
});

describe("a stream in need of room", () => {
  /** One entry is written, three wait; all are of the same length. */
  function exhausted() {
    const clock = createFakeClock();
    const files = createFaultyFileSystem({ clock });
    const space = createSpaceBudget();
    const subject = openSubject({}, { files, clock, poolOptions: { space } });
    writeRange(subject.writer, 1, 1);
    subject.writer.flushSync();
    const lineBytes = space.takenBytes;
    space.set(0);
    writeRange(subject.writer, 2, 4);
    subject.writer.flushSync();
    return { ...subject, space, lineBytes };
  }

  it("has it within 20 ms of room being added, however long it waited, for exactly the lines that fit", () => {
    const { clock, writer, space, lineBytes } = exhausted();
    for (const written of [2, 3, 4]) {
      clock.advance(60_000);
      space.add(lineBytes - 1);
      clock.advance(20);
      expect(writer.status()).toMatchObject({ state: "degraded", written: written - 1 });
      space.add(1);
      clock.advance(20);
      expect(writer.status().written).toBe(written);
    }
    expect(writer.status()).toMatchObject({ state: "open", queued: 0 });
  });

  it("has it as soon after many failures of the device, and a device is tried as soon after much waiting", () => {
    const { clock, files, writer, space, lineBytes } = exhausted();
    for (let count = 0; count < 10; count++) writer.flushSync();
    files.inject({ verb: "write", error: "EIO", times: 8 });
    space.add(lineBytes);
    clock.advance(12);
    expect(writer.status().lastFailure?.code).toBe("EIO");
    clock.advance(5000);
    expect(writer.status()).toMatchObject({ written: 2, lastFailure: { code: "WAYBILL_SPACE_EXHAUSTED" } });
    space.add(2 * lineBytes);
    clock.advance(20);
    expect(writer.status()).toMatchObject({ state: "open", written: 4 });
  });

  it("does not try the file in vain meanwhile", () => {
    const { clock, files } = exhausted();
    // What is not used for long is closed.
    clock.advance(200_000);
    const { length } = files.operations;
    clock.advance(60_000);
    expect(files.operations).toHaveLength(length);
  });

  it("gives back what the device did not take", () => {
    const { clock, files, writer, space, lineBytes } = exhausted();
    const all = lineBytes + 10_000;
    files.inject({ verb: "write", shortWriteBytes: 30 });
    files.inject({ verb: "write", error: "ENOSPC", times: 1 });
    space.add(10_000);
    clock.advance(12);
    files.clearFaults();
    expect(writer.status().state).toBe("degraded");
    expect([bytesIn(files), space.remainingBytes]).toEqual([lineBytes + 30, all - lineBytes - 30]);
    clock.advance(2000);
    expect(writer.status()).toMatchObject({ state: "open", written: 4 });
    expect([bytesIn(files), space.remainingBytes]).toEqual([4 * lineBytes, all - 4 * lineBytes]);
  });

  it("moves a torn end aside when there is room for all of it, and takes nothing for it before", () => {
    const { clock, files, pool, writer, space, lineBytes } = exhausted();
    const whole = Buffer.from(files.outside.readFile(`${directory}/app.log`)).toString();
    files.outside.writeFile(`${directory}/torn.log`, `${whole}{"half":\n"${"x".repeat(1000)}`);
    const other = pool.open(`${directory}/torn.log`);
    writeRange(other, 1, 1);
    other.flushSync();
    space.add(3 * lineBytes + 500);
    clock.advance(20);
    expect([writer.status().written, other.status().written]).toEqual([4, 0]);
    expect(space.remainingBytes).toBe(500);
    space.add(2000);
    clock.advance(20);
    expect(other.status().written).toBe(1);
    // What lay there before was not taken.
    expect(bytesIn(files)).toBe(space.takenBytes + lineBytes);
  });
});

describe("onPressure", () => {
  it("is told in a later turn, lets the application make room, and may throw", async () => {
    const space = createSpaceBudget({ pressureBytes: 1000 });
    space.set(2000);
    let isInWrite = false;
    const told: boolean[] = [];
    const onPressure = () => {
      told.push(isInWrite);
      space.add(2000);
      throw new Error("of the application");
    };
    const { writer, clock, files } = openSubject({ mode: "sync" }, { poolOptions: { space, onPressure } });
    for (const n of range(1, 50)) {
      isInWrite = true;
      writer.write(entryOf(n));
      isInWrite = false;
      await Promise.resolve();
    }
    expect(told.length).toBeGreaterThan(3);
    expect(told).not.toContain(true);
    expect(writer.status()).toMatchObject({ state: "open", written: 50 });
    clock.advance(20);
    expect(numbersOf(readStream(files))).toEqual(range(1, 50));
  });
});
