import type { Segment, SegmentState } from "./segment.ts";
import type { StreamKind } from "./stream-address.ts";

/** Counts over all that lies in a tree. */
export interface LedgerTotals {
  /** Of everything: segments in any state, temporary files, and our own state in `.waybill`. */
  readonly bytes: number;
  readonly bytesByState: Readonly<Record<SegmentState, number>>;
  readonly filesByState: Readonly<Record<SegmentState, number>>;
  readonly bytesByKind: Readonly<Record<StreamKind, number>>;
  /** Bytes in `.waybill`: indexes, manifests, holds, locks. */
  readonly stateBytes: number;
}

/** Sums that follow each file that comes, goes or changes. */
export class LedgerSums {
  #bytes = 0;
  #stateBytes = 0;
  readonly #bytesByState: Record<SegmentState, number> = { active: 0, sealed: 0, archived: 0, temporary: 0 };
  readonly #filesByState: Record<SegmentState, number> = { active: 0, sealed: 0, archived: 0, temporary: 0 };
  readonly #bytesByKind: Record<StreamKind, number> = {
    container: 0,
    flow: 0,
    correlation: 0,
    system: 0,
    master: 0,
  };
  readonly #containers = new Map<string, { bytes: number; files: number }>();

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

  /** @param sign - 1 for a file that came, −1 for one that went. */
  addSegment({ state, kind, container, bytes }: Segment, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    this.#bytesByState[state] += sign * bytes;
    this.#filesByState[state] += sign;
    this.#bytesByKind[kind] += sign * bytes;
    if (container !== undefined) this.#addToContainer(container, sign * bytes, sign);
  }

  /** @param sign - as of {@link addSegment}. */
  addState(bytes: number, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    this.#stateBytes += sign * bytes;
  }

  #addToContainer(container: string, bytes: number, files: number): void {
    const sum = this.#containers.get(container) ?? { bytes: 0, files: 0 };
    sum.bytes += bytes;
    sum.files += files;
    if (sum.files === 0) this.#containers.delete(container);
    else this.#containers.set(container, sum);
  }
}
