import { describe, expect, it } from "vitest";
import type { StreamOptions } from "../src/writer-options.ts";
import { createWriterPool, type WriterPool } from "../src/writer-pool.ts";
import {
  activePath,
  codeOfRejection,
  directory,
  entryOf,
  numbersOf,
  openSubject,
  range,
  readStream,
  segmentNames,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

/** Gives all streams other options. */
function change({ pool }: { readonly pool: WriterPool }, options: StreamOptions): void {
  pool.reconfigure({ streamOptionsOf: () => options });
}

describe("options of a stream in place", () => {
  it("begin a new segment with the new period; one that is over already counts", async () => {
    const { pool, clock, writer, files } = openSubject({ rotate: "hourly" });
    writeRange(writer, 1, 1);
    await writer.flush();
    clock.advance(3_600_000);
    change({ pool }, { rotate: "daily" });
    writeRange(writer, 2, 2);
    await writer.flush();
    expect(segmentNames(files)).toHaveLength(2);
    clock.advance(3_600_000);
    writeRange(writer, 3, 3);
    await writer.flush();
    expect(segmentNames(files)).toHaveLength(2);
    clock.advance(86_400_000);
    writeRange(writer, 4, 4);
    await writer.flush();
    expect(segmentNames(files)).toHaveLength(3);
    change({ pool }, {});
    clock.advance(2 * 86_400_000);
    writeRange(writer, 5, 5);
    await writer.flush();
    expect(segmentNames(files)).toHaveLength(3);
    change({ pool }, { rotate: "hourly", timeZone: "Asia/Kolkata" });
    // It is midnight: half past five there.
    clock.advance(1_800_000);
    writeRange(writer, 6, 6);
    await writer.flush();
    expect(segmentNames(files)).toHaveLength(4);
    expect(numbersOf(readStream(files))).toEqual(range(1, 6));
  });

  it("write through from now on, or no more", () => {
    const { pool, writer, files } = openSubject({ writeThrough: false });
    writer.write(entryOf(1, "ERROR"));
    expect(writer.status().queued).toBe(1);
    change({ pool }, { writeThrough: true });
    writer.write(entryOf(2, "ERROR"));
    expect(numbersOf(readStream(files))).toEqual([1, 2]);
    change({ pool }, { writeThrough: false });
    writer.write(entryOf(3, "ERROR"));
    expect(writer.status().queued).toBe(1);
  });

  it("drop by the new policy", async () => {
    const { pool, writer, files } = openSubject({ queueBytesMax: 4096 });
    files.inject({ verb: "write", error: "ENOSPC", times: Number.POSITIVE_INFINITY });
    writer.write(entryOf(1, "ERROR"));
    change({ pool }, { queueBytesMax: 4096, overflow: "drop_oldest" });
    writeRange(writer, 2, 100);
    files.clearFaults();
    await writer.flush();
    expect(numbersOf(readStream(files))).not.toContain(1);
  });
});

describe("a change to durable", () => {
  it("has the next flush cover what was accepted before", async () => {
    for (const mode of ["sync", "batched"] as const) {
      const { pool, writer, files } = openSubject({ mode });
      writeRange(writer, 1, 3);
      change({ pool }, { mode: "durable" });
      await writer.flush();
      files.restartAfterPowerLoss("drop");
      expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
    }
  });

  it("has a segment synced that was full already, before it is sealed", async () => {
    const { pool, writer, files } = openSubject({ mode: "batched" });
    writer.write(entryOf(1, "INFO", { text: "x".repeat(1000) }));
    change({ pool }, { mode: "durable", segmentBytesMax: 1024 });
    writeRange(writer, 2, 2);
    await writer.flush();
    expect(segmentNames(files)).toHaveLength(2);
    files.restartAfterPowerLoss("drop");
    expect(numbersOf(readStream(files))).toEqual([1, 2]);
  });

  it("makes that flush reject when it cannot", async () => {
    const { pool, writer, files } = openSubject({ mode: "batched" });
    writeRange(writer, 1, 3);
    await writer.flush();
    files.inject({ verb: "sync", error: "EIO" });
    change({ pool }, { mode: "durable" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    await writer.flush();
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
  });
});

describe("a change of mode from inside", () => {
  it("of an entry that is being encoded waits for it", async () => {
    const { pool, writer, clock, files } = openSubject();
    const context = {
      n: 1,
      get inner() {
        change({ pool }, { mode: "sync" });
        writer.write(entryOf(2));
        return 0;
      },
    };
    writer.write({ ...entryOf(1), context });
    writer.write(entryOf(3));
    clock.advance(200);
    writer.write(entryOf(4));
    expect(readStream(files).map(({ seq }) => seq)).toEqual(range(1, 4));
    expect(writer.status()).toMatchObject({ accepted: 4, written: 4, dropped: 0 });
  });

  it("of a callback counts for the entries behind it", async () => {
    let changes = 0;
    const subject = openSubject(
      { segmentBytesMax: 1024 },
      { poolOptions: { onSealed: () => changeAgain() } },
    );
    const changeAgain = () =>
      change(subject, { mode: changes++ % 2 === 0 ? "sync" : "durable", segmentBytesMax: 1024 });
    const { writer, files } = subject;
    for (const n of range(1, 60)) {
      writer.write(entryOf(n, n % 3 === 0 ? "ERROR" : "INFO"));
      expect(unaccounted(writer)).toBe(0);
    }
    await writer.flush();
    expect(changes).toBeGreaterThan(3);
    expect(readStream(files).map(({ seq }) => seq)).toEqual(range(1, 60));
    expect(numbersOf(readStream(files))).toEqual(range(1, 60));
  });
});

describe("bounds of a pool", () => {
  it("have files closed at once that are too many", async () => {
    const { pool, files } = openSubject();
    for (const n of range(1, 10)) pool.open(`${directory}/other${n}.log`).write(entryOf(1));
    await pool.flush();
    expect(pool.status().descriptors).toBe(10);
    pool.reconfigure({ descriptorsMax: 4 });
    expect([pool.status().descriptors, files.openDescriptors]).toEqual([4, 4]);
    pool.reconfigure({ descriptorsMax: 8 });
    for (const n of range(1, 10)) {
      pool.open(`${directory}/other${n}.log`).write(entryOf(2));
    }
    await pool.flush();
    expect(files.openDescriptors).toBe(8);
  });

  it("have the queues of all streams kept within them", async () => {
    const { pool, writer, files } = openSubject({}, { poolOptions: { queuesBytesMax: 10_000_000 } });
    files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writeRange(writer, 1, 1000);
    await codeOfRejection(writer.flush());
    expect(writer.status().dropped).toBe(0);
    pool.reconfigure({ queuesBytesMax: 65_536 });
    writeRange(writer, 1001, 1001);
    expect(writer.status().dropped).toBeGreaterThan(200);
    expect(unaccounted(writer)).toBe(0);
  });

  it("are refused when they cannot be, and changed no more once the pool is closed", async () => {
    const pool = createWriterPool({ placement: "inline" });
    expect(() => pool.reconfigure({ descriptorsMax: 0 })).toThrow(RangeError);
    expect(() => pool.reconfigure({ queuesBytesMax: 65_535 })).toThrow(RangeError);
    await pool.close();
    expect(() => pool.reconfigure({})).toThrow(expect.objectContaining({ code: "WAYBILL_WRITER_CLOSED" }));
  });
});

describe("a handle", () => {
  it("that is closed while another mode is due ends the stream as ever", async () => {
    const { pool, writer, files, clock } = openSubject();
    files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writeRange(writer, 1, 2);
    await codeOfRejection(writer.flush());
    change({ pool }, { mode: "durable" });
    expect(await codeOfRejection(writer.close())).toBe("WAYBILL_FLUSH_FAILED");
    files.clearFaults();
    clock.advance(1000);
    const again = pool.open(activePath, { mode: "sync" });
    again.write(entryOf(3));
    expect(numbersOf(readStream(files))).toEqual([3]);
    expect(pool.status()).toMatchObject({ accepted: 3, written: 1, dropped: 2 });
  });
});
