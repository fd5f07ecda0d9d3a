import { constants } from "node:fs";
import { gzipSync } from "node:zlib";
import {
  listSegments,
  parseSegmentName,
  readStreamFloor,
  type Segment,
  type StreamAddress,
} from "@waybill/log-tree";
import { createFakeClock } from "@waybill/testing";
import {
  applyRetention,
  type Hold,
  listHolds,
  placeHold,
  planRetention,
  type RetainedSegment,
  type RetentionOutcome,
  type RetentionPlan,
  type RetentionPolicy,
  type RetentionState,
  releaseHold,
  retainedSegmentOf,
} from "../../src/index.ts";
import { lineOf, memoryTree, root } from "./trees.ts";

/** An entry as it was written: the truth that files are compared with. */
export interface TrueEntry {
  readonly timeMs: number;
  readonly seq: number;
  readonly correlationId: string | undefined;
}

/** A sealed segment as it was sealed. */
export interface TrueSegment {
  readonly address: StreamAddress;
  readonly stream: string;
  readonly number: number;
  readonly entries: readonly TrueEntry[];
}

/** What one run of maintenance did, and what it started from. */
export interface Round {
  readonly nowMs: number;
  readonly plan: RetentionPlan;
  /** Undefined when the process died in it. */
  readonly outcome: RetentionOutcome | undefined;
  readonly holds: readonly Hold[];
  readonly registered: ReadonlySet<string>;
  /** Sealed and archived segments before and after, by stream and number. */
  readonly before: ReadonlyMap<string, RetainedSegment>;
  readonly after: ReadonlyMap<string, RetainedSegment>;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** The whole tree, our own state too. */
  readonly totalAfter: number;
}

const padding = "x".repeat(2000);

/** Writers, an archiver and a scheduler, as a coordinator would have them, over a tree in memory. */
export class SimulatedYears {
  readonly clock = createFakeClock();
  readonly tree = memoryTree(undefined, this.clock);
  readonly sealed = new Map<string, TrueSegment>();
  readonly registered = new Set<string>();
  readonly #active = new Map<string, TrueEntry[]>();
  readonly #policy: RetentionPolicy;
  readonly #segmentEntries: number;
  readonly #ports = {
    ...this.tree.ports,
    seal: async (segment: RetainedSegment): Promise<void> => this.#seal(addressOf(segment)),
    archive: async (segment: RetainedSegment) => this.#archive(segment),
  };

  constructor(policy: RetentionPolicy, segmentEntries: number) {
    this.#policy = policy;
    this.#segmentEntries = segmentEntries;
  }

  get segmentBytes(): number {
    return this.#segmentEntries * 2500;
  }

  /** Logs some entries; seals as a writer does when its segment is full. */
  write(address: StreamAddress, count: number, correlationId: string | undefined): void {
    if (address.kind === "container") this.registered.add(address.container);
    const file = this.tree.layout.activeFile(address);
    for (let at = 0; at < count; at++) {
      const entries = this.#active.get(file) ?? [];
      this.#active.set(file, entries);
      const entry = { timeMs: this.clock.now(), seq: this.#nextSeq(file, entries), correlationId };
      entries.push(entry);
      this.tree.files.outside.writeFile(file, entries.map(textOf).join(""));
      if (entries.length >= this.#segmentEntries) this.#seal(address);
    }
  }

  hold(request: Omit<Hold, "createdMs">): void {
    placeHold(root, request, this.tree.ports);
  }

  release(id: string): void {
    releaseHold(root, id, this.tree.ports);
  }

  /**
   * Plans and applies once.
   *
   * @param diesAt - call to the file system at which the process is killed.
   */
  async maintain(diesAt?: number): Promise<Round> {
    const { files } = this.tree;
    const registered = new Set(this.registered);
    const state = { ...(await this.#look()), registered };
    const plan = planRetention(state, this.#policy);
    files.clearOperations();
    if (diesAt !== undefined) files.inject({ operation: diesAt, crash: true });
    const outcome = await applyRetention(root, plan, this.#ports).catch(() => undefined);
    const hasDied = files.crashed;
    files.clearFaults();
    if (hasDied) this.#restart();
    const later = await this.#look();
    return {
      nowMs: state.nowMs,
      plan,
      outcome: hasDied ? undefined : outcome,
      holds: state.holds,
      registered,
      before: byNumber(state.segments),
      after: byNumber(later.segments),
      bytesBefore: bytesOf(state.segments),
      bytesAfter: bytesOf(later.segments),
      totalAfter: bytesOf(later.segments) + later.otherBytes,
    };
  }

  /** The state as an owner knows it, who wrote every entry. */
  async #look(): Promise<RetentionState> {
    const { files } = this.tree;
    const holds = listHolds(root, this.tree.ports);
    const ids = holds.flatMap(({ correlationId }) => correlationId ?? []);
    const { segments } = await listSegments(root, { fileSystem: files });
    const sizes = files
      .readdir(`${root}/.waybill`)
      .flatMap(({ name, kind }) => (kind === "file" ? [name] : this.#namesIn(name)))
      .map((name) => files.lstat(`${root}/.waybill/${name}`)?.size ?? 0);
    const known = (segment: Segment): RetainedSegment => {
      const entries = this.#entriesOf(segment) ?? this.#active.get(segment.path) ?? [];
      const times = entries.map(({ timeMs }) => timeMs);
      if (times.length === 0) return segment;
      const has = (id: string): boolean => entries.some(({ correlationId }) => correlationId === id);
      const correlations = new Map(ids.map((id) => [id, has(id)]));
      return retainedSegmentOf(segment, {
        firstMs: Math.min(...times),
        lastMs: Math.max(...times),
        correlations,
      });
    };
    const otherBytes = sizes.reduce((sum, size) => sum + size, 0);
    return { nowMs: this.clock.now(), segments: segments.map(known), otherBytes, holds };
  }

  #namesIn(directory: string): string[] {
    return this.tree.files.readdir(`${root}/.waybill/${directory}`).map(({ name }) => `${directory}/${name}`);
  }

  #entriesOf({ stream, name }: Segment): readonly TrueEntry[] | undefined {
    return this.sealed.get(`${stream} ${name.seal?.number}`)?.entries;
  }

  /** What the archiver does at a start: of two copies the source goes, of unfinished ones the part. */
  #restart(): void {
    this.tree.files.restart();
    const { outside } = this.tree.files;
    const parts = this.tree.list().filter((file) => file.endsWith(".part"));
    for (const file of parts) outside.unlink(`${root}/${file}`);
    const files = this.tree.list();
    const keyOf = (file: string): string => {
      const location = this.tree.layout.locate(`${root}/${file}`);
      return `${location?.stream} ${location?.name.seal?.number}`;
    };
    const archived = new Set(files.filter((file) => file.startsWith("archived/")).map(keyOf));
    for (const file of files) {
      if (!file.startsWith("archived/") && archived.has(keyOf(file))) outside.unlink(`${root}/${file}`);
    }
  }

  /** As the writers: behind the active segment, the sealed ones in its directory, and the floor. */
  #nextSeq(file: string, entries: readonly TrueEntry[]): number {
    const last = entries.at(-1)?.seq;
    if (last !== undefined) return last + 1;
    const floor = readStreamFloor(this.tree.layout.floorFile(file), this.tree.files)?.seq ?? 0;
    const newest = this.#sealedIn(file).at(-1);
    const stream = this.tree.layout.locate(file)?.stream ?? "";
    const seq = newest === undefined ? 0 : this.sealed.get(`${stream} ${newest}`)?.entries.at(-1)?.seq;
    return Math.max(floor, seq ?? 0) + 1;
  }

  #sealedIn(file: string): number[] {
    const directory = file.slice(0, file.lastIndexOf("/"));
    const component = parseSegmentName(file.slice(directory.length + 1))?.component;
    if (this.tree.files.lstat(directory) === undefined) return [];
    return this.tree.files
      .readdir(directory)
      .map(({ name }) => parseSegmentName(name))
      .filter((name) => name?.component === component && !name?.temporary)
      .map((name) => name?.seal?.number ?? 0)
      .sort((a, b) => a - b);
  }

  #seal(address: StreamAddress): void {
    const { layout, files } = this.tree;
    const file = layout.activeFile(address);
    const entries = this.#active.get(file) ?? [];
    if (entries.length === 0) return;
    const floor = readStreamFloor(layout.floorFile(file), files)?.segmentNumber ?? 0;
    const number = Math.max(floor, this.#sealedIn(file).at(-1) ?? 0) + 1;
    const stream = layout.locate(file)?.stream ?? "";
    const key = `${stream} ${number}`;
    if (this.sealed.has(key)) throw new Error(`number used twice: ${key}`);
    files.outside.rename(file, layout.sealedFile(address, { sealedMs: this.clock.now(), number }));
    this.sealed.set(key, { address, stream, number, entries });
    this.#active.delete(file);
  }

  async #archive(segment: RetainedSegment) {
    const { layout, files } = this.tree;
    const { seal } = segment.name;
    if (seal === undefined) throw new Error("not sealed");
    const target = layout.archivedFile(addressOf(segment), seal);
    const bytes = gzipSync(files.outside.readFile(segment.path), { level: 1 });
    files.outside.makeDirectory(target.slice(0, target.lastIndexOf("/")));
    const fd = files.open(`${target}.part`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o640);
    files.write(fd, bytes, 0, bytes.length);
    files.close(fd);
    files.rename(`${target}.part`, target);
    files.unlink(segment.path);
    return { path: target, bytes: bytes.length };
  }
}

function addressOf({ kind, container, component, coordinator, tier }: RetainedSegment): StreamAddress {
  if (kind === "container") return { kind, container: container ?? "", component: component ?? "" };
  if (kind === "flow") return { kind, coordinator: coordinator ?? "", tier: tier ?? "" };
  return { kind: "system", component: component ?? "" };
}

function textOf({ timeMs, seq, correlationId }: TrueEntry): string {
  // One that does not compress, so that archives take room too.
  const noise = Buffer.from(
    Array.from({ length: 400 }, (_, at) => (seq * 131 + at * at * 7919 + timeMs) % 256),
  );
  const line = lineOf(timeMs, seq, correlationId);
  return `${line.slice(0, -2)},"context":{"noise":"${noise.toString("base64")}","padding":"${padding.slice(0, 1500)}"}}\n`;
}

function byNumber(segments: readonly RetainedSegment[]): Map<string, RetainedSegment> {
  const kept = segments.filter(({ state }) => state === "sealed" || state === "archived");
  const map = new Map(kept.map((segment) => [`${segment.stream} ${segment.name.seal?.number}`, segment]));
  if (map.size !== kept.length) throw new Error("a segment lies in two files");
  return map;
}

function bytesOf(segments: readonly RetainedSegment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}
