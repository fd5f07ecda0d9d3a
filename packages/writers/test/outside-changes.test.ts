import { describe, expect, it } from "vitest";
import {
  activePath,
  codeOfRejection,
  directory,
  entryOf,
  gapsOf,
  numbersOf,
  openSubject,
  range,
  readStream,
  type StreamSubject,
  segmentNames,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

const changes: Readonly<Record<string, (subject: StreamSubject) => void>> = {
  "rm -rf": ({ files }) => files.outside.removeDirectory(directory),
  unlink: ({ files }) => files.outside.unlink(activePath),
  mv: ({ files }) => files.outside.rename(activePath, "/logs/moved"),
  "mv and create": ({ files }) => {
    files.outside.rename(activePath, "/logs/moved");
    files.outside.writeFile(activePath, "");
  },
  directory: ({ files }) => {
    files.outside.rename(activePath, "/logs/moved");
    files.outside.makeDirectory(activePath);
  },
  link: ({ files }) => {
    files.outside.rename(activePath, "/logs/moved");
    files.outside.symlink("/elsewhere", activePath);
  },
};

function movedNumbers({ files }: StreamSubject): unknown[] {
  if (files.lstat("/logs/moved") === undefined) return [];
  return files.outside
    .readText("/logs/moved")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { context: { n: number } }).context.n);
}

describe.each(Object.keys(changes))("a file that others change: %s", (way) => {
  it.each([
    ["one entry each 5 ms", 1],
    ["at full rate", 50],
  ])("has what was logged since the last look, and after: %s", (_, perRound) => {
    const subject = openSubject({ flushIntervalMs: 5 });
    const { writer, clock, files } = subject;
    let last = 0;
    const rounds = (count: number) => {
      for (let round = 0; round < count; round++) {
        writeRange(writer, last + 1, last + perRound);
        last += perRound;
        clock.advance(5);
      }
    };
    rounds(30);
    const before = last;
    changes[way]?.(subject);
    rounds(60);
    // 20 rounds are the 100 ms between two looks.
    const kept = new Set([...movedNumbers(subject), ...numbersOf(readStream(files))]);
    expect(range(Math.max(1, before + 1 - 10 * perRound), last).filter((n) => !kept.has(n))).toEqual([]);
    expect(writer.status()).toMatchObject({ state: "open", queued: 0, dropped: 0, accepted: last });
    expect(files.outside.readText(activePath)).toContain(`"n":${last},`.slice(0, -1));
  });

  it("is seen at once after reopen", () => {
    const subject = openSubject();
    const { writer, pool, files } = subject;
    writer.write(entryOf(1, "ERROR"));
    changes[way]?.(subject);
    pool.reopen();
    writer.write(entryOf(2, "ERROR"));
    expect(numbersOf(readStream(files))).toContain(2);
  });

  it("keeps every unsynced entry of a durable stream, also when the new file cannot be opened at first", async () => {
    const subject = openSubject({ mode: "durable" });
    const { writer, pool, clock, files } = subject;
    writeRange(writer, 1, 3);
    await writer.flush();
    writer.write(entryOf(4, "ERROR"));
    changes[way]?.(subject);
    files.inject({ verb: "open", error: "EACCES", times: 2 });
    pool.reopen();
    writer.write(entryOf(5, "ERROR"));
    clock.advance(2000);
    await writer.flush();
    const found = [...movedNumbers(subject), ...numbersOf(readStream(files))];
    expect(found.filter((n) => Number(n) > 3)).toEqual([4, 5]);
    expect(unaccounted(writer)).toBe(0);
  });
});

describe.each(["mv", "mv and create", "directory", "link"])(
  "a durable file that others move away: %s",
  (way) => {
    /** The moved file and the stream after it: what whoever keeps both reads. */
    const allNumbers = (subject: StreamSubject) => [
      ...movedNumbers(subject),
      ...numbersOf(readStream(subject.files)),
    ];

    it("is synced where it lies, and not written again", async () => {
      const subject = openSubject({ mode: "durable" });
      const { writer, pool, files } = subject;
      writeRange(writer, 1, 3);
      await writer.flush();
      writeRange(writer, 4, 6, "ERROR");
      changes[way]?.(subject);
      pool.reopen();
      writeRange(writer, 7, 9, "ERROR");
      await writer.flush();
      expect(allNumbers(subject)).toEqual(range(1, 9));
      for (const { fileSystem } of files.powerLossStates()) {
        expect(allNumbers({ ...subject, files: fileSystem })).toEqual(range(1, 9));
      }
      expect(writer.status()).toMatchObject({
        state: "open",
        accepted: 9,
        written: 9,
        lastFailure: undefined,
      });
    });

    it("is not written again when the new one cannot be opened at first", async () => {
      const subject = openSubject({ mode: "durable" });
      const { writer, pool, clock, files } = subject;
      writeRange(writer, 1, 3, "ERROR");
      changes[way]?.(subject);
      files.inject({ verb: "open", error: "EACCES", times: 2 });
      pool.reopen();
      writeRange(writer, 4, 6, "ERROR");
      clock.advance(2000);
      await writer.flush();
      expect(allNumbers(subject)).toEqual(range(1, 6));
    });

    it("has its unsynced entries written again when it cannot be synced", async () => {
      const subject = openSubject({ mode: "durable" });
      const { writer, pool, files } = subject;
      writeRange(writer, 1, 3);
      await writer.flush();
      writeRange(writer, 4, 6, "ERROR");
      changes[way]?.(subject);
      pool.reopen();
      files.inject({ verb: "sync", error: "EIO" });
      writeRange(writer, 7, 9, "ERROR");
      await writer.flush();
      expect(movedNumbers(subject)).toEqual(range(1, 6));
      expect(numbersOf(readStream(files))).toEqual(range(4, 9));
      expect(unaccounted(writer)).toBe(0);
    });
  },
);

describe("a durable file that is moved away in the middle of a line", () => {
  it.each([
    ["at once", []],
    [
      "after failures",
      [
        { verb: "open", error: "EACCES" },
        { verb: "write", error: "ENOSPC" },
      ] as const,
    ],
  ])("has that line begun anew in the next file, and kept until it is synced: %s", async (_, faults) => {
    const { writer, pool, clock, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 2, "ERROR");
    files.inject({ verb: "write", shortWriteBytes: 50 });
    files.inject({ verb: "write", error: "ENOSPC" });
    writer.write(entryOf(3, "ERROR"));
    files.outside.rename(activePath, "/logs/moved");
    for (const fault of faults) files.inject(fault);
    pool.reopen();
    clock.advance(2000);
    expect(numbersOf(readStream(files))).toEqual([3]);
    files.inject({ verb: "sync", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    await writer.flush();
    expect(numbersOf(readStream(files))).toEqual([3]);
    expect(writer.status()).toMatchObject({ accepted: 3, written: 3, dropped: 0 });
  });
});

describe("a file whose descriptor was given away in the middle of a line", () => {
  it.each(["sync", "durable"] as const)(
    "has that line begun anew when it is moved later: %s",
    async (mode) => {
      const { writer, pool, clock, files } = openSubject({ mode }, { poolOptions: { descriptorsMax: 1 } });
      const other = pool.open(`${directory}/other.log`);
      writer.write(entryOf(1, "ERROR"));
      files.inject({ verb: "write", shortWriteBytes: 50 });
      files.inject({ verb: "write", error: "ENOSPC" });
      writer.write(entryOf(2, "ERROR"));
      other.write(entryOf(1, "ERROR"));
      files.inject({ verb: "write", shortWriteBytes: 50 });
      files.inject({ verb: "write", error: "ENOSPC" });
      clock.advance(30);
      files.outside.rename(activePath, "/logs/moved");
      pool.reopen();
      clock.advance(2000);
      await writer.flush();
      expect(numbersOf(readStream(files))).toEqual([2]);
    },
  );

  it("is rescued when it is removed after it was opened again", () => {
    const { writer, pool, files } = openSubject({ mode: "sync" }, { poolOptions: { descriptorsMax: 1 } });
    const other = pool.open(`${directory}/other.log`);
    writeRange(writer, 1, 3);
    writeRange(other, 1, 1);
    writeRange(writer, 4, 4);
    files.outside.unlink(activePath);
    pool.reopen();
    writeRange(writer, 5, 5);
    expect(numbersOf(readStream(files))).toEqual(range(1, 5));
  });
});

describe("a file that is taken when it is due to be sealed", () => {
  /** Fills two segments; then one entry more begins a third. */
  const filled = (mode: "sync" | "durable") => {
    const subject = openSubject({ mode, segmentBytesMax: 1024 });
    const { writer, files } = subject;
    let n = 0;
    while (segmentNames(files).length < 2) writer.write(entryOf(++n, "ERROR"));
    const perSegment = n - 1;
    while (n < 2 * perSegment) writer.write(entryOf(++n, "ERROR"));
    return { ...subject, last: n };
  };

  it.each(["sync", "durable"] as const)("has all entries when it was removed: %s", async (mode) => {
    const { writer, files, last } = filled(mode);
    files.outside.unlink(activePath);
    writer.write(entryOf(last + 1, "ERROR"));
    await writer.flush();
    expect(numbersOf(readStream(files))).toEqual(range(1, last + 1));
  });

  it.each(["sync", "durable"] as const)(
    "is not followed by an empty one when it was moved: %s",
    async (mode) => {
      const subject = filled(mode);
      const { writer, files, last } = subject;
      files.outside.rename(activePath, "/logs/moved");
      writer.write(entryOf(last + 1, "ERROR"));
      await writer.flush();
      const sealed = last / 2;
      expect(movedNumbers(subject)).toEqual(range(sealed + 1, last));
      expect(numbersOf(readStream(files))).toEqual([...range(1, sealed), last + 1]);
      expect(segmentNames(files)).toHaveLength(2);
    },
  );
});

describe("a removed file whose rescue did not come far before the next one is removed too", () => {
  it("is rescued from both", () => {
    const { writer, pool, clock, files } = openSubject({ mode: "sync" });
    writeRange(writer, 1, 3);
    files.outside.unlink(activePath);
    pool.reopen();
    files.inject({ verb: "write", shortWriteBytes: 300 });
    files.inject({ verb: "write", error: "ENOSPC" });
    writer.write(entryOf(4));
    files.outside.unlink(activePath);
    pool.reopen();
    clock.advance(2000);
    expect(numbersOf(readStream(files))).toEqual(range(1, 4));
  });
});

describe("a file that others cut", () => {
  it.each([0, 10])("is gone on with, and the cut told once: at %d bytes", (length) => {
    const { writer, clock, files } = openSubject({ flushIntervalMs: 5 });
    writeRange(writer, 1, 5);
    clock.advance(200);
    files.outside.truncateFile(activePath, length);
    for (let n = 6; n <= 100; n++) {
      writeRange(writer, n, n);
      clock.advance(5);
    }
    const entries = readStream(files);
    expect(numbersOf(entries)).toEqual(range(6, 100));
    expect(gapsOf(entries).map((gap) => gap["reason"])).toEqual(["truncated"]);
  });
});

describe("a durable file that was removed", () => {
  it("is not what a flush syncs", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writer.write(entryOf(1, "ERROR"));
    files.outside.unlink(activePath);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    await writer.flush();
    expect(numbersOf(readStream(files))).toEqual([1]);
  });

  it("is not looked for again when its fsync had failed before", async () => {
    const { writer, files } = openSubject({ mode: "durable" });
    writer.write(entryOf(1, "ERROR"));
    files.inject({ verb: "sync", error: "EIO" });
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_SYNC_FAILED");
    files.outside.unlink(activePath);
    expect(await codeOfRejection(writer.flush())).toBe("resolved");
    expect(numbersOf(readStream(files))).toEqual([1]);
  });
});
