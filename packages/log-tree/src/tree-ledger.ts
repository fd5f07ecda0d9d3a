import * as path from "node:path";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { createEventLoopTurn } from "./event-loop-turn.ts";
import { type InventoryProblem, listSegments, statSegment } from "./inventory.ts";
import { type LedgerContainer, LedgerSums, type LedgerTotals } from "./ledger-sums.ts";
import type { Segment } from "./segment.ts";
import { markShadowed, markShadowedInSlices } from "./shadowed-segments.ts";
import { createTreeLayout, type TreeLayout } from "./tree-layout.ts";

/** What a rescan found to be otherwise than the ledger had it. */
export interface LedgerDrift {
  /** Files that were not known. */
  readonly added: number;
  /** Files that were known and are gone. */
  readonly removed: number;
  /** Files of another size. */
  readonly changed: number;
  /** Bytes by which the total was wrong; negative when less lies there than was known. */
  readonly bytes: number;
  /** Directories and files that could not be looked at; what was known of them stays. */
  readonly problems: readonly InventoryProblem[];
}

/**
 * What lies in a tree, kept up by who changes it instead of by walking the tree: the writers tell of what they write and
 * seal, archive and retention of what they move and delete. A rescan finds what nobody told.
 */
export interface TreeLedger {
  readonly layout: TreeLayout;
  /** A copy of all that is counted, for every question that needs no list. */
  readonly totals: LedgerTotals;
  /** Bytes of all segment files of a container, wherever they lie. */
  containerBytes(container: string): number;
  /** Every container that has segment files, in no particular order; costs by their number, not by that of the files. */
  containers(): LedgerContainer[];
  /** All segment files, as `listSegments` gives them. Sorts them: some milliseconds for 10,000. */
  segments(): Segment[];
  /** The same as of now, and lets the event loop turn every few milliseconds. */
  segmentsInSlices(): Promise<Segment[]>;
  /** Looks at one path below the root again: one that was made, has grown, or is gone. Other paths are ignored. */
  note(file: string): void;
  /** The same for a known segment file of which the size is known, without looking. */
  noteBytes(file: string, bytes: number): void;
  /**
   * Walks the whole tree, in slices of 8 ms, and corrects the ledger. Runs once at a time: a second call gets the result
   * of the first.
   */
  rescan(): Promise<LedgerDrift>;
}

/** Options of {@link openTreeLedger}. */
export interface TreeLedgerOptions {
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
}

/**
 * Opens the ledger of a tree with a first walk over it.
 *
 * @throws {WaybillError} `WAYBILL_TREE_FORMAT_UNKNOWN`.
 */
export async function openTreeLedger(root: string, options: TreeLedgerOptions = {}): Promise<TreeLedger> {
  const ledger = new ScannedLedger(createTreeLayout(root), options.fileSystem ?? nodeFileSystem);
  await ledger.rescan();
  return ledger;
}

class ScannedLedger implements TreeLedger {
  readonly layout: TreeLayout;
  readonly #fileSystem: FileSystem;
  readonly #segments = new Map<string, Segment>();
  /** Sizes of the files in `.waybill`, which count but are no segments. */
  readonly #state = new Map<string, number>();
  readonly #sums = new LedgerSums();
  /** Paths told of during a walk, which may have seen them before or after. */
  #touched: Set<string> | undefined;
  #rescan: Promise<LedgerDrift> | undefined;

  constructor(layout: TreeLayout, fileSystem: FileSystem) {
    this.layout = layout;
    this.#fileSystem = fileSystem;
  }

  get totals(): LedgerTotals {
    return this.#sums.totals();
  }

  containerBytes(container: string): number {
    return this.#sums.containerBytes(container);
  }

  containers(): LedgerContainer[] {
    return this.#sums.containers();
  }

  segments(): Segment[] {
    return markShadowed(this.#segments.values());
  }

  segmentsInSlices(): Promise<Segment[]> {
    // A copy, since the map may change between two slices.
    return markShadowedInSlices([...this.#segments.values()]);
  }

  note(file: string): void {
    const target = path.resolve(this.layout.root, file);
    this.#touched?.add(target);
    this.#look(target);
  }

  noteBytes(file: string, bytes: number): void {
    const target = path.resolve(this.layout.root, file);
    const known = this.#segments.get(target);
    if (known === undefined) {
      this.note(file);
      return;
    }
    this.#touched?.add(target);
    if (known.bytes !== bytes) this.#putSegment({ ...known, bytes });
  }

  rescan(): Promise<LedgerDrift> {
    this.#rescan ??= this.#walk().finally(() => {
      this.#rescan = undefined;
      this.#touched = undefined;
    });
    return this.#rescan;
  }

  async #walk(): Promise<LedgerDrift> {
    const touched = new Set<string>();
    this.#touched = touched;
    const turn = createEventLoopTurn();
    const bytesBefore = this.totals.bytes;
    const { segments, problems } = await listSegments(this.layout.root, { fileSystem: this.#fileSystem });
    const state = await this.#listState();
    const found = new Set<string>();
    const drift = { added: 0, changed: 0, removed: 0 };
    const count = (known: number | undefined, bytes: number): void => {
      if (known === undefined) drift.added += 1;
      else if (known !== bytes) drift.changed += 1;
    };
    for (const segment of segments) {
      await turn();
      found.add(segment.path);
      if (touched.has(segment.path)) continue;
      count(this.#segments.get(segment.path)?.bytes, segment.bytes);
      this.#putSegment(segment.shadowed ? { ...segment, shadowed: false } : segment);
    }
    for (const [file, bytes] of state) {
      await turn();
      found.add(file);
      if (touched.has(file)) continue;
      count(this.#state.get(file), bytes);
      this.#putState(file, bytes);
    }
    const isBehind = (file: string): boolean => problems.some((problem) => isWithin(file, problem.path));
    for (const file of [...this.#segments.keys(), ...this.#state.keys()]) {
      await turn();
      if (found.has(file) || touched.has(file) || isBehind(file)) continue;
      this.#remove(file);
      drift.removed += 1;
    }
    return { ...drift, bytes: this.totals.bytes - bytesBefore, problems };
  }

  #look(file: string): void {
    const location = this.layout.locate(file);
    const segment = location === undefined ? undefined : statSegment(file, location, this.#fileSystem);
    if (segment !== undefined) {
      this.#putSegment(segment);
      return;
    }
    const stat = this.#isState(file) ? this.#fileSystem.lstat(file) : undefined;
    if (stat?.kind === "file") this.#putState(file, stat.size);
    else this.#remove(file);
  }

  #isState(file: string): boolean {
    return isWithin(file, path.dirname(this.layout.marker));
  }

  async #listState(): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    const turn = createEventLoopTurn();
    const visit = async (directory: string): Promise<void> => {
      for (const { name, kind } of this.#entriesOf(directory)) {
        await turn();
        const file = path.join(directory, name);
        if (kind === "directory") await visit(file);
        else if (kind === "file") sizes.set(file, this.#fileSystem.lstat(file)?.size ?? 0);
      }
    };
    await visit(path.dirname(this.layout.marker));
    return sizes;
  }

  #entriesOf(directory: string): ReturnType<FileSystem["readdir"]> {
    try {
      return this.#fileSystem.readdir(directory);
    } catch {
      // Removed meanwhile, or not readable: our own state then counts as what was known of it.
      return [];
    }
  }

  #putSegment(segment: Segment): void {
    const known = this.#segments.get(segment.path);
    // Never deleted and set anew: a Map gets slow by the thousands of such changes that a stream makes in a minute.
    this.#segments.set(segment.path, segment);
    if (known === undefined) this.#sums.addSegment(segment, 1);
    else this.#sums.grow(known, segment.bytes - known.bytes);
  }

  #putState(file: string, bytes: number): void {
    this.#remove(file);
    this.#state.set(file, bytes);
    this.#sums.addState(bytes, 1);
  }

  #remove(file: string): void {
    const segment = this.#segments.get(file);
    if (segment !== undefined) {
      this.#segments.delete(file);
      this.#sums.addSegment(segment, -1);
    }
    const bytes = this.#state.get(file);
    if (bytes === undefined) return;
    this.#state.delete(file);
    this.#sums.addState(bytes, -1);
  }
}

function isWithin(file: string, directory: string): boolean {
  return file === directory || file.startsWith(`${directory}${path.sep}`);
}
