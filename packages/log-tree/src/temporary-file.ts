import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import type { FileSystem } from "@waybill/protocols";

const fileMode = 0o640;

/** A name for what is to take the place of a file, once it is whole. */
export function temporaryBeside(file: string): string {
  // Random and not only the pid: worker threads share that.
  return `${file}.${process.pid}-${randomBytes(6).toString("hex")}.part`;
}

/** Creates a file that nobody has seen yet, and syncs it. @throws as the file system. */
export function createTemporary(file: string, text: string, fileSystem: FileSystem): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  const fd = fileSystem.open(file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), fileMode);
  try {
    const bytes = Buffer.from(text);
    for (let offset = 0; offset < bytes.length; ) {
      offset += fileSystem.write(fd, bytes, offset, bytes.length - offset);
    }
    if (bytes.length > 0) fileSystem.sync(fd);
  } finally {
    fileSystem.close(fd);
  }
}

/** Removes a temporary file, if it is there. */
export function removeQuietly(file: string, fileSystem: FileSystem): void {
  try {
    if (fileSystem.lstat(file) !== undefined) fileSystem.unlink(file);
  } catch {
    // A leftover `.part` file is passed over by every reader.
    return;
  }
}
