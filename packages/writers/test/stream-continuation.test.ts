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
import { resolveStreamOptions } from "../src/writer-options.ts";
import { activePath, entryOf, gapsOf, numbersOf, range, readStream } from "./support/stream-subject.ts";

const clock = createFakeClock();
const encoder = createEntryEncoder();

function linesOf(from: number, to: number): Uint8Array {
  const queue = new EntryQueue(encoder, clock, false);
  for (const n of range(from, to)) queue.encode(entryOf(n), n);
  return Uint8Array.from(queue.view());
}

function createSubject() {
  const files = createFaultyFileSystem({ clock });
  const options = resolveStreamOptions();
  const ports = { fileSystem: files, clock, descriptors: new DescriptorPool(4) };
  const stream = new SegmentStream(
    parseStreamPath(activePath),
    { segmentBytesMax: 1_000_000, isDurable: false },
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
    writer.adopt(5);
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
    writer.adopt(4);
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
});
