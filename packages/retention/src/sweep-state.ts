import * as path from "node:path";
import { createEventLoopTurn, decodePathPart, type Segment, type TreeLayout } from "@waybill/log-tree";
import { type Clock, type FileStat, type FileSystem, nodeFileSystem, systemClock } from "@waybill/protocols";
import type { RetentionPorts } from "./apply-retention.ts";
import { readMountPoints } from "./mount-points.ts";
import { openTreeGuard, type TreeGuard } from "./tree-guard.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How long the floor of a stream that is gone is kept since it was last raised. */
const goneFloorMs = 30 * dayMs;
/** Small files, but each takes a block of the disk: some 40 MiB. */
const goneFloorsMaxDefault = 10_000;
/** A path part that was cut, from which its id cannot be read back. */
const cutName = /~[0-9a-f]{16}$/;

/** What {@link sweepTreeState} works with. */
export interface SweepStatePorts extends Pick<RetentionPorts, "mountPoints" | "fileSystem" | "clock"> {
  /** Ends it before the next file. */
  readonly signal?: AbortSignal | undefined;
  /** Floors of streams that are gone that are kept at most, integer ≥ 0. Default 10,000. */
  readonly goneFloorsMax?: number | undefined;
}

/** What {@link sweepTreeState} did. */
export interface SweptState {
  /** Absolute paths of the files that are gone. */
  readonly removed: readonly string[];
  readonly bytes: number;
  /** Files that could not be removed; the next sweep tries again. */
  readonly failed: number;
}

/**
 * Removes what nobody needs any more of the tree's own state in `.waybill`:
 *
 * - temporary files (`.part`) that were not written for an hour. Those beside segments are in the plan.
 * - floors of streams that are gone: their container has no directory any more, no file of theirs lies in the tree, and
 *   the floor was last raised 30 days ago, or more such streams went later than are kept. If such a container ever comes back, its
 *   `seq` and the numbers of its segments begin at 1; by then nothing in the tree has the old ones.
 *
 * Never throws for a file. Lets the event loop turn every few milliseconds.
 *
 * @param segments - all that lie in the tree, as the ledger or `listSegments` tells.
 * @throws {WaybillError} as `applyRetention`. @throws the reason of the signal.
 */
export async function sweepTreeState(
  root: string,
  segments: readonly Segment[],
  ports: SweepStatePorts = {},
): Promise<SweptState> {
  const { fileSystem = nodeFileSystem, clock = systemClock, signal } = ports;
  const guard = openTreeGuard(root, fileSystem, (ports.mountPoints ?? readMountPoints)(path.resolve(root)));
  const sweep = new StateSweep(guard, fileSystem, clock, signal);
  await sweep.removeTemporary();
  await sweep.removeFloors(segments, ports.goneFloorsMax ?? goneFloorsMaxDefault);
  const { removed, bytes, failed } = sweep;
  return { removed, bytes, failed };
}

interface StateFile {
  readonly file: string;
  readonly stat: FileStat;
}

class StateSweep implements SweptState {
  readonly removed: string[] = [];
  bytes = 0;
  failed = 0;
  readonly #guard: TreeGuard;
  readonly #layout: TreeLayout;
  readonly #fileSystem: FileSystem;
  readonly #nowMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #turn = createEventLoopTurn();

  constructor(guard: TreeGuard, fileSystem: FileSystem, clock: Clock, signal: AbortSignal | undefined) {
    this.#guard = guard;
    this.#layout = guard.layout;
    this.#fileSystem = fileSystem;
    this.#nowMs = clock.now();
    this.#signal = signal;
  }

  async removeTemporary(): Promise<void> {
    const { marker, indexes, holds, manifests, floors } = this.#layout;
    // Not the locks: that of a container `x.part` bears such a name.
    for (const directory of [path.dirname(marker), indexes, holds, manifests, floors]) {
      for (const name of this.#filesIn(directory)) {
        await this.#pause();
        if (!name.endsWith(".part")) continue;
        const found = this.#look(path.join(directory, name));
        if (found !== undefined && this.#ageOf(found) > hourMs) this.#remove(found);
      }
    }
  }

  async removeFloors(segments: readonly Segment[], goneFloorsMax: number): Promise<void> {
    const needed = await this.#floorsOf(segments);
    const gone: StateFile[] = [];
    for (const name of this.#filesIn(this.#layout.floors)) {
      await this.#pause();
      if (needed.has(name) || !this.#isOfGoneContainer(name)) continue;
      const found = this.#look(path.join(this.#layout.floors, name));
      if (found !== undefined) gone.push(found);
    }
    gone.sort((a, b) => b.stat.modifiedMs - a.stat.modifiedMs);
    for (const [at, found] of gone.entries()) {
      await this.#pause();
      const isDue = at >= goneFloorsMax || this.#ageOf(found) > goneFloorMs;
      // Looked at once more: the container may have come back meanwhile.
      if (isDue && this.#isOfGoneContainer(path.basename(found.file))) this.#remove(found);
    }
  }

  async #floorsOf(segments: readonly Segment[]): Promise<Set<string>> {
    const { root } = this.#layout;
    const names = new Set<string>();
    const streams = new Set(segments.map(({ stream }) => stream));
    for (const stream of streams) {
      await this.#pause();
      names.add(path.basename(this.#layout.floorFile(`${path.join(root, ...stream.split("/"))}.log`)));
    }
    return names;
  }

  /** Of a name that was cut only what lies in the tree tells whether its stream is gone. */
  #isOfGoneContainer(name: string): boolean {
    if (cutName.test(name)) return name.startsWith("containers%2F");
    const active = decodePathPart(name);
    const location = active === undefined ? undefined : this.#layout.locate(active);
    if (active === undefined || location?.kind !== "container") return false;
    const directory = path.dirname(path.join(this.#layout.root, active));
    return this.#fileSystem.lstat(directory) === undefined;
  }

  #ageOf({ stat }: StateFile): number {
    return this.#nowMs - stat.modifiedMs;
  }

  #look(file: string): StateFile | undefined {
    const stat = this.#fileSystem.lstat(file);
    return stat?.kind === "file" ? { file, stat } : undefined;
  }

  #remove({ file, stat }: StateFile): void {
    try {
      if (this.#guard.refusalOfState(file, stat) !== undefined) return;
      this.#fileSystem.unlink(file);
      this.removed.push(file);
      this.bytes += stat.size;
    } catch {
      this.failed += 1;
    }
  }

  #filesIn(directory: string): string[] {
    try {
      return this.#fileSystem.readdir(directory).flatMap(({ name, kind }) => (kind === "file" ? [name] : []));
    } catch {
      // Not there, or not readable: nothing of it can be removed.
      return [];
    }
  }

  async #pause(): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#turn();
  }
}
