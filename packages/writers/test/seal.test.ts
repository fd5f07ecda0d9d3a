import { afterEach, describe, expect, it } from "vitest";
import { closePlaced, type PlacedStream, placements } from "./support/placements.ts";
import {
  codeOfRejection,
  entryOf,
  gapsOf,
  isGap,
  namesIn,
  range,
  unaccounted,
  writeRange,
} from "./support/stream-subject.ts";

afterEach(closePlaced);

/** The `n` of the entries, segment by segment. */
function bySegment({ files, directory, ...stream }: PlacedStream): unknown[][] {
  return stream.segmentNames().map((name) =>
    Buffer.from(files.outside.readFile(`${directory}/${name}`))
      .toString()
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line).context.n),
  );
}

/** A stream of which an earlier pool has left entries in the active segment. */
async function leave(placement: (typeof placements)[number], to: number): Promise<PlacedStream> {
  const stream = placement.open();
  writeRange(stream.writer, 1, to);
  await stream.pool.close();
  return stream;
}

describe.each(placements)("seal of an open stream $name", (placement) => {
  it("has everything in the sealed segment that was accepted before, and nothing else", async () => {
    const sealed: string[] = [];
    const stream = placement.open({}, { onSealed: (path) => void sealed.push(path) });
    writeRange(stream.writer, 1, 30);
    await stream.pool.seal(stream.activePath);
    expect(bySegment(stream)).toEqual([range(1, 30)]);
    expect(namesIn(stream.files, stream.directory)).not.toContain("app.log");
    writeRange(stream.writer, 31, 40);
    await stream.writer.flush();
    expect(bySegment(stream)).toEqual([range(1, 30), range(31, 40)]);
    expect(stream.seqs()).toEqual(range(1, 40));
    expect(sealed).toEqual([`${stream.directory}/${stream.segmentNames()[0]}`]);
  });

  it("seals an empty segment to nothing, however often it is asked", async () => {
    const stream = placement.open();
    await stream.pool.seal(stream.activePath);
    expect(namesIn(stream.files, stream.directory)).toEqual([]);
    writeRange(stream.writer, 1, 3);
    const all = [1, 2, 3].map(() => stream.pool.seal(stream.activePath));
    await Promise.all(all);
    await stream.pool.seal(stream.activePath);
    expect(bySegment(stream)).toEqual([[1, 2, 3]]);
  });

  it("works while entries go on arriving", async () => {
    const stream = placement.open();
    let n = 0;
    let wrong = 0;
    for (const _ of range(1, 15)) {
      writeRange(stream.writer, n + 1, n + 20);
      n += 20;
      const accepted = n;
      let isMade = false;
      const seal = stream.pool.seal(stream.activePath).then(() => {
        isMade = true;
      });
      while (!isMade) {
        stream.writer.write(entryOf(++n));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await seal;
      const active = namesIn(stream.files, stream.directory).includes("app.log");
      const segments = bySegment(stream);
      if ((active ? segments.slice(0, -1) : segments).flat().length < accepted) wrong++;
    }
    await stream.writer.flush();
    expect(wrong).toBe(0);
    expect(stream.segmentNames().length).toBeGreaterThanOrEqual(15);
    expect(stream.numbers()).toEqual(range(1, n));
    expect(stream.seqs()).toEqual(range(1, n));
    expect(unaccounted(stream.writer)).toBe(0);
  });

  it("seals what an earlier run has left though nothing was logged yet", async () => {
    const stream = (await leave(placement, 3)).openAgain();
    await stream.pool.seal(stream.activePath);
    expect(bySegment(stream)).toEqual([[1, 2, 3]]);
    expect(namesIn(stream.files, stream.directory)).not.toContain("app.log");
    writeRange(stream.writer, 4, 5);
    await stream.writer.flush();
    expect(bySegment(stream)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(stream.seqs()).toEqual(range(1, 5));
  });

  it("keeps what is logged during that behind it", async () => {
    const stream = (await leave(placement, 3)).openAgain();
    const seal = stream.pool.seal(stream.activePath);
    writeRange(stream.writer, 4, 9);
    await Promise.all([seal, stream.writer.flush()]);
    expect(stream.numbers()).toEqual(range(1, 9));
    expect(stream.seqs()).toEqual(range(1, 9));
    expect(stream.writer.status()).toMatchObject({ accepted: 6, written: 6, queued: 0, state: "open" });
    expect(stream.segmentNames()).toHaveLength(2);
  });

  it("rejects while the stream cannot be written, and works when it can", async () => {
    const stream = placement.open();
    stream.obstruct();
    writeRange(stream.writer, 1, 3);
    expect(await codeOfRejection(stream.pool.seal(stream.activePath))).toBe("WAYBILL_FLUSH_FAILED");
    stream.clear();
    await stream.writer.flush();
    await stream.pool.seal(stream.activePath);
    expect(bySegment(stream)).toEqual([[1, 2, 3]]);
  });

  it("rejects once the pool or the stream is closed, and settles when that happens meanwhile", async () => {
    const stream = placement.open();
    writeRange(stream.writer, 1, 3);
    const meanwhile = stream.pool.seal(stream.activePath).then(
      () => "settled",
      () => "settled",
    );
    const closing = stream.pool.close();
    expect(await codeOfRejection(stream.pool.seal(stream.activePath))).toBe("WAYBILL_WRITER_CLOSED");
    await closing;
    expect(await meanwhile).toBe("settled");
    expect(stream.numbers()).toEqual([1, 2, 3]);
  });

  it("tells the rest of the pool as any other seal: compressed, with the numbers going on", async () => {
    const told: unknown[] = [];
    const stream = placement.open(
      { compress: true, compressDelayMs: 0 },
      { onCompressed: (packed, sealed) => void told.push([packed, sealed]) },
    );
    writeRange(stream.writer, 1, 3);
    await stream.pool.seal(stream.activePath);
    const [name = ""] = stream.segmentNames();
    expect(name.replace(".gz", "")).toMatch(/^app\..*-000001\.log$/);
    const sealed = `${stream.directory}/${name.replace(".gz", "")}`;
    // In memory there is nothing that could be compressed: that goes past the file system, to the disk.
    const onDisk = !placement.name.includes("memory");
    await stream.eventually(() => !onDisk || told.length > 0);
    expect(told).toEqual(onDisk ? [[`${sealed}.gz`, sealed]] : []);
  });
});

describe.each(placements)("seal of a path that no stream has open, $name", (placement) => {
  it("seals it and lets it go", async () => {
    const left = await leave(placement, 3);
    const sealed: string[] = [];
    const { pool, ...other } = left.openElsewhere({ onSealed: (path) => void sealed.push(path) });
    await pool.seal(left.activePath);
    expect(bySegment(left)).toEqual([[1, 2, 3]]);
    expect(sealed).toEqual([`${left.directory}/${left.segmentNames()[0]}`]);
    await other.eventually(() => pool.status().descriptors === 0);
    expect(pool.streams().map(({ path }) => path)).toEqual([other.activePath]);
    const lock = () => namesIn(left.files, left.directory).filter((name) => name.includes("lock"));
    await other.writer.close();
    await other.eventually(() => lock().length === 0);
    expect(lock()).toEqual([]);
  });

  it("creates nothing where nothing is", async () => {
    const { pool, directory, files } = placement.open();
    await pool.seal(`${directory}/none/other.log`);
    expect(files.lstat(`${directory}/none`)).toBeUndefined();
  });

  it("goes on with the numbers, and tells of a torn line in its place", async () => {
    const left = await leave(placement, 3);
    const whole = Buffer.from(left.files.outside.readFile(left.activePath)).toString();
    left.files.outside.writeFile(left.activePath, `${whole}{"half`);
    const again = left.openElsewhere();
    await again.pool.seal(left.activePath);
    expect(left.seqs()).toEqual([1, 2, 3, 4]);
    expect(left.entries().map(isGap)).toEqual([false, false, false, true]);
    expect(gapsOf(left.entries())).toMatchObject([{ reason: "torn" }]);
    expect(left.segmentNames()).toHaveLength(1);
  });

  it("has whoever opens the path meanwhile go on behind it, with any options", async () => {
    const left = await leave(placement, 3);
    const { pool } = left.openElsewhere();
    const seal = pool.seal(left.activePath);
    const writer = pool.open(left.activePath, { segmentBytesMax: 2048 });
    writeRange(writer, 4, 6);
    await Promise.all([seal, writer.flush()]);
    expect(left.seqs()).toEqual(range(1, 6));
    expect(bySegment(left)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("waits for a stream of that path that is being closed", async () => {
    const stream = placement.open();
    writeRange(stream.writer, 1, 20);
    const closing = stream.writer.close();
    await stream.pool.seal(stream.activePath);
    await closing;
    expect(bySegment(stream)).toEqual([range(1, 20)]);
  });

  it("rejects for what cannot be a stream", async () => {
    const { pool, directory } = placement.open();
    await expect(pool.seal(`${directory}/app.txt`)).rejects.toThrow(TypeError);
  });

  it("does not touch what another process has in a part file", async () => {
    const { pool, directory, files } = placement.open();
    const part = `${directory}/app@77-0badcafe.log`;
    files.outside.writeFile(part, '{"seq":1}\n');
    await expect(pool.seal(part)).rejects.toMatchObject({
      code: "WAYBILL_SEAL_FAILED",
      details: { errno: "EBUSY" },
      message: expect.stringContaining("another process"),
    });
    expect(Buffer.from(files.outside.readFile(part)).toString()).toBe('{"seq":1}\n');
  });
});
