import { raiseStreamFloor } from "@waybill/log-tree";
import type { FaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import {
  activePath,
  directory,
  entryOf,
  openSubject,
  readStream,
  segmentNames,
  writeRange,
} from "./support/stream-subject.ts";

const floorFile = `${directory}/floor`;
const options = { segmentBytesMax: 1024 };
const parts = { poolOptions: { floorFileOf: (active: string) => active.replace(/app[.]log$/, "floor") } };

/** What retention does: raises the floor, then takes all sealed segments away. */
function takeSealed(files: FaultyFileSystem): { lastSeq: number; lastNumber: number } {
  const sealed = segmentNames(files).filter((name) => name !== "app.log");
  const entries = sealed.flatMap((name) =>
    files.outside.readText(`${directory}/${name}`).trimEnd().split("\n"),
  );
  const lastSeq = (JSON.parse(entries.at(-1) ?? "") as { seq: number }).seq;
  const lastNumber = Math.max(...sealed.map((name) => Number(/-(\d+)[.]log$/.exec(name)?.[1])));
  raiseStreamFloor(floorFile, { seq: lastSeq, segmentNumber: lastNumber }, files);
  for (const name of sealed) files.outside.unlink(`${directory}/${name}`);
  return { lastSeq, lastNumber };
}

/** Numbers of the sealed segments that are there now. */
const numbersOfSegments = (files: FaultyFileSystem): number[] =>
  segmentNames(files).flatMap((name) => Number(/-(\d+)[.]log$/.exec(name)?.[1] ?? Number.NaN) || []);

async function filled() {
  const subject = openSubject(options, parts);
  writeRange(subject.writer, 1, 12);
  await subject.pool.close();
  return subject;
}

describe("a stream whose sealed segments were taken away", () => {
  it("goes on with both numbers when the active segment is gone too", async () => {
    const { files } = await filled();
    files.outside.unlink(activePath);
    const { lastSeq, lastNumber } = takeSealed(files);
    const { writer, pool } = openSubject(options, { ...parts, files });
    writeRange(writer, 13, 24);
    await pool.close();
    expect(readStream(files)[0]?.seq).toBe(lastSeq + 1);
    expect(numbersOfSegments(files)[0]).toBe(lastNumber + 1);
  });

  it("goes on with the numbers of its segments when the active one holds the last entries", async () => {
    const { files } = await filled();
    const { lastNumber } = takeSealed(files);
    const { writer, pool } = openSubject(options, { ...parts, files });
    writeRange(writer, 13, 24);
    await pool.close();
    expect(readStream(files).at(-1)?.seq).toBe(24);
    expect(numbersOfSegments(files)[0]).toBe(lastNumber + 1);
  });

  it("goes on so too when that happened after it was opened", async () => {
    const { files } = await filled();
    const { writer, pool } = openSubject(options, { ...parts, files });
    writer.write(entryOf(13, "ERROR"));
    const { lastNumber } = takeSealed(files);
    writeRange(writer, 14, 24);
    await pool.close();
    expect(numbersOfSegments(files)[0]).toBe(lastNumber + 1);
  });

  it("waits for a floor that cannot be read, and goes on without it at last", async () => {
    const { files } = await filled();
    files.outside.unlink(activePath);
    const { lastSeq } = takeSealed(files);
    const { writer, clock } = openSubject(options, { ...parts, files });
    files.inject({ verb: "open", path: "floor", error: "EIO", times: 3 });
    writer.write(entryOf(13, "ERROR"));
    clock.advance(2000);
    expect(readStream(files).map(({ seq }) => seq)).toEqual([lastSeq + 1]);
    files.outside.unlink(activePath);
    const other = openSubject(options, { ...parts, files });
    files.inject({ verb: "open", path: "floor", error: "EACCES", times: Number.POSITIVE_INFINITY });
    other.writer.write(entryOf(14, "ERROR"));
    other.clock.advance(5000);
    expect(readStream(files)).toHaveLength(1);
  });
});
