import { gunzipSync } from "node:zlib";
import { type ConfigInput, type LoggingConfig, resolveConfig } from "@waybill/config";
import { isLogFile, listSegments, openTree, type Segment, type TreeLedger } from "@waybill/log-tree";
import { createContainerLogger } from "@waybill/logger";
import type { Clock } from "@waybill/protocols";
import { type Hold, listHolds, placeHold, readDeletions, releaseHold } from "@waybill/retention";
import { createFakeClock, createFaultyFileSystem, createMemoryWriter } from "@waybill/testing";
import { createSpaceBudget } from "@waybill/writers";
import { sizeLimitsOf } from "../../src/maintenance/retention-policy.ts";
import { createTreeMaintenance, type TreeMaintenance } from "../../src/maintenance/tree-maintenance.ts";
import { createFailingPort, type FailingPort, type Failure } from "./failing-port.ts";
import { faultsOfLedger, listFiles } from "./ledger-faults.ts";
import type { MaintenanceRound, TreeLook } from "./simulated-round.ts";
import { SimulatedWriters } from "./simulated-writers.ts";

const root = "/logs";
const bytesPerMb = 1_048_576;

/** The process that tends the tree at the moment. */
interface Life {
  readonly maintenance: TreeMaintenance;
  readonly port: FailingPort;
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

  /** Made by maintenance since the last round began. */
  get calls(): number {
    return this.#life.port.calls;
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
    const { port } = this.#life;
    port.begin(failure);
    clock.advance(2500);
    const run = this.maintenance.run().catch((error: unknown) => error);
    let isOver = false;
    void run.then(() => {
      isOver = true;
    });
    for (const act of meanwhile) {
      for (let turn = 0; turn < 3 && !isOver; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (port.isAlive) act();
    }
    await run;
    const hasDied = !port.isAlive;
    port.forget();
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
    const bytes = this.#bytes;
    return { nowMs: this.clock.now(), readable, copied, segmentBytes, bytes, holds, problems };
  }

  async end(): Promise<void> {
    await this.maintenance.stop();
    this.#life.port.end();
  }

  #begin(isNew: boolean): Life {
    const port = createFailingPort(this.files, () => this.noteSize());
    const clock: Clock = {
      now: () => this.clock.now(),
      monotonicUs: () => this.clock.monotonicUs(),
      setTimer: (callback, delayMs) => this.clock.setTimer(() => port.isAlive && callback(), delayMs),
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
      fileSystem: port.fileSystem,
    });
    this.writers.begin({
      space,
      onPressure: () => maintenance.notePressure(),
      onSealed: (file) => maintenance.noteSealed(file),
      onCompressed: (compressed, sealed) => maintenance.noteCompressed(compressed, sealed),
    });
    this.#seen = { archived: 0, deleted: 0, freedBytes: 0 };
    maintenance.start();
    return { maintenance, port };
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

  /** Looks how much lies there at this moment. */
  noteSize(): void {
    this.largestBytes = Math.max(this.largestBytes, this.#bytes);
  }

  get #bytes(): number {
    return [...listFiles(this.files, root)].reduce((sum, [, bytes]) => sum + bytes, 0);
  }

  /** Before each later rescan: what it will correct. Active segments aside, which grow until somebody looks. */
  #watchRescans(): void {
    const ledger = this.maintenance.ledger();
    if (ledger === undefined || Object.hasOwn(ledger, "rescan")) return;
    const rescan = ledger.rescan.bind(ledger);
    ledger.rescan = async () => {
      if (!this.#isFaulty) this.#drifts.push(...this.#faultsOf(ledger, ({ state }) => state !== "active"));
      return await rescan();
    };
  }

  #faultsOf(ledger: TreeLedger, isCompared: (segment: Segment) => boolean): string[] {
    return faultsOfLedger(ledger, this.layout, this.files, isCompared);
  }

  /** After a look of maintenance at what has grown. */
  async #compareLedger(): Promise<string[]> {
    await this.maintenance.plan();
    const ledger = this.maintenance.ledger();
    if (ledger === undefined) return ["there is no ledger"];
    const faults = this.#faultsOf(ledger, () => true);
    const total = this.#bytes;
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
