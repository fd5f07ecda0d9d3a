/** Bytes of a page, the unit in which the kernel writes back and in which unsynced data is lost. */
const pageBytes = 4096;

/**
 * What a power cut leaves of everything that was not synced.
 * - `drop`: nothing. Names and bytes are those of the last sync.
 * - `meta`: the names. All names are as they were at the cut; a file ends where its synced bytes end, so a file that
 *   was never synced is empty (the "zero-length file after rename" of delayed allocation).
 * - `nul`: names and lengths. All names and lengths are as they were at the cut; unsynced bytes read as NUL.
 * - `rand`: some of it. Changes of names survive up to a random one, in the order they were made; lengths are as they
 *   were at the cut; each unsynced page of 4096 bytes survives whole or is lost as in `nul`. The seed decides.
 *
 * In `meta`, `nul` and `rand` a truncation before the cut counts as done.
 */
export type PowerLossKind = "drop" | "meta" | "nul" | "rand";

/** The bytes of one file: what processes see, and what would survive a power cut. */
export class FileContent {
  size = 0;
  #bytes = new Uint8Array(0);
  #durable = new Uint8Array(0);
  #durableSize = 0;
  /** Smallest size since the last sync: durable bytes from here on were given back to the device. */
  #lowestSize = 0;
  /** Pages written since the last sync; only these are copied by it. */
  #dirtyPages = new Set<number>();

  /** A file that exists, synced, with these bytes. */
  static durable(bytes: Uint8Array): FileContent {
    const content = new FileContent();
    content.write(bytes, 0, bytes.length, 0);
    content.sync();
    return content;
  }

  write(source: Uint8Array, offset: number, length: number, position: number): void {
    if (length === 0) return;
    const end = position + length;
    this.#bytes = withCapacity(this.#bytes, end);
    this.#bytes.set(source.subarray(offset, offset + length), position);
    this.size = Math.max(this.size, end);
    const lastPage = Math.floor((end - 1) / pageBytes);
    for (let page = Math.floor(position / pageBytes); page <= lastPage; page += 1) this.#dirtyPages.add(page);
  }

  /** @returns bytes read, 0 at or beyond the end. */
  read(target: Uint8Array, offset: number, length: number, position: number): number {
    const count = Math.max(0, Math.min(length, this.size - position));
    target.set(this.#bytes.subarray(position, position + count), offset);
    return count;
  }

  truncate(length: number): void {
    this.#bytes = withCapacity(this.#bytes, length);
    this.#bytes.fill(0, Math.min(length, this.size));
    this.size = length;
    this.#lowestSize = Math.min(this.#lowestSize, length);
  }

  snapshot(): Uint8Array {
    return this.#bytes.slice(0, this.size);
  }

  /** Makes everything durable, except pages that a failed sync has thrown away before. */
  sync(): void {
    this.#durable = withCapacity(this.#durable, this.size);
    this.#durable.fill(0, Math.min(this.#lowestSize, this.#durableSize));
    for (const page of this.#dirtyPages) this.#copyPage(page, this.#durable);
    this.#dirtyPages.clear();
    this.#durableSize = this.size;
    this.#lowestSize = this.size;
  }

  /**
   * What Linux does after an error of fsync: the pages count as clean though they never reached the device, so the
   * next fsync succeeds without them. Processes still read them from the cache.
   *
   * @see Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020
   */
  loseDirtyPages(): void {
    this.#dirtyPages.clear();
  }

  /** @param keepsPage - asked once for each unsynced page, for `rand`. */
  afterPowerLoss(kind: PowerLossKind, keepsPage: () => boolean): Uint8Array {
    if (kind === "drop") return this.#durable.slice(0, this.#durableSize);
    const kept = this.#durable.slice(0, Math.min(this.#durableSize, this.#lowestSize));
    if (kind === "meta") return kept;
    const bytes = new Uint8Array(this.size);
    bytes.set(kept);
    if (kind === "rand") {
      for (const page of this.#dirtyPages) if (keepsPage()) this.#copyPage(page, bytes);
    }
    return bytes;
  }

  #copyPage(page: number, target: Uint8Array): void {
    const start = page * pageBytes;
    if (start < this.size)
      target.set(this.#bytes.subarray(start, Math.min(start + pageBytes, this.size)), start);
  }
}

/** Doubles, so that appending stays linear. */
function withCapacity(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes;
  const grown = new Uint8Array(Math.max(length, bytes.length * 2));
  grown.set(bytes);
  return grown;
}
