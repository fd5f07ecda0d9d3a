import { type Link, LinkedList } from "./linked-list.ts";
import type { RecordedEntry } from "./recorded-entry.ts";

/** What one ring may hold. */
export interface RingBounds {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

/** The entries of one container or of one correlation id, oldest first. */
export class Ring extends LinkedList<RecordedEntry> {
  /** The container or correlation id. */
  readonly id: string;
  /** Its place in {@link Rings}; undefined once it was taken away. */
  link: Link<Ring> | undefined;
  #bytes = 0;

  constructor(id: string) {
    super();
    this.id = id;
  }

  override append(entry: RecordedEntry): Link<RecordedEntry> {
    this.#bytes += entry.line.length;
    return super.append(entry);
  }

  override remove(link: Link<RecordedEntry>): void {
    this.#bytes -= link.value.line.length;
    super.remove(link);
  }

  exceeds({ entriesMax, bytesMax }: RingBounds): boolean {
    return this.count > entriesMax || this.#bytes > bytesMax;
  }
}

/** Rings by id. None is empty. */
export class Rings {
  readonly #rings = new Map<string, Ring>();
  /** Those of `#rings`, the one longest unused first. */
  readonly #byUse = new LinkedList<Ring>();

  get count(): number {
    return this.#rings.size;
  }

  /** The ring longest unused. */
  get leastUsed(): Ring | undefined {
    return this.#byUse.first?.value;
  }

  get(id: string): Ring | undefined {
    return this.#rings.get(id);
  }

  /** The ring of an id, made if there is none; from now on the one used last. The caller puts an entry into it. */
  use(id: string): Ring {
    const known = this.#rings.get(id);
    if (known?.link !== undefined) {
      this.#byUse.moveToEnd(known.link);
      return known;
    }
    const ring = new Ring(id);
    ring.link = this.#byUse.append(ring);
    this.#rings.set(id, ring);
    return ring;
  }

  /** Takes one entry out of its ring, and the ring away when it was the last. */
  remove(ring: Ring, link: Link<RecordedEntry>): void {
    ring.remove(link);
    if (ring.first !== undefined || ring.link === undefined) return;
    this.#byUse.remove(ring.link);
    ring.link = undefined;
    this.#rings.delete(ring.id);
  }
}

/** The entries of two rings in order of time; one that is in both stands there once. */
export function inOrder(one: Ring | undefined, other: Ring | undefined): RecordedEntry[] {
  const entries: RecordedEntry[] = [];
  let a = one?.first;
  let b = other?.first;
  for (let next = earlier(a, b); next !== undefined; next = earlier(a, b)) {
    const { value } = next;
    entries.push(value);
    if (a?.value === value) a = a.after;
    if (b?.value === value) b = b.after;
  }
  return entries;
}

function earlier(
  a: Link<RecordedEntry> | undefined,
  b: Link<RecordedEntry> | undefined,
): Link<RecordedEntry> | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.value.order <= b.value.order ? a : b;
}
