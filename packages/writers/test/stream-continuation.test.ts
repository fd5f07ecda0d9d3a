import { createEntryEncoder } from "@waybill/log-tree";
import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { DescriptorPool } from "../src/descriptor-pool.ts";
import { EntryQueue } from "../src/entry-queue.ts";
import { FlushSchedule } from "../src/flush-schedule.ts";
import { QueueBudget } from "../src/queue-budget.ts";
import { SegmentStream } from "../src/segment-stream.ts";
import { parseStreamPath } from "../src/stream-path.ts";
import { StreamWriter } from "../src/stream-writer.ts";
import { resolveStreamOptions, type WriterMode } from "../src/writer-options.ts";
import {
  activePath,
  codeOfRejection,
  entryOf,
  gapsOf,
  numbersOf,
  range,
  readStream,
} from "./support/stream-subject.ts";

const clock = createFakeClock();
const encoder = createEntryEncoder();

function linesOf(from: number, to: number): Uint8Array {
  const queue = new EntryQueue(encoder, clock, false);
  for (const n of range(from, to)) queue.encode(entryOf(n), n);
  return Uint8Array.from(queue.view());
}

function createSubject(mode: WriterMode = "batched") {
  const files = createFaultyFileSystem({ clock });
  const options = resolveStreamOptions({ mode });
  const ports = { fileSystem: files, clock, descriptors: new DescriptorPool(4) };
  const stream = new SegmentStream(
    parseStreamPath(activePath),
    { segmentBytesMax: 1_000_000, isDurable: mode === "durable" },
    ports,
  );
  const writer = new StreamWriter(stream, options, {
    ...{ clock, encoder },
    schedule: new FlushSchedule(clock, 50),
    budget: new QueueBudget(1_000_000),
    onOpened: () => undefined,
    onFailure: () => undefined,
    onRecovered: () => undefined,
    onSealed: () => undefined,
  });
  return { files, writer };
}

describe("a stream whose writer died in the midst of its work", () => {
  it("goes on with the first line that is not in the file, under the numbers that were given out", () => {
    const { files, writer } = createSubject();
    files.outside.writeFile(activePath, linesOf(1, 3));
    writer.continueStream(linesOf(2, 5), 4);
    writer.start.adopt(5);
    writer.write(entryOf(6, "ERROR"));
    expect(readStream(files).map(({ seq, context }) => [seq, context["n"]])).toEqual(
      range(1, 6).map((n) => [n, n]),
    );
    expect(writer.status()).toMatchObject({ accepted: 5, written: 5, queued: 0, dropped: 0 });
  });

  it("writes a line whole that was torn, and tells no gap", () => {
    const { files, writer } = createSubject();
    files.outside.writeFile(activePath, linesOf(1, 3).subarray(0, -20));
    writer.continueStream(linesOf(3, 4), 2);
    writer.start.adopt(4);
    writer.write(entryOf(5, "ERROR"));
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3, 4, 5]);
    expect(gapsOf(readStream(files))).toEqual([]);
  });

  it("does the same when the files can be opened later only", () => {
    const { files, writer } = createSubject();
    files.outside.writeFile(activePath, linesOf(1, 3));
    files.inject({ verb: "open", error: "EACCES", times: 3 });
    writer.continueStream(linesOf(2, 5), 4);
    expect(writer.status()).toMatchObject({ state: "degraded", queued: 4 });
    clock.advance(2000);
    expect(readStream(files).map(({ seq }) => seq)).toEqual(range(1, 5));
    expect(writer.status()).toMatchObject({ state: "open", written: 4, queued: 0 });
  });

  it("tells what that one alone had where it stood, and counts no more as lost than is missing", () => {
    const { files, writer } = createSubject();
    files.outside.writeFile(activePath, linesOf(1, 3));
    // It had told of nothing behind 2, and of 4 losses the gap record was not written.
    writer.continueStream(linesOf(8, 9), 2, { entries: 5, untold: 4, lastSeq: 7 });
    const entries = readStream(files);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 8, 9]);
    expect(gapsOf(entries)).toEqual([{ dropped: 8, by_level: {}, from_seq: 4, to_seq: 7, reason: "worker" }]);
    expect(writer.status()).toMatchObject({ accepted: 7, written: 3, queued: 0, dropped: 4 });
  });

  it("tells of no loss when all that it had turns out to be written", () => {
    const { files, writer } = createSubject();
    files.outside.writeFile(activePath, linesOf(1, 3));
    writer.continueStream(linesOf(4, 5), 2, { entries: 2, untold: 0, lastSeq: 3 });
    expect(readStream(files).map(({ seq }) => seq)).toEqual(range(1, 5));
    expect(writer.status()).toMatchObject({ accepted: 4, written: 4, queued: 0, dropped: 0 });
  });

  it("rejects the next flush when what was found of a durable one cannot be synced", async () => {
    const { files, writer } = createSubject("durable");
    files.outside.writeFile(activePath, linesOf(1, 3));
    files.inject({ verb: "sync", error: "EIO", times: 1 });
    writer.continueStream(linesOf(4, 5), 2);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    expect(await codeOfRejection(writer.flush())).toBe("resolved");
    expect(readStream(files).map(({ seq }) => seq)).toEqual(range(1, 5));
  });

  it("rejects the flush of a durable one while its files cannot be opened, though nothing waits", async () => {
    const { files, writer } = createSubject("durable");
    files.outside.writeFile(activePath, linesOf(1, 3));
    files.inject({ verb: "open", error: "EACCES", times: 2 });
    writer.continueStream(new Uint8Array(0), 0);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    expect(await codeOfRejection(writer.flush())).toBe("resolved");
  });
});
