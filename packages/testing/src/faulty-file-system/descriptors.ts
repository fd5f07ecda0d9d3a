import { constants } from "node:fs";
import type { Disk } from "./disk.ts";
import type { Inode } from "./inode.ts";
import { Refusal } from "./system-error.ts";

/** One open descriptor. */
export interface OpenFile {
  readonly inode: Inode;
  /** As given to `open`, so that faults can be chosen by path. */
  readonly path: string;
  readonly flags: number;
  /** Where the next write goes without O_APPEND. */
  position: number;
}

const accessMask = constants.O_RDONLY | constants.O_WRONLY | constants.O_RDWR;

/** Whether all bits of a flag are set. A flag of 0 stands for one that this platform lacks, and is never set. */
export const hasFlag = (flags: number, flag: number): boolean => flag !== 0 && (flags & flag) === flag;
export const isWritable = (flags: number): boolean => (flags & accessMask) !== constants.O_RDONLY;
export const isReadable = (flags: number): boolean => (flags & accessMask) !== constants.O_WRONLY;

/** The open descriptors of one process. Every method throws {@link Refusal}. */
export class Descriptors {
  readonly #disk: Disk;
  readonly #max: number;
  readonly #table = new Map<number, OpenFile>();

  /** @param max - open at once; the next one is refused with EMFILE. */
  constructor(disk: Disk, max: number) {
    this.#disk = disk;
    this.#max = max;
  }

  get count(): number {
    return this.#table.size;
  }

  /** The lowest free number, as POSIX demands; 0 to 2 belong to the standard streams. */
  nextFree(): number {
    if (this.#table.size >= this.#max) throw new Refusal("EMFILE");
    let fd = 3;
    while (this.#table.has(fd)) fd += 1;
    return fd;
  }

  insert(fd: number, inode: Inode, path: string, flags: number): void {
    if (inode.kind === "file") inode.openCount += 1;
    this.#table.set(fd, { inode, path, flags, position: 0 });
  }

  find(fd: number): OpenFile | undefined {
    return this.#table.get(fd);
  }

  get(fd: number): OpenFile {
    const file = this.#table.get(fd);
    if (file === undefined) throw new Refusal("EBADF");
    return file;
  }

  release(fd: number): void {
    const { inode } = this.get(fd);
    this.#table.delete(fd);
    if (inode.kind !== "file") return;
    inode.openCount -= 1;
    this.#disk.releaseIfUnreachable(inode);
  }

  releaseAll(): void {
    for (const fd of [...this.#table.keys()]) this.release(fd);
  }
}
