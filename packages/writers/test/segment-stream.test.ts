import { gzipSync } from "node:zlib";
import type { FileSystem } from "@waybill/protocols";
import { createFakeClock, type FaultyFileSystem } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DescriptorPool } from "../src/descriptor-pool.ts";
import { SegmentStream } from "../src/segment-stream.ts";
import { parseStreamPath } from "../src/stream-path.ts";
import {
  activePath,
  directory,
  entryOf,
  gapsOf,
  namesIn,
  numbersOf,
  openSubject,
  range,
  readStream,
  segmentNames,
  writeRange,
} from "./support/stream-subject.ts";

async function written(options = {}, count = 3) {
  const subject = openSubject(options);
  writeRange(subject.writer, 1, count);
  await subject.pool.close();
  return subject.files;
}

describe("rotation", () => {
  it("never lets a segment exceed its limit by more than one entry; names are unique, numbers rise by one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1024, max: 8192 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom("sync", "batched", "durable"),
        (segmentBytesMax, sizes, mode) => {
          const { writer, files, clock } = openSubject({ mode: mode as "sync", segmentBytesMax });
          sizes.forEach((size, n) => {
            writer.write(entryOf(n, "INFO", { text: "x".repeat(size) }));
            clock.advance(size % 60);
          });
          writer.flushSync();
          const names = segmentNames(files);
          for (const name of names) {
            const text = files.outside.readText(`${directory}/${name}`);
            const isSingle = text.indexOf("\n") === text.length - 1;
            expect(isSingle || text.length <= segmentBytesMax).toBe(true);
          }
          const numbers = names.slice(0, -1).map((name) => Number(/-(\d+)\.log$/.exec(name)?.[1]));
          expect(numbers).toEqual(range(1, numbers.length));
          expect(numbersOf(readStream(files))).toEqual(range(0, sizes.length - 1));
        },
      ),
      { seed: 20_260_101, numRuns: 60 },
    );
  });

  it("takes the next number when a name is taken, and never replaces a file", async () => {
    const files = await written({ segmentBytesMax: 1024 }, 5);
    files.outside.writeFile(`${directory}/app.20260101T000000000Z-000009.log.gz`, gzipSync("old"));
    const { writer } = openSubject({ segmentBytesMax: 1024 }, { files });
    writeRange(writer, 6, 20);
    writer.flushSync();
    expect(segmentNames(files)).toContain("app.20260101T000000000Z-000010.log");
    expect(namesIn(files)).toContain("app.20260101T000000000Z-000009.log.gz");
  });

  it("passes over a name that something else bears", () => {
    const { writer, files } = openSubject({ segmentBytesMax: 1024 });
    files.outside.makeDirectory(`${directory}/app.20260101T000000000Z-000001.log`);
    writeRange(writer, 1, 6, "ERROR");
    expect(writer.status().state).toBe("open");
    expect(namesIn(files)).toContain("app.20260101T000000000Z-000002.log");
  });

  it("renames where there are no hard links", async () => {
    const subject = openSubject({ segmentBytesMax: 1024 });
    subject.files.inject({ verb: "link", error: "EPERM", times: Number.POSITIVE_INFINITY });
    writeRange(subject.writer, 1, 20, "ERROR");
    expect(numbersOf(readStream(subject.files))).toEqual(range(1, 20));
    expect(segmentNames(subject.files).length).toBeGreaterThan(3);
  });

  it("tells onSealed of each sealed segment", () => {
    const sealed: string[] = [];
    const onSealed = (path: string) => void sealed.push(path);
    const { writer, files } = openSubject({ segmentBytesMax: 1024 }, { poolOptions: { onSealed } });
    writeRange(writer, 1, 30, "ERROR");
    expect(sealed).toEqual(
      segmentNames(files)
        .slice(0, -1)
        .map((name) => `${directory}/${name}`),
    );
  });

  it("begins a new file when its directory was removed before the seal", () => {
    const { writer, files, clock } = openSubject({ segmentBytesMax: 1024 });
    writeRange(writer, 1, 4, "ERROR");
    files.outside.removeDirectory(directory);
    writeRange(writer, 5, 20, "ERROR");
    clock.advance(2000);
    expect(writer.status()).toMatchObject({ state: "open", queued: 0 });
    expect(numbersOf(readStream(files)).at(-1)).toBe(20);
  });
});

describe("what an earlier end left behind", () => {
  it("sets a torn tail aside and says so", async () => {
    const files = await written();
    const whole = files.outside.readText(activePath);
    files.outside.writeFile(activePath, `${whole}{"timestamp":"20`);
    const { writer } = openSubject({}, { files });
    writer.write(entryOf(4, "ERROR"));
    const entries = readStream(files);
    expect(numbersOf(entries)).toEqual([1, 2, 3, 4]);
    expect(gapsOf(entries)).toMatchObject([{ dropped: 0, reason: "torn", torn_bytes: 16 }]);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    const torn = namesIn(files).find((name) => name.endsWith(".torn"));
    expect(files.outside.readText(`${directory}/${torn}`)).toBe('{"timestamp":"20');
  });

  it("keeps all of a torn tail though the write that saves it is short, and cuts nothing when it fails", async () => {
    const files = await written();
    files.outside.writeFile(activePath, `${files.outside.readText(activePath)}{"timestamp":"20`);
    files.inject({ verb: "write", path: ".torn", shortWriteBytes: 3 });
    files.inject({ verb: "write", path: ".torn", error: "ENOSPC" });
    const { writer, clock } = openSubject({}, { files });
    writer.write(entryOf(4, "ERROR"));
    expect(files.outside.readText(activePath)).toContain('{"timestamp":"20');
    clock.advance(1000);
    const torn = namesIn(files).filter((name) => name.endsWith(".torn"));
    expect(torn.map((name) => files.outside.readText(`${directory}/${name}`))).toContain('{"timestamp":"20');
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3, 4]);
  });

  it("finishes a seal that was cut off between link and unlink", async () => {
    const files = await written();
    const sealedName = "app.20260101T000000000Z-000001.log";
    files.outside.link(activePath, `${directory}/${sealedName}`);
    const sealed: string[] = [];
    const poolOptions = { onSealed: (path: string) => void sealed.push(path) };
    const { writer } = openSubject({}, { files, poolOptions });
    writer.write(entryOf(4, "ERROR"));
    expect(segmentNames(files)).toEqual([sealedName, "app.log"]);
    expect(readStream(files).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(sealed).toEqual([`${directory}/${sealedName}`]);
  });

  it("finishes a seal whose unlink failed, without giving a second name", () => {
    const { writer, files, clock } = openSubject({ segmentBytesMax: 1024 });
    files.inject({ verb: "unlink", error: "EIO" });
    writeRange(writer, 1, 12, "ERROR");
    clock.advance(1000);
    expect(numbersOf(readStream(files))).toEqual(range(1, 12));
  });
});

describe("what is not ours", () => {
  it("is renamed as a whole when it holds no entries", () => {
    const { writer, files } = openSubject();
    files.outside.writeFile(activePath, "notes\nof somebody\n");
    writer.write(entryOf(1, "ERROR"));
    const kept = namesIn(files).find((name) => name.endsWith(".quarantine"));
    expect(files.outside.readText(`${directory}/${kept}`)).toBe("notes\nof somebody\n");
    expect(numbersOf(readStream(files))).toEqual([1]);
    expect(gapsOf(readStream(files))).toMatchObject([{ dropped: 0, reason: "foreign", torn_bytes: 18 }]);
  });

  it("never replaces an earlier quarantine of the same millisecond", () => {
    const { writer, files } = openSubject();
    files.outside.writeFile(`${directory}/app.20260101T000000000Z.quarantine`, "first");
    files.outside.writeFile(activePath, "second\n");
    writer.write(entryOf(1, "ERROR"));
    const kept = namesIn(files).filter((name) => name.endsWith(".quarantine"));
    expect(kept.map((name) => files.outside.readText(`${directory}/${name}`))).toEqual(["first", "second\n"]);
  });

  it("is not written to through a symbolic link", () => {
    const { writer, files } = openSubject();
    files.outside.writeFile("/etc/victim", "mine\n");
    files.outside.symlink("/etc/victim", activePath);
    writer.write(entryOf(1, "ERROR"));
    expect(files.outside.readText("/etc/victim")).toBe("mine\n");
    expect(numbersOf(readStream(files))).toEqual([1]);
  });

  describe("of another user", () => {
    const own = 1000;
    const other = 4711;

    /** Files that were there before belong to the other user; those made later to `later`. */
    function openAs(ownUid: number, files: FaultyFileSystem, later = own) {
      const before = files.lstat(activePath)?.inode;
      const fileSystem: FileSystem = {
        ...files,
        stat(fd) {
          const stats = files.stat(fd);
          return { ...stats, uid: stats.inode === before ? other : later };
        },
      };
      const stream = new SegmentStream(
        parseStreamPath(activePath),
        { segmentBytesMax: 1_000_000, isDurable: false },
        { fileSystem, clock: createFakeClock(), descriptors: new DescriptorPool(16), ownUid },
      );
      const opened = stream.open();
      const bytes = Buffer.from("x\n");
      return { opened, appended: stream.append(bytes, 0, bytes.length).writtenBytes };
    }
    const textOf = (files: FaultyFileSystem, name: string) => files.outside.readText(`${directory}/${name}`);

    it("keeps its entries as a segment and is not written to, and the numbers go on", async () => {
      const files = await written();
      const text = textOf(files, "app.log");
      expect(openAs(own, files)).toEqual({ opened: { lastSeq: 3, damage: undefined }, appended: 2 });
      const [sealed = "", active] = segmentNames(files);
      expect([textOf(files, sealed), active, textOf(files, "app.log")]).toEqual([text, "app.log", "x\n"]);
    });

    it("is set aside whole when it holds no entry", async () => {
      const files = await written();
      files.outside.unlink(activePath);
      files.outside.writeFile(activePath, "half");
      expect(openAs(own, files).opened.damage).toEqual({ reason: "foreign", bytes: 4 });
      const aside = namesIn(files).find((name) => name.endsWith(".quarantine")) ?? "";
      expect([textOf(files, aside), textOf(files, "app.log")]).toEqual(["half", "x\n"]);
    });

    it("is appended to by root, to whom every file is its own", async () => {
      const files = await written();
      expect(openAs(0, files)).toEqual({ opened: { lastSeq: 3, damage: undefined }, appended: 2 });
      expect(namesIn(files)).toEqual(["app.log"]);
    });

    it("is one on a file system that gives every file to the other, and is used after one try", async () => {
      const files = await written();
      expect(openAs(own, files, other).appended).toBe(2);
      expect(segmentNames(files).length).toBe(2);
    });
  });

  it.each(["mine\n", "", "half"])("is neither written to nor cut through a hard link: %j", (content) => {
    const { writer, files } = openSubject();
    files.outside.writeFile("/etc/victim", content);
    files.outside.makeDirectory(directory);
    files.outside.link("/etc/victim", activePath);
    writer.write(entryOf(1, "ERROR"));
    expect(files.outside.readText("/etc/victim")).toBe(content);
    expect(numbersOf(readStream(files))).toEqual([1]);
  });

  it("stays readable when somebody has hard-linked our own segment: it is sealed", async () => {
    const files = await written();
    files.outside.makeDirectory("/backup");
    files.outside.link(activePath, "/backup/app.log");
    const copy = files.outside.readText("/backup/app.log");
    const { writer } = openSubject({}, { files });
    writer.write(entryOf(4, "ERROR"));
    expect(files.outside.readText("/backup/app.log")).toBe(copy);
    expect(readStream(files).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

describe("interference while the descriptor was given away", () => {
  it("creates a removed directory again", () => {
    const { writer, files, pool } = openSubject({}, { poolOptions: { descriptorsMax: 1 } });
    writer.write(entryOf(1, "ERROR"));
    pool.open("/logs/other/x.log").write(entryOf(1, "ERROR"));
    files.outside.removeDirectory(directory);
    writer.write(entryOf(2, "ERROR"));
    expect(numbersOf(readStream(files))).toEqual([2]);
  });

  it("gives up a line whose first half went with a removed file, and says so", () => {
    const { writer, files, clock, pool } = openSubject({}, { poolOptions: { descriptorsMax: 1 } });
    files.inject({ verb: "write", shortWriteBytes: 50 });
    files.inject({ verb: "write", error: "EIO" });
    writer.write(entryOf(1, "ERROR"));
    pool.open("/logs/other/x.log").write(entryOf(1, "ERROR"));
    files.outside.unlink(activePath);
    writer.write(entryOf(2, "ERROR"));
    clock.advance(1000);
    const entries = readStream(files);
    expect(numbersOf(entries)).toEqual([2]);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(gapsOf(entries)).toMatchObject([{ dropped: 1, reason: "replaced", from_seq: 1, to_seq: 1 }]);
    expect(writer.status()).toMatchObject({ accepted: 2, written: 1, dropped: 1, queued: 0, state: "open" });
  });

  it("repairs the tail of a file that took the place of ours", () => {
    const { writer, files, pool } = openSubject({}, { poolOptions: { descriptorsMax: 1 } });
    writer.write(entryOf(1, "ERROR"));
    const whole = files.outside.readText(activePath);
    pool.open("/logs/other/x.log").write(entryOf(1, "ERROR"));
    files.outside.replaceFile(activePath, `${whole}{"half`);
    writer.write(entryOf(2, "ERROR"));
    expect(numbersOf(readStream(files))).toEqual([1, 2]);
  });
});
