import { describe, expect, it } from "vitest";
import {
  activePath,
  directory,
  entryOf,
  gapsOf,
  numbersOf,
  openSubject,
  range,
  readStream,
  type StreamSubject,
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
    const found = numbersOf(readStream(files));
    expect([found.includes(4), found.includes(5)]).toEqual([true, true]);
    expect(unaccounted(writer)).toBe(0);
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
