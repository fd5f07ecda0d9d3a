import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { type ConfigInput, type LoggingConfig, resolveConfig } from "@waybill/config";
import { isLogFile, listSegments, openTree, type Segment, type TreeLedger } from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import type { Clock, FileSystem } from "@waybill/protocols";
import { type Hold, listHolds, placeHold, readDeletions, releaseHold } from "@waybill/retention";
import {
  createFakeClock,
  createFaultyFileSystem,
  createMemoryWriter,
  SimulatedCrash,
} from "@waybill/testing";
import { createSpaceBudget } from "@waybill/writers";
import { sizeLimitsOf } from "../../src/maintenance/retention-policy.ts";
import { createTreeMaintenance, type TreeMaintenance } from "../../src/maintenance/tree-maintenance.ts";
import { SimulatedWriters } from "./simulated-writers.ts";

export const root = "/logs";
const bytesPerMb = 1_048_576;

/** What lies in the tree at a moment. */
export interface TreeLook {
  readonly nowMs: number;
  /** What readers take: sealed and archived segments, by `<stream> <number>`. */
  readonly readable: ReadonlyMap<string, Segment>;
  /** Readable segments whose entries stand in a second file. */
  readonly copied: ReadonlySet<string>;
  /** Of all segment files. */
  readonly segmentBytes: number;
  /** Of everything. */
  readonly bytes: number;
  readonly holds: readonly Hold[];
  readonly problems: readonly string[];
}

/** What came of one round of maintenance. */
export interface MaintenanceRound {
  readonly hasDied: boolean;
  /** Deletions that the manifest tells of, by the path of the file. */
  readonly deletions: ReadonlyMap<string, string>;
  /** Of what the ledger did not know, at each rescan. */
  readonly drifts: readonly string[];
  /** Where the ledger differs from a walk, afterwards. */
  readonly ledgerFaults: readonly string[];
  readonly counted: { readonly archived: number; readonly deleted: number; readonly freedBytes: number };
  readonly written: number;
  readonly compressedAway: number;
  readonly isUnmet: boolean;
}

/** The so-and-so-many-th call fails, or is the last of its process. */
export interface Failure {
  readonly calls: number;
  readonly how: "crash" | "EIO" | "ENOSPC";
}

/** The process that tends the tree at the moment. */
interface Life {
  readonly maintenance: TreeMaintenance;
  isAlive: boolean;
}

/** Real maintenance over files in memory, with writers beside it, a clock that stands still, and processes that die. */
export class SimulatedTree {
  readonly clock = createFakeClock();
  readonly files = createFaultyFileSystem({ clock: this.clock });
  readonly layout = openTree(root, {
    coordinatorId: "main",
    fileSystem: this.files,
    clock: this.clock,
  }).layout;
  readonly logging: LoggingConfig;
  readonly writers: SimulatedWriters;
  readonly registered = new Set<string>();
  readonly unregistered = new Map<string, number>();
  /** Containers that were registered at every moment since the last look. */
  readonly present = new Set<string>();
  largestBytes = 0;
  #life: Life;
  #drifts: string[] = [];
  #isFaulty = false;
  #failure: { calls: number; readonly how: Failure["how"] } | undefined;
  #seen = { archived: 0, deleted: 0, freedBytes: 0 };
  readonly #keys = new Map<string, string>();
  readonly #texts = new Map<string, string>();

  constructor(logging: ConfigInput["logging"]) {
    const coordinator = { coordinator_id: "main", log_dir: root };
    this.logging = resolveConfig({ coordinator, logging } as ConfigInput).config.logging;
    this.writers = new SimulatedWriters(this.files, this.layout, this.clock, this.segmentBytes);
    this.#life = this.#begin(true);
  }

  get segmentBytes(): number {
    return Math.floor(this.logging.performance.maxFileSizeMb * bytesPerMb);
  }

  get maintenance(): TreeMaintenance {
    return this.#life.maintenance;
  }

  unregister(container: string): void {
    this.registered.delete(container);
    this.present.delete(container);
    this.unregistered.set(container, this.clock.now());
    const directory = this.layout.containerDirectory(container);
    this.writers.close(directory);
    this.maintenance.noteClosed(directory);
  }

  register(container: string): void {
    this.registered.add(container);
    this.unregistered.delete(container);
  }

  hold(request: Omit<Hold, "createdMs">): void {
    placeHold(root, request, { fileSystem: this.files, clock: this.clock });
  }

  release(id: string): void {
    releaseHold(root, id, { fileSystem: this.files, clock: this.clock });
  }

  /**
   * Lets everything happen that is due, and then a run that was asked for.
   *
   * @param failure - of a call that maintenance makes.
   * @param meanwhile - what else the process does during the runs, one after the other.
   */
  async maintain(
    failure: Failure | undefined,
    meanwhile: readonly (() => void)[],
  ): Promise<MaintenanceRound> {
    const { files, clock } = this;
    files.clearOperations();
    this.#isFaulty = failure !== undefined;
    this.#failure = failure && { ...failure };
    clock.advance(2500);
    const run = this.maintenance.run().catch((error: unknown) => error);
    let isOver = false;
    void run.then(() => {
      isOver = true;
    });
    for (const act of meanwhile) {
      for (let turn = 0; turn < 3 && !isOver; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (this.#life.isAlive) act();
    }
    await run;
    const hasDied = !this.#life.isAlive;
    this.#failure = undefined;
    this.#isFaulty = false;
    const isUnmet = (this.maintenance.latest?.unmet.length ?? 0) > 0;
    const { archived, deleted, freedBytes } = this.maintenance.totals;
    const counted = {
      archived: archived - this.#seen.archived,
      deleted: deleted - this.#seen.deleted,
      freedBytes: freedBytes - this.#seen.freedBytes,
    };
    this.#seen = { archived, deleted, freedBytes };
    if (hasDied) await this.#restart();
    this.#watchRescans();
    const drifts = this.#drifts;
    this.#drifts = [];
    return {
      hasDied,
      deletions: this.#deletions(),
      drifts,
      ledgerFaults: await this.#compareLedger(),
      counted,
      isUnmet,
      ...this.writers.takeCounts(),
    };
  }

  /** Walks over all of it. */
  async look(): Promise<TreeLook> {
    const { segments } = await listSegments(root, { fileSystem: this.files });
    const readable = new Map<string, Segment>();
    const copied = new Set<string>();
    const problems: string[] = [];
    const standing = segments.filter(isLogFile);
    for (const segment of standing) {
      const { name, stream, shadowed, path: file, state } = segment;
      if (state === "active") {
        if (this.writers.active.get(file)?.text !== this.files.outside.readText(file))
          problems.push(`${file} is not what was written`);
        continue;
      }
      const key = `${stream} ${name.seal?.number}`;
      if (shadowed) copied.add(key);
      else if (readable.has(key)) problems.push(`${key} is readable twice`);
      else readable.set(key, segment);
      if (this.#textOf(segment) !== this.writers.sealed.get(key)?.text) problems.push(`${file} is damaged`);
    }
    const paths = new Set(standing.map((segment) => segment.path));
    for (const file of this.writers.active.keys()) if (!paths.has(file)) problems.push(`${file} is gone`);
    const segmentBytes = segments.reduce((sum, { bytes }) => sum + bytes, 0);
    const holds = listHolds(root, { fileSystem: this.files, clock: this.clock });
    const bytes = this.#walk(root);
    return { nowMs: this.clock.now(), readable, copied, segmentBytes, bytes, holds, problems };
  }

  async end(): Promise<void> {
    await this.maintenance.stop();
    this.#life.isAlive = false;
  }

  #begin(isNew: boolean): Life {
    const process = { isAlive: true };
    const clock: Clock = {
      now: () => this.clock.now(),
      monotonicUs: () => this.clock.monotonicUs(),
      setTimer: (callback, delayMs) => this.clock.setTimer(() => process.isAlive && callback(), delayMs),
    };
    const space = createSpaceBudget();
    const maintenance = createTreeMaintenance({
      logging: this.logging,
      layout: this.layout,
      pool: { streams: () => this.writers.streams(), seal: async (file) => this.writers.seal(file) },
      space,
      containers: {
        registered: () => this.registered,
        unregistered: () => this.unregistered,
        typeOf: () => undefined,
      },
      logger: () =>
        createContainerLogger({
          containerId: "s",
          componentName: "m",
          writer: createMemoryWriter(),
          level: "CRITICAL",
        }),
      isNew,
      clock,
      fileSystem: this.#portOf(process),
    });
    this.writers.begin({
      space,
      onPressure: () => maintenance.notePressure(),
      onSealed: (file) => maintenance.noteSealed(file),
      onCompressed: (compressed, sealed) => maintenance.noteCompressed(compressed, sealed),
    });
    this.#seen = { archived: 0, deleted: 0, freedBytes: 0 };
    maintenance.start();
    return Object.assign(process, { maintenance });
  }

  /** The process died: nothing of it acts any more, and another one begins with what lies there. */
  async #restart(): Promise<void> {
    await this.maintenance.stop();
    this.files.restart();
    // Who registered what is not known to the next one.
    this.unregistered.clear();
    this.#life = this.#begin(false);
    await this.maintenance.run();
  }

  /** The port of one process, whose calls fail or are its last; others look at the files past it. */
  #portOf(life: { isAlive: boolean }): FileSystem {
    const call = <Args extends readonly unknown[], Result>(method: (...args: Args) => Result) => {
      return (...args: Args): Result => {
        if (!life.isAlive) throw new SimulatedCrash(0);
        this.#fail(life);
        return method(...args);
      };
    };
    const { files } = this;
    return {
      write: call((fd: number, bytes: Uint8Array, offset: number, length: number) => {
        const written = files.write(fd, bytes, offset, length);
        this.noteSize();
        return written;
      }),
      open: call(files.open),
      read: call(files.read),
      truncate: call(files.truncate),
      sync: call(files.sync),
      syncDirectory: call(files.syncDirectory),
      close: call(files.close),
      stat: call(files.stat),
      lstat: call(files.lstat),
      rename: call(files.rename),
      link: call(files.link),
      unlink: call(files.unlink),
      mkdir: call(files.mkdir),
      rmdir: call(files.rmdir),
      readdir: call(files.readdir),
    };
  }

  /** Counts a call down to the one that is to fail. */
  #fail(life: { isAlive: boolean }): void {
    if (this.#failure === undefined) return;
    this.#failure.calls -= 1;
    if (this.#failure.calls > 0) return;
    const { how } = this.#failure;
    this.#failure = undefined;
    if (how !== "crash") throw Object.assign(new Error(`${how}: simulated`), { code: how });
    life.isAlive = false;
    throw new SimulatedCrash(0);
  }

  /** Looks how much lies there at this moment. */
  noteSize(): void {
    this.largestBytes = Math.max(this.largestBytes, this.#walk(root));
  }

  #walk(directory: string): number {
    return this.files.readdir(directory).reduce((sum, { name, kind }) => {
      const inner = `${directory}/${name}`;
      return sum + (kind === "directory" ? this.#walk(inner) : (this.files.lstat(inner)?.size ?? 0));
    }, 0);
  }

  /** Before each later rescan: what it will correct. Active segments aside, which grow until somebody looks. */
  #watchRescans(): void {
    const ledger = this.maintenance.ledger();
    if (ledger === undefined || Object.hasOwn(ledger, "rescan")) return;
    const rescan = ledger.rescan.bind(ledger);
    ledger.rescan = async () => {
      if (!this.#isFaulty)
        this.#drifts.push(...(await this.#ledgerFaults(ledger, ({ state }) => state !== "active")));
      return await rescan();
    };
  }

  async #ledgerFaults(ledger: TreeLedger, isCompared: (segment: Segment) => boolean): Promise<string[]> {
    const textOf = ({ path: file, bytes, shadowed }: Segment): string =>
      `${path.relative(root, file)} ${bytes} ${shadowed}`;
    const { segments } = await listSegments(root, { fileSystem: this.files });
    const known = new Set(ledger.segments().filter(isCompared).map(textOf));
    const found = new Set(segments.filter(isCompared).map(textOf));
    return [
      ...[...found].filter((text) => !known.has(text)).map((text) => `not in the ledger: ${text}`),
      ...[...known].filter((text) => !found.has(text)).map((text) => `only in the ledger: ${text}`),
    ];
  }

  /** After a look of maintenance at what has grown. */
  async #compareLedger(): Promise<string[]> {
    await this.maintenance.plan();
    const ledger = this.maintenance.ledger();
    if (ledger === undefined) return ["there is no ledger"];
    const faults = await this.#ledgerFaults(ledger, () => true);
    const total = this.#walk(root);
    if (ledger.totals.bytes !== total) faults.push(`${ledger.totals.bytes} bytes, in truth ${total}`);
    return faults;
  }

  #deletions(): Map<string, string> {
    const { records } = readDeletions(root, { fileSystem: this.files });
    return new Map(records.filter(({ phase }) => phase === "done").map(({ file, cause }) => [file, cause]));
  }

  /** `<stream> <number>` of a file below the root. */
  keyOf(file: string): string {
    let key = this.#keys.get(file);
    if (key === undefined) {
      const location = this.layout.locate(`${root}/${file}`);
      key = `${location?.stream} ${location?.name.seal?.number}`;
      this.#keys.set(file, key);
    }
    return key;
  }

  #textOf({ path: file, inode, name }: Segment): string {
    const key = `${file} ${inode}`;
    let text = this.#texts.get(key);
    if (text === undefined) {
      const bytes = this.files.outside.readFile(file);
      text = (name.compressed ? gunzipSync(bytes) : Buffer.from(bytes)).toString("utf8");
      this.#texts.set(key, text);
    }
    return text;
  }

  get limits() {
    return sizeLimitsOf(this.logging);
  }
}
