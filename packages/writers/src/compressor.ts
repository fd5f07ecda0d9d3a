import { createHash, type Hash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, open, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";
import { Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Clock, FileSystem, Timer } from "@waybill/protocols";
import { describeFailure, errnoOf, type WriterFailure } from "./failure.ts";
import { findLeftovers } from "./last-sealed.ts";
import type { SpaceBudget } from "./space/space-budget.ts";
import { isSpaceExhausted } from "./space/space-exhausted.ts";
import { SpaceLoan } from "./space/space-loan.ts";
import type { StreamPath } from "./stream-path.ts";
import { fileMode } from "./writer-options.ts";

/** Bytes per read: large enough that gzip works in the thread pool most of the time. */
const chunkBytes = 262_144;
/** What an earlier try has left is removed first, so whatever else bears the name now, a link too, is refused. */
const partFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const sealedFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Milliseconds that {@link SegmentCompressor.close} waits for what was broken off; a disk that hangs never says. */
const breakOffMsMax = 1000;
/** Milliseconds after which a segment is tried again for which there was no space. */
const roomRetryMs = 60_000;

/** Who hears of compressed segments. Must not throw. */
export interface CompressorListeners {
  readonly onFailure: (failure: WriterFailure) => void;
  /** The plain one is gone. */
  readonly onCompressed?: (compressedPath: string, sealedPath: string) => void;
}

/** Compresses sealed segments one after the other, off the path of logging. */
export class SegmentCompressor {
  readonly #clock: Clock;
  readonly #listeners: CompressorListeners;
  readonly #compress: (sealedPath: string, options: CompressOptions) => Promise<unknown>;
  readonly #waiting = new Map<string, Timer>();
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #current: string | undefined;

  /** @param compress - default {@link compressSegment}. */
  constructor(
    clock: Clock,
    listeners: CompressorListeners,
    compress: (sealedPath: string, options: CompressOptions) => Promise<unknown> = compressSegment,
  ) {
    this.#clock = clock;
    this.#listeners = listeners;
    this.#compress = compress;
  }

  /** Has a sealed segment compressed after `delayMs`. A segment left plain at exit is complete and readable. */
  schedule(sealedPath: string, delayMs: number): void {
    if (this.#closing.signal.aborted || this.#waiting.has(sealedPath)) return;
    const timer = this.#clock.setTimer(() => this.#begin(sealedPath), delayMs);
    this.#waiting.set(sealedPath, timer);
  }

  /** Schedules the sealed segments of earlier runs of a stream, which ended before these were compressed. */
  scheduleLeftovers(fileSystem: FileSystem, stream: StreamPath, delayMs: number): void {
    try {
      const { plain, parts } = findLeftovers(fileSystem, stream);
      const ownPart = this.#current === undefined ? undefined : partPathOf(this.#current);
      for (const part of parts) if (part !== ownPart) fileSystem.unlink(part);
      for (const sealed of plain) this.schedule(sealed, delayMs);
    } catch {
      // They stay plain, which is complete and readable, until the next run.
    }
  }

  /** Resolves when nothing is being compressed. */
  settled(): Promise<void> {
    return this.#running;
  }

  /** Forgets what has not begun and breaks off what runs: the plain segment is left, for the next run. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    await new Promise<void>((resolve) => {
      const patience = this.#clock.setTimer(resolve, breakOffMsMax);
      void this.settled().then(() => {
        patience.cancel();
        resolve();
      });
    });
  }

  #begin(sealedPath: string): void {
    this.#waiting.delete(sealedPath);
    this.#running = this.#running.then(async () => {
      const { signal } = this.#closing;
      if (signal.aborted) return;
      this.#current = sealedPath;
      try {
        await this.#compress(sealedPath, { signal });
        this.#listeners.onCompressed?.(packedPathOf(sealedPath), sealedPath);
      } catch (error) {
        // Retention, or whoever else tends the directory, was faster.
        if (signal.aborted || errnoOf(error) === "ENOENT") return;
        if (isSpaceExhausted(error)) this.schedule(sealedPath, roomRetryMs);
        else this.#listeners.onFailure(describeFailure(sealedPath, error, this.#clock.now()));
      } finally {
        this.#current = undefined;
      }
    });
  }
}

/** How a segment is compressed. */
export interface CompressOptions {
  /** Breaks it off; the plain segment stays then. Default: never. */
  readonly signal?: AbortSignal;
  /** What the gzip may take; the plain segment stays when that does not suffice. Default: no limit. */
  readonly space?: SpaceBudget | undefined;
}

/**
 * Replaces a sealed segment by its gzip: writes `.gz.part`, fsync, rename to `.gz`, fsync of the directory, reads it
 * back and compares length and digest, and only then removes the plain one. A crash at any step leaves at least one
 * whole copy; readers prefer the plain one while both exist.
 *
 * @returns bytes before and after.
 * @throws what the file system or zlib throws, `ABORT_ERR` when it was broken off, `WAYBILL_SPACE_EXHAUSTED`; the plain
 * segment then stays.
 */
export async function compressSegment(
  sealedPath: string,
  options: CompressOptions = {},
): Promise<{ readonly plainBytes: number; readonly packedBytes: number }> {
  const packedPath = packedPathOf(sealedPath);
  const partPath = partPathOf(sealedPath);
  const original = createDigest();
  const loan = options.space && new SpaceLoan(options.space);
  const sealed = await open(sealedPath, sealedFlags);
  let isKept = true;
  try {
    const found = await sealed.stat();
    await rm(partPath, { force: true });
    const part = await open(partPath, partFlags, fileMode);
    await pipeline(
      [
        sealed.createReadStream({ highWaterMark: chunkBytes }),
        ...[original.tap, createGzip({ chunkSize: chunkBytes })],
        ...(loan === undefined ? [] : [loan.meter]),
        part.createWriteStream({ flush: true }),
      ],
      options,
    );
    await verify(partPath, original, options);
    await refuseUnlessThere(sealedPath, found);
    await rename(partPath, packedPath);
  } catch (error) {
    await rm(partPath, { force: true });
    isKept = false;
    throw error;
  } finally {
    loan?.settle(isKept);
    await sealed.close();
  }
  await syncDirectory(path.dirname(sealedPath));
  const packedBytes = (await stat(packedPath)).size;
  await rm(sealedPath);
  return { plainBytes: original.bytes(), packedBytes };
}

/** Whoever tends the directory may have deleted or archived it meanwhile: what has gone must not come back. */
async function refuseUnlessThere(sealedPath: string, found: Stats): Promise<void> {
  const { ino, dev } = await lstat(sealedPath);
  if (ino === found.ino && dev === found.dev) return;
  throw Object.assign(new Error(`ENOENT: another file is ${sealedPath} by now`), { code: "ENOENT" });
}

function packedPathOf(sealedPath: string): string {
  return `${sealedPath}.gz`;
}

function partPathOf(sealedPath: string): string {
  return `${packedPathOf(sealedPath)}.part`;
}

/** @throws when what was written does not unpack to what was read. */
async function verify(partPath: string, original: Digest, options: CompressOptions): Promise<void> {
  const part = await open(partPath, sealedFlags);
  const copy = createDigest();
  const packed = part.createReadStream({ highWaterMark: chunkBytes });
  await pipeline(packed, createGunzip({ chunkSize: chunkBytes }), copy.tap, nowhere(), options);
  if (copy.value() !== original.value()) throw new Error(`${partPath} does not unpack to what was packed`);
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

interface Digest {
  /** Passes chunks on and takes them in. */
  readonly tap: Transform;
  bytes(): number;
  /** Length and sha-256, comparable as text. Call once, at the end. */
  value(): string;
}

function createDigest(): Digest {
  const hash: Hash = createHash("sha256");
  let bytes = 0;
  let text: string | undefined;
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return {
    tap,
    bytes: () => bytes,
    value: () => {
      text ??= `${bytes}:${hash.digest("hex")}`;
      return text;
    },
  };
}

async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
