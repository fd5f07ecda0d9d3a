import { createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createWriterPool } from "../src/writer-pool.ts";
import {
  activePath,
  codeOfRejection,
  directory,
  entryOf,
  numbersOf,
  openSubject,
  readStream,
} from "./support/stream-subject.ts";

describe("handles on one path", () => {
  it("write into one file, in order, under one numbering", async () => {
    const { pool, writer, files } = openSubject();
    const second = pool.open(`${directory}/../c1/app.log`);
    writer.write(entryOf(1));
    second.write(entryOf(2));
    await pool.flush();
    expect(readStream(files).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(pool.status().streams).toBe(1);
  });

  it("end one by one: the file is closed with the last", async () => {
    const { pool, writer, files } = openSubject();
    const second = pool.open(activePath);
    writer.write(entryOf(1));
    await writer.close();
    expect(numbersOf(readStream(files))).toEqual([1]);
    expect(writer.write(entryOf(9))).toBe(false);
    expect(writer.status().state).toBe("closed");
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_WRITER_CLOSED");
    expect(second.write(entryOf(2))).toBe(true);
    expect(files.openDescriptors).toBe(1);
    await writer.close();
    await second.close();
    expect(files.openDescriptors).toBe(0);
    expect(numbersOf(readStream(files))).toEqual([1, 2]);
    expect(pool.status()).toMatchObject({ streams: 0, accepted: 2, written: 2 });
  });

  it("can be opened again after the last was closed, and go on counting", async () => {
    const { pool, writer, files } = openSubject();
    writer.write(entryOf(1));
    await writer.close();
    const again = pool.open(activePath, { mode: "sync" });
    again.write(entryOf(2));
    expect(readStream(files).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(writer.write(entryOf(3))).toBe(false);
    await pool.close();
    expect(pool.status()).toMatchObject({ accepted: 2, written: 2, streams: 0, descriptors: 0 });
  });

  it("are refused with other options", () => {
    const { pool } = openSubject({ mode: "sync" });
    const open = () => pool.open(activePath, { mode: "durable" });
    expect(open).toThrow(expect.objectContaining({ code: "WAYBILL_WRITER_CONFLICT" }));
    expect(open).toThrow(/mode sync, not durable/);
  });
});

describe("a pool", () => {
  it.each([0, -1, 1.5, Number.NaN])("refuses %d descriptors", (descriptorsMax) => {
    expect(() => createWriterPool({ descriptorsMax })).toThrow(RangeError);
  });

  it("adds up the counters of its streams", async () => {
    const { pool, writer, files } = openSubject();
    const other = pool.open(`${directory}/other.log`);
    files.inject({ verb: "write", error: "EIO", path: "other", times: Number.POSITIVE_INFINITY });
    writer.write(entryOf(1, "ERROR"));
    other.write(entryOf(2, "ERROR"));
    other.write(entryOf(3));
    expect(pool.status()).toMatchObject({
      streams: 2,
      degraded: 1,
      descriptors: 2,
      accepted: 3,
      written: 1,
      queued: 2,
      dropped: 0,
      bytesWritten: writer.status().bytesWritten,
    });
    expect(pool.flushSync()).toBe(false);
    expect(await codeOfRejection(pool.flush())).toBe("WAYBILL_FLUSH_FAILED");
  });

  it("closes every stream though one fails, once, and opens none afterwards", async () => {
    const { pool, writer, files } = openSubject();
    const other = pool.open(`${directory}/other.log`);
    files.inject({ verb: "write", error: "EIO", path: "other", times: Number.POSITIVE_INFINITY });
    other.write(entryOf(2));
    writer.write(entryOf(1));
    const listening = process.listenerCount("exit");
    const closing = pool.close();
    expect(pool.close()).toBe(closing);
    expect(await codeOfRejection(closing)).toBe("WAYBILL_FLUSH_FAILED");
    expect(numbersOf(readStream(files))).toEqual([1]);
    expect(pool.status()).toMatchObject({ streams: 0, written: 1, dropped: 1, queued: 0, descriptors: 0 });
    expect(() => pool.open(activePath)).toThrow(expect.objectContaining({ code: "WAYBILL_WRITER_CLOSED" }));
    expect(process.listenerCount("exit")).toBeLessThanOrEqual(listening);
  });

  it("touches no disk before the first entry", () => {
    const { files } = openSubject();
    expect(files.operations).toEqual([]);
  });

  it("writes 2,000 streams over 16 descriptors", async () => {
    const files = createFaultyFileSystem({ descriptorsMax: 20 });
    const { pool, clock } = openSubject({}, { files });
    const writers = Array.from({ length: 2000 }, (_, index) => pool.open(`/logs/c${index}/app.log`));
    for (const round of [1, 2]) {
      for (const writer of writers) writer.write(entryOf(round));
      clock.advance(50);
    }
    expect(pool.status()).toMatchObject({ accepted: 4000, written: 4000, degraded: 0, descriptors: 16 });
    expect(files.openDescriptors).toBe(16);
    const found = writers.map((_, index) => numbersOf(readStream(files, `/logs/c${index}`)));
    expect(found.every((numbers) => numbers.join() === "1,2")).toBe(true);
    await pool.close();
    expect(files.openDescriptors).toBe(0);
  });

  it("gives descriptors back when the system has fewer than it was told", () => {
    const files = createFaultyFileSystem({ descriptorsMax: 4 });
    const { pool } = openSubject({}, { files });
    const writers = Array.from({ length: 10 }, (_, index) => pool.open(`/logs/c${index}/app.log`));
    for (const writer of writers) writer.write(entryOf(1, "ERROR"));
    expect(pool.status()).toMatchObject({ written: 10, degraded: 0 });
  });
});
