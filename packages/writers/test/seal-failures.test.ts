import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createWriterPool } from "../src/writer-pool.ts";
import { createFakeProcesses } from "./support/fake-processes.ts";
import {
  activePath,
  codeOfRejection,
  directory,
  namesIn,
  numbersOf,
  openSubject,
  range,
  readStream,
  segmentNames,
  writeRange,
} from "./support/stream-subject.ts";

const modes = ["sync", "batched", "durable"] as const;

describe.each(modes)("a segment that cannot be sealed, %s", (mode) => {
  it.each(["link", "unlink"] as const)(
    "stays what it is, and is sealed the next time: %s fails",
    async (verb) => {
      const { pool, writer, files } = openSubject({ mode });
      writeRange(writer, 1, 3);
      await pool.flush();
      files.inject({ verb, error: "EIO", times: 1 });
      await expect(pool.seal(activePath)).rejects.toMatchObject({
        code: "WAYBILL_SEAL_FAILED",
        details: { path: activePath, errno: "EIO" },
      });
      expect(writer.status()).toMatchObject({ state: "open", written: 3, lastFailure: { code: "EIO" } });
      await pool.seal(activePath);
      writeRange(writer, 4, 5);
      await pool.flush();
      expect(numbersOf(readStream(files))).toEqual(range(1, 5));
      expect(segmentNames(files)).toHaveLength(2);
    },
  );

  it("is told with the reason when it was left by an earlier run and cannot be opened", async () => {
    const first = openSubject({ mode });
    writeRange(first.writer, 1, 3);
    await first.pool.close();
    const failures: string[] = [];
    const poolOptions = { onFailure: ({ code }: { code: string }) => void failures.push(code) };
    const { pool, files } = openSubject({}, { files: first.files, clock: first.clock, poolOptions });
    await pool.open(activePath).close();
    files.inject({ verb: "open", error: "EACCES", path: "app.log", times: 1 });
    const seal = pool.seal(activePath, { mode });
    await expect(seal).rejects.toMatchObject({ code: "WAYBILL_SEAL_FAILED", details: { errno: "EACCES" } });
    expect(failures).toEqual(["EACCES"]);
    await pool.seal(activePath, { mode });
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
    expect(files.openDescriptors).toBe(0);
  });
});

describe("a segment in durable mode", () => {
  it("is on the device before it has its sealed name", async () => {
    const { pool, writer, files } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 3);
    await pool.seal(activePath);
    const verbs = files.operations.map(({ verb }) => verb);
    expect(verbs.lastIndexOf("sync")).toBeLessThan(verbs.indexOf("link"));
    expect(verbs.indexOf("sync")).toBeGreaterThan(verbs.lastIndexOf("write"));
  });

  it("is not sealed when it cannot be synced, and nothing is lost", async () => {
    const { pool, writer, files, clock } = openSubject({ mode: "durable" });
    writeRange(writer, 1, 3);
    files.inject({ verb: "sync", error: "EIO", times: 1 });
    expect(await codeOfRejection(pool.seal(activePath))).toBe("WAYBILL_SYNC_FAILED");
    clock.advance(1000);
    await pool.seal(activePath);
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
  });
});

describe("a stream that others have taken away", () => {
  it("is sealed with what is written anew", async () => {
    const { pool, writer, files } = openSubject();
    writeRange(writer, 1, 3);
    await pool.flush();
    files.outside.unlink(activePath);
    await pool.seal(activePath);
    expect(numbersOf(readStream(files))).toEqual([1, 2, 3]);
    expect(namesIn(files)).not.toContain("app.log");
  });
});

describe.each(modes)("a directory that another process owns, %s", (mode) => {
  function openScene() {
    const clock = createFakeClock();
    const files = createFaultyFileSystem({ clock });
    const processes = createFakeProcesses();
    const start = (pid: number) =>
      createWriterPool({}, { fileSystem: files, clock, processes: processes.start(pid) });
    return { files, start, end: processes.end };
  }

  it("has its segments left alone by a seal, open or not", async () => {
    const { files, start } = openScene();
    const owner = start(1);
    writeRange(owner.open(activePath, { mode }), 1, 3);
    await owner.flush();
    const before = namesIn(files);
    const second = start(2);
    const refused = { code: "WAYBILL_SEAL_FAILED", message: expect.stringContaining("another process") };
    await expect(second.seal(activePath)).rejects.toMatchObject(refused);
    second.open(activePath, { mode });
    await expect(second.seal(activePath)).rejects.toMatchObject({ ...refused, details: { errno: "EBUSY" } });
    expect(namesIn(files)).toEqual(before);
  });

  it("has the part file of this process sealed, by either path", async () => {
    const { files, start } = openScene();
    const owner = start(1);
    writeRange(owner.open(activePath, { mode }), 1, 3);
    await owner.flush();
    const second = start(2);
    const writer = second.open(activePath, { mode });
    for (const n of [4, 5]) {
      writeRange(writer, n, n);
      await second.flush();
      const [{ path = "" } = {}] = second.streams();
      expect(path).toMatch(/app@2-[0-9a-f]+\.log$/);
      await second.seal(n === 4 ? activePath : path);
    }
    expect(second.streams()).toMatchObject([{ sealed: 2, activeBytes: 0 }]);
    const parts = namesIn(files).filter((name) => name.startsWith("app@"));
    expect(parts.map((name) => name.replace(/^.*-/, ""))).toEqual(["000001.log", "000002.log"]);
    expect(files.outside.readText(`${directory}/app.log`).split("\n")).toHaveLength(4);
  });

  it("is taken over for a seal when that process is gone", async () => {
    const { files, start, end } = openScene();
    const owner = start(1);
    writeRange(owner.open(activePath, { mode }), 1, 3);
    await owner.flush();
    end(1);
    const second = start(2);
    await second.seal(activePath, { mode });
    expect(segmentNames(files)).toEqual([expect.stringContaining("-000001.log")]);
    expect(namesIn(files).filter((name) => name.includes("lock"))).toEqual([]);
  });
});
