import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createWriterPool } from "../src/writer-pool.ts";
import { createFakeProcesses } from "./support/fake-processes.ts";
import { closePlaced, type PlacedStream, placements } from "./support/placements.ts";
import {
  activePath,
  codeOfRejection,
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

afterEach(closePlaced);

const modes = ["sync", "batched", "durable"] as const;

describe.each(placements)("a stream that wrote nothing for a time, $name", (placement) => {
  /** Entries 1 to 3 in the file, which is closed by now. */
  async function idle(): Promise<PlacedStream> {
    const stream = placement.open({ segmentBytesMax: 1024 }, { idleCloseMs: 1000 });
    writeRange(stream.writer, 1, 3);
    await stream.writer.flush();
    expect(stream.pool.status().descriptors).toBe(1);
    await stream.eventually(() => stream.pool.status().descriptors === 0);
    return stream;
  }

  it("has its file closed, and opens it again for the next entry, as if nothing had been", async () => {
    const { pool, writer, numbers, seqs, segmentNames: names } = await idle();
    expect(writer.status()).toMatchObject({ state: "open", written: 3 });
    writeRange(writer, 4, 4);
    await writer.flush();
    expect(pool.status().descriptors).toBe(1);
    writeRange(writer, 5, 30);
    await writer.flush();
    expect([numbers(), seqs()]).toEqual([range(1, 30), range(1, 30)]);
    expect(names().length).toBeGreaterThan(2);
    expect(
      names()
        .slice(0, -1)
        .every((name, at) => name.includes(`-00000${at + 1}`)),
    ).toBe(true);
  });

  it("goes on beside a file that was moved meanwhile", async () => {
    const { writer, files, activePath: path, numbers, seqs } = await idle();
    files.outside.rename(path, `${path}.aside`);
    writeRange(writer, 4, 5);
    await writer.flush();
    expect([numbers(), seqs()]).toEqual([
      [4, 5],
      [4, 5],
    ]);
  });

  it("tells of a file that was cut meanwhile", async () => {
    const { writer, files, activePath: path, entries } = await idle();
    const whole = Buffer.from(files.outside.readFile(path)).toString();
    const first = whole.slice(0, whole.indexOf("\n") + 1);
    files.outside.writeFile(path, first);
    writeRange(writer, 4, 4);
    await writer.flush();
    writeRange(writer, 5, 5);
    await writer.flush();
    expect(numbersOf(entries())).toEqual([1, 4, 5]);
    expect(gapsOf(entries())).toMatchObject([{ reason: "truncated", dropped: 0 }]);
  });
});

describe.each(modes)("an open file, %s", (mode) => {
  function opened(idleCloseMs?: number) {
    const poolOptions = idleCloseMs === undefined ? {} : { idleCloseMs };
    return openSubject({ mode }, { poolOptions });
  }

  it("is closed after a minute, not before", async () => {
    const { clock, files, writer } = opened();
    writeRange(writer, 1, 1);
    await writer.flush();
    clock.advance(59_999);
    expect(files.openDescriptors).toBe(1);
    clock.advance(1);
    expect(files.openDescriptors).toBe(0);
  });

  it("stays open while entries come", () => {
    const { clock, files, writer } = opened(1000);
    const opens = () => files.operations.filter(({ verb }) => verb === "open").length;
    writer.write(entryOf(1, "ERROR"));
    const before = opens();
    for (const n of range(2, 20)) {
      clock.advance(900);
      writer.write(entryOf(n, "ERROR"));
    }
    expect(opens()).toBe(before);
  });

  it("stays open when others have removed it, so that what was written last can be saved", async () => {
    const { clock, files, writer } = opened();
    writeRange(writer, 1, 3);
    await writer.flush();
    files.outside.unlink(activePath);
    clock.advance(200_000);
    expect(files.openDescriptors).toBe(1);
    writer.write(entryOf(4, "ERROR"));
    await writer.flush();
    // Of a durable stream they were on the device, where somebody has removed them.
    expect(numbersOf(readStream(files))).toEqual(mode === "durable" ? [4] : range(1, 4));
  });

  it("keeps the lock of its directory when it is closed", async () => {
    const clock = createFakeClock();
    const files = createFaultyFileSystem({ clock });
    const processes = createFakeProcesses();
    const pools = [1, 2].map((pid) =>
      createWriterPool({}, { fileSystem: files, clock, processes: processes.start(pid) }),
    );
    const [first, second] = pools.map((pool) => pool.open(activePath, { mode }));
    first?.write(entryOf(1));
    await first?.flush();
    clock.advance(60_000);
    expect(pools[0]?.status().descriptors).toBe(0);
    second?.write(entryOf(101));
    await second?.flush();
    first?.write(entryOf(2));
    await first?.flush();
    const linesIn = (name: string) => files.outside.readText(`${directory}/${name}`).split("\n").length - 1;
    const names = namesIn(files).filter((name) => name.endsWith(".log"));
    expect(names.map((name) => [name.replace(/@.*/, "@"), linesIn(name)])).toEqual([
      ["app.log", 2],
      ["app@", 1],
    ]);
  });

  it("is begun anew behind a link that took its name meanwhile", async () => {
    const { clock, files, writer } = opened();
    writeRange(writer, 1, 2);
    await writer.flush();
    clock.advance(60_000);
    files.outside.unlink(activePath);
    files.outside.writeFile("/elsewhere", "theirs\n");
    files.outside.symlink("/elsewhere", activePath);
    writeRange(writer, 3, 3);
    await writer.flush();
    expect(files.outside.readText("/elsewhere")).toBe("theirs\n");
    expect(numbersOf(readStream(files))).toEqual([3]);
    expect(readStream(files).map(({ seq }) => seq)).toEqual([3]);
  });
});

describe("a durable stream that nobody flushes", () => {
  it("keeps its file open until it is synced", async () => {
    const { clock, files, writer } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 3);
    clock.advance(300_000);
    expect(files.openDescriptors).toBe(1);
    await writer.flush();
    clock.advance(60_000);
    expect(files.openDescriptors).toBe(0);
  });
});

describe("a file that cannot be opened again", () => {
  it("keeps its entries waiting until it can", async () => {
    const { clock, files, writer } = openSubject();
    writeRange(writer, 1, 2);
    await writer.flush();
    clock.advance(60_000);
    files.inject({ verb: "open", error: "EACCES", times: 3 });
    writeRange(writer, 3, 4);
    expect(await codeOfRejection(writer.flush())).toBe("WAYBILL_FLUSH_FAILED");
    expect(writer.status()).toMatchObject({ state: "degraded", queued: 2 });
    clock.advance(2000);
    expect(writer.status()).toMatchObject({ state: "open", queued: 0, dropped: 0 });
    expect(numbersOf(readStream(files))).toEqual(range(1, 4));
    expect(segmentNames(files)).toEqual(["app.log"]);
  });
});

describe("idleCloseMs", () => {
  it.each([999, 86_400_001, 1000.5, Number.NaN])("may not be %d", (idleCloseMs) => {
    expect(() => createWriterPool({ idleCloseMs })).toThrow(
      /idleCloseMs must be an integer from 1000 to 86400000/,
    );
  });

  it("needs one timer for all files of a pool", async () => {
    const { pool, clock } = openSubject();
    const others = range(1, 10).map((n) => pool.open(`${directory}/other${n}.log`));
    for (const other of others) other.write(entryOf(1));
    await pool.flush();
    clock.advance(50);
    expect([pool.status().descriptors, clock.pendingTimers]).toEqual([10, 1]);
    clock.advance(60_000);
    expect([pool.status().descriptors, clock.pendingTimers]).toEqual([0, 0]);
  });
});
