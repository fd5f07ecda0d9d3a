import { LinkedList } from "./linked-list.ts";
import type { RecordedEntry, RecordedTo } from "./recorded-entry.ts";
import { inOrder, type RingBounds, Rings } from "./ring.ts";

/** What may be kept. */
export interface RecordedBounds {
  readonly container: RingBounds;
  readonly correlation: RingBounds;
  readonly correlationsMax: number;
  readonly totalBytes: number;
}

/**
 * What keeping an entry takes beside its line, rounded up: 264 bytes where the rings have others too, 446 where its
 * correlation id has no other entry (heap used by 100,000 entries on Node 20, in excess of their lines).
 */
export const entryOverheadBytes = 512;

/**
 * Entries in the ring of their container and in that of their correlation id. What neither holds any more is forgotten;
 * over `totalBytes` the oldest of all are.
 */
export class RecordedEntries {
  readonly #bounds: RecordedBounds;
  readonly #all = new LinkedList<RecordedEntry>();
  readonly #containers = new Rings();
  readonly #correlations = new Rings();
  /** Entries that the ring of their container does not hold, by whom they would be written to. */
  readonly #strays = new Map<RecordedTo, Set<RecordedEntry>>();
  #bytes = 0;
  #forgotten = 0;

  constructor(bounds: RecordedBounds) {
    this.#bounds = bounds;
  }

  get count(): number {
    return this.#all.count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get correlations(): number {
    return this.#correlations.count;
  }

  /** Entries that had to make room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Whether a line of so many bytes fits into any ring. */
  fits(bytes: number, correlationId: string | undefined): boolean {
    const { container, correlation } = this.#bounds;
    return bytes <= container.bytesMax || (correlationId !== undefined && bytes <= correlation.bytesMax);
  }

  add(entry: RecordedEntry, correlationId: string | undefined): void {
    const { container, correlation, correlationsMax, totalBytes } = this.#bounds;
    entry.inAll = this.#all.append(entry);
    this.#bytes += entry.line.length + entryOverheadBytes;
    if (entry.line.length <= container.bytesMax) {
      entry.container = this.#containers.use(entry.source.containerId);
      entry.inContainer = entry.container.append(entry);
    }
    if (correlationId !== undefined && entry.line.length <= correlation.bytesMax) {
      entry.correlation = this.#correlations.use(correlationId);
      entry.inCorrelation = entry.correlation.append(entry);
    }
    if (entry.container === undefined) this.#noteStray(entry);
    const { container: own, correlation: shared } = entry;
    while (own?.exceeds(container)) this.#leaveContainer(own.first?.value);
    while (shared?.exceeds(correlation)) this.#leaveCorrelation(shared.first?.value);
    while (this.#correlations.count > correlationsMax) {
      this.#leaveCorrelation(this.#correlations.leastUsed?.first?.value);
    }
    while (this.#bytes > totalBytes) this.#forget(this.#all.first?.value);
  }

  /** The same entries within other bounds: what does not fit is forgotten, oldest first. These ones are then empty. */
  within(bounds: RecordedBounds): RecordedEntries {
    const others = new RecordedEntries(bounds);
    others.#forgotten = this.#forgotten;
    for (const entry of this.all()) {
      const correlationId = entry.correlation?.id;
      this.remove(entry);
      if (others.fits(entry.line.length, correlationId)) others.add(entry, correlationId);
      else others.#forgotten++;
    }
    return others;
  }

  /** What a container and a correlation id have, oldest first. */
  of(containerId: string, correlationId: string | undefined): RecordedEntry[] {
    const correlation = correlationId === undefined ? undefined : this.#correlations.get(correlationId);
    return inOrder(this.#containers.get(containerId), correlation);
  }

  /** What is kept of one logger. */
  ofLogger(containerId: string, to: RecordedTo): RecordedEntry[] {
    const inRing = this.of(containerId, undefined).filter((entry) => entry.to === to);
    return [...inRing, ...(this.#strays.get(to) ?? [])];
  }

  /** All entries, oldest first. */
  all(): RecordedEntry[] {
    const entries: RecordedEntry[] = [];
    for (let link = this.#all.first; link !== undefined; link = link.after) entries.push(link.value);
    return entries;
  }

  /** Takes an entry out, unless it is out already. */
  remove(entry: RecordedEntry): void {
    const { inAll } = entry;
    if (inAll === undefined) return;
    entry.inAll = undefined;
    this.#all.remove(inAll);
    this.#bytes -= entry.line.length + entryOverheadBytes;
    this.#removeFromContainer(entry);
    this.#removeFromCorrelation(entry);
    this.#forgetStray(entry);
  }

  #leaveContainer(entry: RecordedEntry | undefined): void {
    if (entry === undefined) return;
    this.#removeFromContainer(entry);
    if (entry.correlation === undefined) this.#forget(entry);
    else this.#noteStray(entry);
  }

  #leaveCorrelation(entry: RecordedEntry | undefined): void {
    if (entry === undefined) return;
    this.#removeFromCorrelation(entry);
    if (entry.container === undefined) this.#forget(entry);
  }

  #noteStray(entry: RecordedEntry): void {
    const strays = this.#strays.get(entry.to);
    if (strays === undefined) this.#strays.set(entry.to, new Set([entry]));
    else strays.add(entry);
  }

  #forgetStray(entry: RecordedEntry): void {
    const strays = this.#strays.get(entry.to);
    if (strays?.delete(entry) === true && strays.size === 0) this.#strays.delete(entry.to);
  }

  #removeFromContainer(entry: RecordedEntry): void {
    const { container, inContainer } = entry;
    if (container === undefined || inContainer === undefined) return;
    this.#containers.remove(container, inContainer);
    entry.container = undefined;
    entry.inContainer = undefined;
  }

  #removeFromCorrelation(entry: RecordedEntry): void {
    const { correlation, inCorrelation } = entry;
    if (correlation === undefined || inCorrelation === undefined) return;
    this.#correlations.remove(correlation, inCorrelation);
    entry.correlation = undefined;
    entry.inCorrelation = undefined;
  }

  #forget(entry: RecordedEntry | undefined): void {
    if (entry === undefined) return;
    this.remove(entry);
    this.#forgotten++;
  }
}
