import { FileContent } from "./file-content.ts";
import type { DirectoryInode, FileInode, Inode, LinkInode } from "./inode.ts";
import { NameJournal } from "./name-journal.ts";
import { type Place, walkPath } from "./path-walk.ts";
import { Refusal } from "./system-error.ts";

/** Inodes and names of one device, without descriptors. Every method throws {@link Refusal}. */
export class Disk {
  readonly root: DirectoryInode;
  readonly journal = new NameJournal();
  /** Files with a name or an open descriptor; their bytes occupy the device. */
  readonly liveFiles = new Set<FileInode>();
  readonly #now: () => number;
  #nextInode = 2n;

  /** @param now - milliseconds since the epoch, for the times of files. */
  constructor(now: () => number) {
    this.#now = now;
    this.root = this.newDirectory(undefined);
  }

  get usedBytes(): number {
    let total = 0;
    for (const file of this.liveFiles) total += file.content.size;
    return total;
  }

  locate(path: string, followsLast = false): Place {
    return walkPath(this.root, path, followsLast);
  }

  newFile(content = new FileContent()): FileInode {
    return {
      kind: "file",
      number: this.#takeInode(),
      content,
      links: 0,
      openCount: 0,
      modifiedMs: this.#now(),
      nameDurable: false,
    };
  }

  newDirectory(parent: DirectoryInode | undefined): DirectoryInode {
    return {
      kind: "directory",
      number: this.#takeInode(),
      names: new Map(),
      durableNames: new Map(),
      parent,
      removed: false,
      modifiedMs: this.#now(),
    };
  }

  newLink(target: string): LinkInode {
    return { kind: "link", number: this.#takeInode(), target, links: 0, modifiedMs: this.#now() };
  }

  createFile(place: Place): FileInode {
    if (place.directoryOnly) throw new Refusal("EISDIR");
    const file = this.newFile();
    this.#setName(place, file);
    this.journal.record({ directory: place.directory, name: place.name, inode: file });
    return file;
  }

  createDirectory(path: string): void {
    const place = this.locate(path);
    if (place.inode !== undefined) throw new Refusal("EEXIST");
    const inode = this.newDirectory(place.directory);
    this.#setName(place, inode);
    this.journal.commitNow({ directory: place.directory, name: place.name, inode });
  }

  createLink(path: string, target: string): void {
    const place = this.locate(path);
    if (place.inode !== undefined) throw new Refusal("EEXIST");
    const inode = this.newLink(target);
    this.#setName(place, inode);
    this.journal.record({ directory: place.directory, name: place.name, inode });
  }

  link(existing: string, added: string): void {
    const { inode } = this.locate(existing);
    if (inode === undefined) throw new Refusal("ENOENT");
    const place = this.locate(added);
    if (place.inode !== undefined) throw new Refusal("EEXIST");
    if (place.directoryOnly) throw new Refusal("ENOENT");
    if (inode.kind === "directory") throw new Refusal("EPERM");
    this.#setName(place, inode);
    this.journal.record({ directory: place.directory, name: place.name, inode });
  }

  unlink(path: string): void {
    const place = this.locate(path);
    if (place.inode === undefined) throw new Refusal("ENOENT");
    if (place.inode.kind === "directory") throw new Refusal("EISDIR");
    this.#removeName(place);
    this.journal.record({ directory: place.directory, name: place.name, inode: undefined });
  }

  removeDirectory(path: string): void {
    const place = this.locate(path);
    if (place.inode === undefined) throw new Refusal("ENOENT");
    if (place.inode.kind !== "directory") throw new Refusal("ENOTDIR");
    if (place.inode.names.size > 0) throw new Refusal("ENOTEMPTY");
    if (place.name === "") throw new Refusal("EBUSY");
    this.#removeName(place);
    this.journal.record({ directory: place.directory, name: place.name, inode: undefined });
  }

  rename(from: string, to: string): void {
    const source = this.locate(from);
    const target = this.locate(to);
    const { inode } = source;
    if (inode === undefined) throw new Refusal("ENOENT");
    if (source.name === "" || target.name === "") throw new Refusal("EBUSY");
    if (inode.kind !== "directory" && (source.directoryOnly || target.directoryOnly))
      throw new Refusal("ENOTDIR");
    // POSIX: two names of one file; nothing happens and both stay.
    if (target.inode === inode) return;
    if (inode.kind === "directory" && isWithin(target.directory, inode)) throw new Refusal("EINVAL");
    if (target.inode !== undefined) this.#replace(inode, target);
    this.#removeName(source, inode);
    this.#setName(target, inode);
    if (inode.kind === "directory") {
      inode.parent = target.directory;
      inode.removed = false;
    }
    this.journal.record(
      { directory: source.directory, name: source.name, inode: undefined },
      { directory: target.directory, name: target.name, inode },
    );
  }

  /** As `rm -r`; durable at once, as mkdir is. */
  removeTree(path: string): void {
    const place = this.locate(path);
    if (place.inode === undefined) throw new Refusal("ENOENT");
    this.#empty(place.inode);
    this.#removeName(place);
    this.journal.commitNow({ directory: place.directory, name: place.name, inode: undefined });
  }

  /** Gives an inode a name that is durable at once. */
  adopt(directory: DirectoryInode, name: string, inode: Inode): void {
    this.#setName({ directory, name, inode: undefined, directoryOnly: false }, inode);
    this.journal.commitNow({ directory, name, inode });
  }

  /** Sets the time of the last change to now. */
  touch(inode: Inode): void {
    inode.modifiedMs = this.#now();
  }

  /** Frees the bytes of a file that nothing leads to any more. */
  releaseIfUnreachable(file: FileInode): void {
    if (file.links === 0 && file.openCount === 0) this.liveFiles.delete(file);
  }

  #replace(inode: Inode, target: Place): void {
    const replaced = target.inode;
    if (replaced?.kind === "directory") {
      if (inode.kind !== "directory") throw new Refusal("EISDIR");
      if (replaced.names.size > 0) throw new Refusal("ENOTEMPTY");
    } else if (inode.kind === "directory") throw new Refusal("ENOTDIR");
    this.#removeName(target);
  }

  #empty(inode: Inode): void {
    if (inode.kind !== "directory") return;
    for (const [name, child] of inode.names) {
      this.#empty(child);
      this.#removeName({ directory: inode, name, inode: child, directoryOnly: false });
      this.journal.record({ directory: inode, name, inode: undefined });
    }
  }

  #setName({ directory, name }: Place, inode: Inode): void {
    if (directory.removed) throw new Refusal("ENOENT");
    directory.names.set(name, inode);
    this.touch(directory);
    if (inode.kind !== "directory") inode.links += 1;
    if (inode.kind === "file") this.liveFiles.add(inode);
  }

  #removeName({ directory, name, inode: found }: Place, inode = found): void {
    directory.names.delete(name);
    this.touch(directory);
    if (inode === undefined) return;
    if (inode.kind === "directory") inode.removed = true;
    else inode.links -= 1;
    if (inode.kind === "file") this.releaseIfUnreachable(inode);
  }

  #takeInode(): bigint {
    const number = this.#nextInode;
    this.#nextInode += 1n;
    return number;
  }
}

function isWithin(directory: DirectoryInode, ancestor: DirectoryInode): boolean {
  let current: DirectoryInode | undefined = directory;
  while (current !== undefined && current !== ancestor) current = current.parent;
  return current === ancestor;
}
