import { describe, expect, it } from "vitest";
import type { WriterFailure } from "../src/failure.ts";
import {
  activePath,
  codeOfRejection,
  directory,
  entryOf,
  gapsOf,
  isGap,
  namesIn,
  numbersOf,
  openSubject,
  range,
  readStream,
  segmentNames,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

describe("batching", () => {
  it("keeps entries in memory until the interval is over", () => {
    const { writer, files, clock } = openSubject({ flushIntervalMs: 50 });
    writeRange(writer, 1, 3);
    clock.advance(49);
    expect(writer.status()).toMatchObject({ written: 0, queued: 3 });
    clock.advance(1);
    expect(writer.status()).toMatchObject({ written: 3, queued: 0 });
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
  });

  it("writes once batchEntriesMax entries wait", () => {
    const { writer } = openSubject({ batchEntriesMax: 5 });
    writeRange(writer, 1, 4);
    expect(writer.status().written).toBe(0);
    writeRange(writer, 5, 5);
    expect(writer.status().written).toBe(5);
  });

  it("writes once 64 KiB wait", () => {
    const { writer } = openSubject();
    writer.write(entryOf(1, "INFO", { text: "x".repeat(10_000) }));
    expect(writer.status().written).toBe(0);
    writer.write(entryOf(2, "INFO", { text: "x".repeat(9_000) }));
    expect(writer.status().written).toBe(2);
  });

  it("writes every entry before write returns in sync mode", () => {
    const { writer, files } = openSubject({ mode: "sync" });
    writeRange(writer, 1, 1);
    expect(numbersOf(readStream(files))).toEqual([1]);
  });

  it("flushes every stream of an interval with one timer", () => {
    const { pool, writer, clock } = openSubject();
    const other = pool.open(`${directory}/other.log`);
    // That of the files that nobody uses runs once any is open.
    writeRange(writer, 1, 1);
    expect(clock.pendingTimers).toBe(2);
    writeRange(other, 2, 2);
    expect(clock.pendingTimers).toBe(2);
    clock.advance(50);
    expect(pool.status()).toMatchObject({ written: 2, queued: 0 });
  });
});

describe("durable mode", () => {
  it("syncs the file and the directory of a new name before flush resolves, later only the file", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    const verbs = () => files.operations.map(({ verb }) => verb).filter((verb) => verb.startsWith("sync"));
    writeRange(writer, 1, 1);
    files.clearOperations();
    await writer.flush();
    expect(verbs()).toEqual(["sync", "syncDirectory"]);
    writeRange(writer, 2, 2);
    files.clearOperations();
    await writer.flush();
    expect(verbs()).toEqual(["sync"]);
  });

  it("syncs before flushSync returns true", () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 1);
    expect(writer.flushSync()).toBe(true);
    const survived = files.powerLossStates().map(({ fileSystem }) => numbersOf(readStream(fileSystem)));
    expect(survived).toEqual([[1], [1], [1], [1]]);
  });

  it("keeps what stands in segments that were sealed since the last flush", async () => {
    const { writer, files } = openSubject({ mode: "durable", segmentBytesMax: 1024 });
    writeRange(writer, 1, 20);
    await writer.flush();
    expect(segmentNames(files).length).toBeGreaterThan(3);
    const survived = files.powerLossStates().map(({ fileSystem }) => numbersOf(readStream(fileSystem)));
    expect(survived).toEqual([range(1, 20), range(1, 20), range(1, 20), range(1, 20)]);
  });

  it("rejects with WAYBILL_SYNC_FAILED when fsync fails, and writes the same entries into a new segment", async () => {
    const { writer, files, clock } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 2);
    await writer.flush();
    writeRange(writer, 3, 4);
    files.inject({ verb: "sync", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    expect(unaccounted(writer)).toBe(0);
    await writer.flush();
    const survived = files.powerLossStates().map(({ fileSystem }) => numbersOf(readStream(fileSystem)));
    expect(survived).toEqual([range(1, 4), range(1, 4), range(1, 4), range(1, 4)]);
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3, 4]);
    expect(segmentNames(files)).toHaveLength(2);
    clock.advance(1000);
    expect(writer.status()).toMatchObject({ state: "open", accepted: 4, written: 4 });
  });

  it("removes a suspect segment of which nothing was ever synced", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 2);
    files.inject({ verb: "sync", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    await writer.flush();
    expect(namesIn(files)).toEqual(["app.log"]);
    expect(numbersOf(readStream(files))).toEqual([1, 2]);
  });

  it("goes on by itself after a failed fsync, without another flush", async () => {
    const { writer, files, clock } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 1);
    files.inject({ verb: "sync", error: "EIO" });
    await codeOfRejection(writer.flush());
    expect(writer.status().state).toBe("degraded");
    clock.advance(20);
    writeRange(writer, 2, 2);
    clock.advance(50);
    expect(writer.status()).toMatchObject({ state: "open", written: 2, queued: 0 });
  });

  it("rewrites what was written when the fsync before a seal fails", async () => {
    const { writer, files } = openSubject({ mode: "durable", segmentBytesMax: 1024 });
    writeRange(writer, 1, 4);
    await writer.flush();
    writeRange(writer, 5, 12);
    files.inject({ verb: "sync", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    await writer.flush();
    const survived = files.powerLossStates().map(({ fileSystem }) => numbersOf(readStream(fileSystem)));
    expect(survived).toEqual([range(1, 12), range(1, 12), range(1, 12), range(1, 12)]);
  });

  it("does not resolve a flush whose bytes went with a file that was removed", async () => {
    const { writer, files, pool } = openSubject({ mode: "durable" }, { poolOptions: { descriptorsMax: 1 } });
    writer.write(entryOf(1, "ERROR"));
    const other = pool.open(`${directory}/other.log`);
    other.write(entryOf(1, "ERROR"));
    files.outside.unlink(activePath);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    await writer.flush();
    expect(numbersOf(readStream(files))).toEqual([1]);
  });

  it("syncs on its own once more than queueBytesMax are written", () => {
    const { writer, files } = openSubject({ mode: "durable", queueBytesMax: 4096 });
    writeRange(writer, 1, 30);
    writer.write(entryOf(31, "ERROR"));
    expect(files.operations.filter(({ verb }) => verb === "sync")).toHaveLength(1);
  });

  it("gives a suspect segment one name, though taking the other away fails at first", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 2);
    await writer.flush();
    writeRange(writer, 3, 4);
    files.inject({ verb: "sync", error: "EIO" });
    files.inject({ verb: "unlink", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    await writer.flush();
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3, 4]);
  });

  it("leaves one copy when fsync goes on failing, during the run and after close", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 3);
    files.inject({ verb: "sync", error: "EIO", times: Number.POSITIVE_INFINITY });
    for (let round = 0; round < 5; round++) await codeOfRejection(writer.flush());
    expect(segmentNames(files).length).toBeLessThanOrEqual(2);
    expect(await codeOfRejection(writer.close())).toBe("WAYBILL_SYNC_FAILED");
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
  });

  it("makes a last try to save the entries when fsync fails at close", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 3);
    files.inject({ verb: "sync", error: "EIO" });
    await writer.close();
    const survived = files.powerLossStates().map(({ fileSystem }) => numbersOf(readStream(fileSystem)));
    expect(survived).toEqual([range(1, 3), range(1, 3), range(1, 3), range(1, 3)]);
  });
});

describe("a file that cannot be written", () => {
  it("makes flush reject until the queue is written, and tells both once", async () => {
    const failures: WriterFailure[] = [];
    const recovered: string[] = [];
    const poolOptions = {
      onFailure: (failure: WriterFailure) => void failures.push(failure),
      onRecovered: (path: string) => void recovered.push(path),
    };
    const { writer, files, clock } = openSubject({}, { poolOptions });
    const fault = files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writeRange(writer, 1, 3);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    expect(writer.flushSync()).toBe(false);
    expect(writer.status()).toMatchObject({ state: "degraded", queued: 3, lastFailure: { code: "EIO" } });
    clock.advance(5000);
    fault.remove();
    clock.advance(1000);
    expect(writer.status()).toMatchObject({ state: "open", written: 3, queued: 0 });
    await writer.flush();
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ path: activePath, code: "EIO" });
    expect(recovered).toEqual([activePath]);
  });

  it("tries again after 20, 40, 80 … ms, at most a second apart", () => {
    const { writer, files, clock } = openSubject();
    const fault = files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writer.write(entryOf(1, "ERROR"));
    const hits = [20, 40, 80, 160, 320, 640, 1000, 1000].map((ms) => {
      clock.advance(ms);
      return fault.hits;
    });
    expect(hits).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("leaves the trying to the pauses, whatever was scheduled before the failure", () => {
    const { writer, files, clock } = openSubject({ flushIntervalMs: 50 });
    const fault = files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writer.write(entryOf(1));
    writer.write(entryOf(2, "ERROR"));
    clock.advance(59);
    expect(fault.hits).toBe(2);
  });

  it("writes the rest of a line that a short write cut before anything else", () => {
    const { writer, files, clock } = openSubject();
    writeRange(writer, 1, 3);
    files.inject({ verb: "write", shortWriteBytes: 100 });
    files.inject({ verb: "write", error: "ENOSPC" });
    clock.advance(50);
    expect(writer.status()).toMatchObject({ written: 0, queued: 3, bytesWritten: 100 });
    writeRange(writer, 4, 4, "ERROR");
    clock.advance(20);
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3, 4]);
  });

  it("finishes a line that was cut, though the queue overflows meanwhile", () => {
    const { writer, files, clock } = openSubject({ queueBytesMax: 4096 });
    writeRange(writer, 1, 3, "DEBUG");
    files.inject({ verb: "write", shortWriteBytes: 10 });
    const fault = files.inject({ verb: "write", error: "ENOSPC", times: Number.POSITIVE_INFINITY });
    clock.advance(50);
    writeRange(writer, 4, 60);
    expect(writer.status().dropped).toBeGreaterThan(0);
    fault.remove();
    clock.advance(1000);
    const entries = readStream(files);
    expect(numbersOf(entries)[0]).toBe(1);
    expect(unaccounted(writer)).toBe(0);
    expect(writer.status().written).toBe(numbersOf(entries).length);
  });

  it("loses nothing on a full device while the queue has room, and keeps the order", () => {
    const { writer, files, clock } = openSubject();
    writeRange(writer, 1, 2, "ERROR");
    files.setDeviceLimit(Buffer.byteLength(files.outside.readText(activePath)) + 77);
    for (const n of range(3, 40)) {
      writer.write(entryOf(n));
      clock.advance(10);
      expect(unaccounted(writer)).toBe(0);
    }
    expect(writer.status()).toMatchObject({ state: "degraded", written: 2, dropped: 0 });
    files.setDeviceLimit(undefined);
    clock.advance(1000);
    expect(numbersOf(readStream(files))).toEqual(range(1, 40));
    expect(readStream(files).map(({ seq }) => seq)).toEqual(range(1, 40));
  });

  it("drops the least severe beyond the queue, and says so at their place with the right counts", () => {
    const { writer, files, clock } = openSubject({ queueBytesMax: 4096 });
    const fault = files.inject({ verb: "write", error: "ENOSPC", times: Number.POSITIVE_INFINITY });
    const levels = ["DEBUG", "INFO", "ERROR"] as const;
    for (const n of range(1, 300)) {
      writer.write(entryOf(n, levels[n % 3]));
      expect(unaccounted(writer)).toBe(0);
      expect(writer.status().queued).toBeLessThan(30);
    }
    fault.remove();
    clock.advance(1000);
    const { written, dropped } = writer.status();
    const entries = readStream(files);
    const gaps = gapsOf(entries);
    const sum = (key: string) => gaps.reduce((total, gap) => total + Number(gap[key]), 0);
    expect(numbersOf(entries)).toHaveLength(written);
    expect(sum("dropped")).toBe(dropped);
    expect(written + dropped).toBe(300);
    expect(isGap(entries[0] as (typeof entries)[0])).toBe(true);
    expect(gaps[0]).toMatchObject({ from_seq: 1, reason: "ENOSPC", from_time: "2026-01-01T00:00:00.001Z" });
    const seqs = entries.map(({ seq }) => seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(entries.at(-1)?.seq).toBe(300);
  });

  it("stays within the queue however long it lasts, and whatever callers log", () => {
    const { writer, files } = openSubject({ queueBytesMax: 4096 });
    files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writer.write(entryOf(0, "ERROR"));
    for (const n of range(1, 20_000)) {
      writer.write({ ...entryOf(n, "CRITICAL"), message: n % 2 === 0 ? "entries lost" : "entry" });
    }
    expect(writer.status().queued).toBeLessThan(30);
    expect(unaccounted(writer)).toBe(0);
  });

  it("returns false for an entry that was dropped at once, and true for one that drove out another", () => {
    const { writer, files, clock } = openSubject({ queueBytesMax: 4096 });
    const fault = files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writeRange(writer, 1, 1, "ERROR");
    const isError = range(2, 40).map((n) => writer.write(entryOf(n, "ERROR")));
    expect(isError).toEqual(isError.map(() => true));
    expect(writer.status().dropped).toBeGreaterThan(0);
    const refused = range(41, 60).filter((n) => !writer.write(entryOf(n, "TRACE")));
    expect(refused.length).toBeGreaterThan(0);
    fault.remove();
    clock.advance(1000);
    const found = numbersOf(readStream(files));
    expect(refused.filter((n) => found.includes(n))).toEqual([]);
    expect(found).toContain(40);
  });

  it("counts what it could not write at close as dropped, and rejects", async () => {
    const { writer, files } = openSubject();
    files.inject({ verb: "write", error: "EIO", times: Number.POSITIVE_INFINITY });
    writeRange(writer, 1, 3);
    expect(await codeOfRejection(writer.close())).toBe("WAYBILL_FLUSH_FAILED");
    expect(writer.status()).toMatchObject({ state: "closed", accepted: 3, queued: 0, dropped: 3 });
    expect(files.openDescriptors).toBe(0);
  });
});

describe("numbers after an end between the two copies of unsynced entries", () => {
  it("go on behind both", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 5);
    files.inject({ verb: "sync", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    files.inject({ verb: "write", crash: true, afterBytes: 600 });
    writer.flushSync();
    files.clearFaults();
    files.restart();
    const { writer: next } = openSubject({ mode: "durable" }, { files });
    writeRange(next, 6, 8);
    await next.flush();
    const entries = readStream(files).filter((entry) => !isGap(entry));
    const numbersOfSeq = new Map<number, unknown>();
    for (const { seq, context } of entries) {
      expect(numbersOfSeq.get(seq) ?? context["n"]).toBe(context["n"]);
      numbersOfSeq.set(seq, context["n"]);
    }
    expect(new Set(numbersOf(entries))).toEqual(new Set(range(1, 8)));
  });
});
