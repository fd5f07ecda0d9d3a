import * as path from "node:path";
import type { Segment, SegmentState } from "./segment.ts";
import type { StreamKind } from "./stream-address.ts";

/** Counts over all that lies in a tree. */
export interface LedgerTotals {
  /** Of everything: segments in any state, temporary files, what was set aside, and our own state in `.waybill`. */
  readonly bytes: number;
  readonly bytesByState: Readonly<Record<SegmentState, number>>;
  readonly filesByState: Readonly<Record<SegmentState, number>>;
  readonly bytesByKind: Readonly<Record<StreamKind, number>>;
  /** Bytes in `.waybill`: indexes, manifests, holds, locks. */
  readonly stateBytes: number;
}

/** What lies in a tree of one container. */
export interface LedgerContainer {
  readonly container: string;
  /** Of all its segment files, wherever they lie. */
  readonly bytes: number;
  readonly files: number;
  /** Names of its active segments, sorted. */
  readonly activeFiles: readonly string[];
}

interface ContainerSum {
  bytes: number;
  files: number;
  /** Paths. */
  readonly active: Set<string>;
}

/** Sums that follow each file that comes, goes or changes. */
export class LedgerSums {
  #bytes = 0;
  #stateBytes = 0;
  readonly #bytesByState = noneByState();
  readonly #filesByState = noneByState();
  readonly #bytesByKind: Record<StreamKind, number> = {
    container: 0,
    flow: 0,
    correlation: 0,
    system: 0,
    master: 0,
  };
  readonly #containers = new Map<string, ContainerSum>();

  totals(): LedgerTotals {
    return {
      bytes: this.#bytes,
      bytesByState: { ...this.#bytesByState },
      filesByState: { ...this.#filesByState },
      bytesByKind: { ...this.#bytesByKind },
      stateBytes: this.#stateBytes,
    };
  }

  containerBytes(container: string): number {
    return this.#containers.get(container)?.bytes ?? 0;
  }

  containers(): LedgerContainer[] {
    return Array.from(this.#containers, ([container, { bytes, files, active }]) => ({
      container,
      bytes,
      files,
      activeFiles: Array.from(active, (file) => path.basename(file)).sort(),
    }));
  }

  /** @param sign - 1 for a file that came, −1 for one that went. */
  addSegment(segment: Segment, sign: 1 | -1): void {
    const { state, kind, container, bytes } = segment;
    this.#bytes += sign * bytes;
    this.#bytesByState[state] += sign * bytes;
    this.#filesByState[state] += sign;
    this.#bytesByKind[kind] += sign * bytes;
    if (container !== undefined) this.#addToContainer(container, segment, sign);
  }

  /** A segment file of which the path, and so all but the size, stays the same. @param bytes - negative when it shrank. */
  grow({ state, kind, container }: Segment, bytes: number): void {
    this.#bytes += bytes;
    this.#bytesByState[state] += bytes;
    this.#bytesByKind[kind] += bytes;
    const sum = container === undefined ? undefined : this.#containers.get(container);
    if (sum !== undefined) sum.bytes += bytes;
  }

  /** @param sign - as of {@link addSegment}. */
  addState(bytes: number, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    this.#stateBytes += sign * bytes;
  }

  #addToContainer(container: string, { path: file, state, bytes }: Segment, sign: 1 | -1): void {
    const sum = this.#containers.get(container) ?? { bytes: 0, files: 0, active: new Set() };
    sum.bytes += sign * bytes;
    sum.files += sign;
    if (state === "active") {
      if (sign > 0) sum.active.add(file);
      else sum.active.delete(file);
    }
    if (sum.files === 0) this.#containers.delete(container);
    else this.#containers.set(container, sum);
  }
}

function noneByState(): Record<SegmentState, number> {
  return { active: 0, sealed: 0, archived: 0, temporary: 0, aside: 0 };
}
