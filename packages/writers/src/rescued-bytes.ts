import type { FileSystem } from "@waybill/protocols";
import { readFully } from "./tail.ts";

/** Bytes of a file that is gone, kept until the next one has them. */
export class RescuedBytes {
  #bytes = Buffer.alloc(0);

  get length(): number {
    return this.#bytes.length;
  }

  /**
   * Reads a part of the file, which has no name any more, through its open descriptor. What was to follow it there
   * still does.
   *
   * @throws as the file system.
   */
  readBack(fileSystem: FileSystem, fd: number, from: number, to: number): void {
    const bytes = Buffer.alloc(Math.max(0, to - from));
    readFully(fileSystem, fd, bytes, from);
    this.#bytes = Buffer.concat([bytes, this.#bytes]);
  }

  /** @param write - appends as far as the system takes it. @throws what it throws; the rest is kept then. */
  writeBy(write: (bytes: Uint8Array) => number): void {
    while (this.#bytes.length > 0) this.#bytes = this.#bytes.subarray(write(this.#bytes));
  }

  clear(): void {
    this.#bytes = Buffer.alloc(0);
  }
}
