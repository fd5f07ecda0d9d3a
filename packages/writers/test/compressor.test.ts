import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { createFakeClock } from "@waybill/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compressSegment, SegmentCompressor } from "../src/compressor.ts";
import type { WriterFailure } from "../src/failure.ts";
import { createWriterPool } from "../src/writer-pool.ts";
import { importBuilt } from "./support/built-package.ts";
import { codeOfRejection, entryOf, writeRange } from "./support/stream-subject.ts";

const built = await importBuilt();
let directory = "";
let plain = "";
const content = Buffer.from(Array.from({ length: 40_000 }, (_, n) => `line ${n} ${n * n}\n`).join(""));

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-compress-"));
  plain = path.join(directory, "app.20260101T000000000Z-000001.log");
  writeFileSync(plain, content);
});

afterEach(() => rmSync(directory, { recursive: true }));

describe("compressSegment", () => {
  it("replaces a segment by a gzip that unpacks to it, readable for owner and group", async () => {
    const sizes = await compressSegment(plain);
    const packed = readFileSync(`${plain}.gz`);
    expect(gunzipSync(packed).equals(content)).toBe(true);
    expect(sizes).toEqual({ plainBytes: content.length, packedBytes: packed.length });
    expect(readdirSync(directory)).toEqual([path.basename(`${plain}.gz`)]);
    expect(statSync(`${plain}.gz`).mode & 0o137).toBe(0);
  });

  it("brings nothing back that was deleted meanwhile, or replaced by another file", async () => {
    for (const isReplaced of [false, true]) {
      // Takes long enough for somebody to come in between.
      writeFileSync(plain, randomBytes(8_388_608));
      const compressing = codeOfRejection(compressSegment(plain));
      while (!existsSync(`${plain}.gz.part`)) await turn();
      rmSync(plain);
      if (isReplaced) writeFileSync(plain, "another file");
      expect(await compressing).toBe("ENOENT");
      expect(readdirSync(directory)).toEqual(isReplaced ? [path.basename(plain)] : []);
    }
  });

  it("begins anew over what an earlier try left, half or whole", async () => {
    writeFileSync(`${plain}.gz.part`, "half of a gzip");
    writeFileSync(`${plain}.gz`, "broken");
    await compressSegment(plain);
    expect(gunzipSync(readFileSync(`${plain}.gz`)).equals(content)).toBe(true);
    expect(existsSync(`${plain}.gz.part`)).toBe(false);
  });

  it("follows no symbolic link at the place of its result", async () => {
    const victim = path.join(directory, "victim");
    writeFileSync(victim, "mine");
    symlinkSync(victim, `${plain}.gz.part`);
    await compressSegment(plain);
    expect(readFileSync(victim, "utf8")).toBe("mine");
    expect(gunzipSync(readFileSync(`${plain}.gz`)).equals(content)).toBe(true);
  });

  it("does not read through a symbolic link", async () => {
    const link = path.join(directory, "app.20260101T000000000Z-000002.log");
    symlinkSync(plain, link);
    expect(await codeOfRejection(compressSegment(link))).toBe("ELOOP");
    expect(existsSync(plain)).toBe(true);
  });

  it("leaves the plain segment and no half when it fails", async () => {
    mkdirSync(`${plain}.gz`);
    expect(await codeOfRejection(compressSegment(plain))).toBe("EISDIR");
    expect(readFileSync(plain).equals(content)).toBe(true);
    expect(existsSync(`${plain}.gz.part`)).toBe(false);
  });
});

describe("SegmentCompressor", () => {
  function openCompressor() {
    const failures: WriterFailure[] = [];
    const onFailure = (failure: WriterFailure) => void failures.push(failure);
    const told: unknown[] = [];
    const onCompressed = (packed: string, sealed: string) =>
      void told.push([packed, sealed, existsSync(sealed)]);
    const clock = createFakeClock();
    return { failures, told, clock, compressor: new SegmentCompressor(clock, { onFailure, onCompressed }) };
  }

  it("waits for the delay, then compresses, and tells so when the plain one is gone", async () => {
    const { compressor, clock, told } = openCompressor();
    compressor.schedule(plain, 1000);
    clock.advance(999);
    await compressor.settled();
    expect(existsSync(plain)).toBe(true);
    clock.advance(1);
    await compressor.settled();
    expect(existsSync(plain)).toBe(false);
    expect(existsSync(`${plain}.gz`)).toBe(true);
    expect(told).toEqual([[`${plain}.gz`, plain, false]]);
  });

  it("tells a failure, goes on, and does not call a segment that is gone a failure", async () => {
    const { compressor, clock, failures, told } = openCompressor();
    const second = path.join(directory, "app.20260101T000000000Z-000002.log");
    mkdirSync(`${plain}.gz`);
    writeFileSync(second, content);
    for (const file of [plain, path.join(directory, "gone.log"), second]) compressor.schedule(file, 0);
    clock.advance(0);
    await compressor.settled();
    expect(failures.map(({ code }) => code)).toEqual(["EISDIR"]);
    expect(existsSync(`${second}.gz`)).toBe(true);
    expect(told).toEqual([[`${second}.gz`, second, false]]);
  });

  it("forgets at close what has not begun", async () => {
    const { compressor, clock } = openCompressor();
    compressor.schedule(plain, 1000);
    await compressor.close();
    compressor.schedule(plain, 0);
    clock.advance(2000);
    expect(clock.pendingTimers).toBe(0);
    expect(existsSync(plain)).toBe(true);
  });

  it("breaks off at close what runs, leaves the plain segment whole and no half, and calls it no failure", async () => {
    const { compressor, clock, failures } = openCompressor();
    const large = randomBytes(64 * 1_048_576);
    writeFileSync(plain, large);
    compressor.schedule(plain, 0);
    clock.advance(0);
    await expect.poll(() => existsSync(`${plain}.gz.part`), { interval: 1 }).toBe(true);
    await compressor.close();
    expect(readFileSync(plain).equals(large)).toBe(true);
    expect(readdirSync(directory)).toEqual([path.basename(plain)]);
    expect(failures).toEqual([]);
  });

  it("is closed after a second at most, though the disk hangs", async () => {
    const clock = createFakeClock();
    const hang = (): Promise<never> => new Promise(() => undefined);
    const compressor = new SegmentCompressor(clock, { onFailure: () => undefined }, hang);
    compressor.schedule(plain, 0);
    clock.advance(0);
    await turn();
    let isClosed = false;
    const closing = compressor.close().then(() => {
      isClosed = true;
    });
    await turn();
    clock.advance(999);
    await turn();
    expect(isClosed).toBe(false);
    clock.advance(1);
    await closing;
    expect([isClosed, clock.pendingTimers]).toEqual([true, 0]);
  });
});

describe("a stream with compress", () => {
  it("compresses its sealed segments, and those that an earlier run left plain", async () => {
    const clock = createFakeClock();
    const leftPart = path.join(directory, "app.20251231T000000000Z-000007.log.gz.part");
    writeFileSync(leftPart, "half");
    const first = createWriterPool({}, { clock });
    const active = path.join(directory, "app.log");
    const options = { segmentBytesMax: 1024, compress: true, compressDelayMs: 10 };
    writeRange(first.open(active, options), 1, 20, "ERROR");
    expect(existsSync(leftPart)).toBe(false);
    await first.close();
    const left = readdirSync(directory).filter((name) => name !== "app.log");
    expect(left.length).toBeGreaterThan(3);
    expect(left.every((name) => name.endsWith(".log"))).toBe(true);
    const second = createWriterPool({}, { clock });
    second.open(active, options).write(entryOf(21, "ERROR"));
    clock.advance(10);
    await expect.poll(() => existsSync(path.join(directory, left[0] ?? ""))).toBe(false);
    expect(existsSync(path.join(directory, `${left[0]}.gz`))).toBe(true);
    await second.close();
  });

  it("leaves the half of what it compresses just now alone when the stream is opened again", async () => {
    const clock = createFakeClock();
    const pool = createWriterPool({}, { clock });
    const active = path.join(directory, "app.log");
    const options = { segmentBytesMax: 1024, compress: true, compressDelayMs: 10 };
    writeFileSync(plain, randomBytes(16 * 1_048_576));
    const first = pool.open(active, options);
    first.write(entryOf(1, "ERROR"));
    clock.advance(10);
    await expect.poll(() => existsSync(`${plain}.gz.part`), { interval: 1 }).toBe(true);
    await first.close();
    pool.open(active, options).write(entryOf(2, "ERROR"));
    expect(existsSync(`${plain}.gz.part`)).toBe(true);
    await pool.close();
  });

  it.each([
    ["inline", createWriterPool],
    ["worker", built.createWriterPool],
  ] as const)(
    "keeps its hands off the segments of another one that owns the directory, %s",
    { timeout: 20_000 },
    async (placement, createPool) => {
      const options = { segmentBytesMax: 1024, compress: true } as const;
      const active = path.join(directory, "app.log");
      const owner = createPool({ placement });
      const owning = owner.open(active, { ...options, compressDelayMs: 86_400_000 });
      writeRange(owning, 1, 20);
      await owning.flush();
      const owned = readdirSync(directory).filter((name) => /^app\.\d.*\.log$/.test(name));
      const part = path.join(directory, `${owned[0]}.gz.part`);
      writeFileSync(part, "half");
      const pool = createPool({ placement });
      const writer = pool.open(active, { ...options, compressDelayMs: 0 });
      writeRange(writer, 1, 20);
      await writer.flush();
      const ownPacked = () => readdirSync(directory).filter((name) => /^app@.*\.gz$/.test(name)).length;
      await expect.poll(ownPacked, { timeout: 10_000 }).toBeGreaterThan(2);
      expect(owned.length).toBeGreaterThan(2);
      expect(owned.every((name) => existsSync(path.join(directory, name)))).toBe(true);
      expect(readFileSync(part, "utf8")).toBe("half");
      await pool.close();
      await owner.close();
    },
  );
});
