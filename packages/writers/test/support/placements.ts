import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LogEntry, nodeFileSystem, type Writer } from "@waybill/protocols";
import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import type { StreamOptions, WriterMode } from "../../src/writer-options.ts";
import { createWriterPool, type WriterPool, type WriterPoolOptions } from "../../src/writer-pool.ts";
import { importBuilt } from "./built-package.ts";
import { numbersOf, type ReadableFiles, readStream, segmentNames } from "./stream-subject.ts";

/** Steps of time for which something is waited for: on disk, of 5 ms or more. */
const stepsMax = 2000;

/** Files of a stream, as others see and change them. */
interface Place extends ReadableFiles {
  readonly outside: {
    readFile(path: string): Uint8Array;
    writeFile(path: string, content: string): void;
    unlink(path: string): void;
    rename(from: string, to: string): void;
    removeDirectory(path: string): void;
  };
}

/** One stream in a pool of its own, wherever it is written and by whichever thread. */
export interface PlacedStream {
  readonly pool: WriterPool;
  readonly writer: Writer;
  readonly files: Place;
  readonly directory: string;
  readonly activePath: string;
  entries(): LogEntry[];
  /** The `n` of the entries in the files. */
  numbers(): unknown[];
  seqs(): number[];
  segmentNames(): string[];
  /** A file takes the name of the directory, so that nothing can be opened. */
  obstruct(): void;
  clear(): void;
  /** On the clock of the pool. */
  now(): number;
  /** Lets time pass until something is so. @throws when it never is. */
  eventually(isSo: () => boolean): Promise<void>;
  /** The same files in another pool. */
  openAgain(options?: StreamOptions): PlacedStream;
  /** Another pool, with a stream beside this one. */
  openElsewhere(poolOptions?: WriterPoolOptions): PlacedStream;
}

/** A mode, and where and by which thread it is written. */
export interface Placement {
  readonly name: string;
  readonly mode: WriterMode;
  open(options?: StreamOptions, poolOptions?: WriterPoolOptions): PlacedStream;
}

interface Setting {
  readonly files: Place;
  readonly directory: string;
  createPool(options: WriterPoolOptions): WriterPool;
  now(): number;
  passTime(): Promise<void> | void;
}

const pools = new Set<WriterPool>();
const folders = new Set<string>();

/** Closes what a test has opened, and removes its files. */
export async function closePlaced(): Promise<void> {
  // A test may leave a stream behind that cannot be written.
  await Promise.allSettled([...pools].map((pool) => pool.close()));
  pools.clear();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

const diskFiles: Place = {
  ...nodeFileSystem,
  outside: {
    readFile: (file) => fs.readFileSync(file),
    writeFile(file, content) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    },
    unlink: (file) => fs.unlinkSync(file),
    rename: (from, to) => fs.renameSync(from, to),
    removeDirectory: (directory) => fs.rmSync(directory, { recursive: true, force: true }),
  },
};

function inMemory(): Setting {
  const clock = createFakeClock();
  const files = createFaultyFileSystem({ clock });
  return {
    files,
    directory: "/logs/containers/c1",
    createPool: (options) =>
      createWriterPool({ descriptorsMax: 16, ...options }, { fileSystem: files, clock }),
    now: clock.now,
    passTime: () => clock.advance(50),
  };
}

function onDisk(createPool: (options: WriterPoolOptions) => WriterPool): () => Setting {
  return () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), "waybill-placed-"));
    folders.add(folder);
    return {
      files: diskFiles,
      directory: path.join(folder, "containers", "c1"),
      createPool,
      now: Date.now,
      passTime: () => sleep(5),
    };
  };
}

function openPlaced(
  setting: Setting,
  options: StreamOptions,
  poolOptions: WriterPoolOptions,
  component = "app",
): PlacedStream {
  const { files, directory } = setting;
  const activePath = `${directory}/${component}.log`;
  const pool = setting.createPool(poolOptions);
  pools.add(pool);
  const entries = () => readStream(files, directory);
  return {
    ...{ pool, writer: pool.open(activePath, options), files, directory, activePath, entries },
    numbers: () => numbersOf(entries()),
    seqs: () => entries().map(({ seq }) => seq),
    segmentNames: () => segmentNames(files, directory),
    obstruct: () => files.outside.writeFile(directory, ""),
    clear: () => files.outside.unlink(directory),
    now: setting.now,
    async eventually(isSo) {
      for (let step = 0; !isSo(); step++) {
        if (step === stepsMax) throw new Error(`never so: ${isSo}`);
        await setting.passTime();
      }
    },
    openAgain: (again = {}) => openPlaced(setting, { ...options, ...again }, poolOptions),
    openElsewhere: (otherPool = {}) => openPlaced(setting, options, otherPool, "other"),
  };
}

function placementsOf(where: string, modes: readonly WriterMode[], create: () => Setting): Placement[] {
  return modes.map((mode) => ({
    name: `${where}, ${mode}`,
    mode,
    open: (options = {}, poolOptions = {}) => openPlaced(create(), { mode, ...options }, poolOptions),
  }));
}

const built = await importBuilt();
const modes: readonly WriterMode[] = ["sync", "batched", "durable"];

/** Every way in which a stream is written. */
export const placements: readonly Placement[] = [
  ...placementsOf("in memory", modes, inMemory),
  ...placementsOf(
    "on disk by the thread that logs",
    modes,
    onDisk((options) => createWriterPool({ ...options, placement: "inline" })),
  ),
  ...placementsOf(
    "on disk by a worker",
    ["batched", "durable"],
    onDisk((options) => built.createWriterPool({ ...options, placement: "worker" })),
  ),
];
