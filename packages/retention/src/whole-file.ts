import { constants } from "node:fs";
import type { FileSystem } from "@waybill/protocols";

const { O_RDONLY, O_NOFOLLOW } = constants;

/**
 * The bytes of a file; a link is not followed.
 *
 * @param bytesMax - of a longer file only its end is read. Default: no limit.
 * @throws the error of the file system.
 */
export function readWholeFile(
  file: string,
  fileSystem: FileSystem,
  bytesMax: number = Number.POSITIVE_INFINITY,
): Buffer {
  const fd = fileSystem.open(file, O_RDONLY | (O_NOFOLLOW ?? 0), 0);
  try {
    return readFileEnd(fd, fileSystem.stat(fd).size, bytesMax, fileSystem);
  } finally {
    fileSystem.close(fd);
  }
}

/** The last bytes of a file of `size` bytes, all of them if it has no more. @throws the error of the file system. */
export function readFileEnd(fd: number, size: number, bytesMax: number, fileSystem: FileSystem): Buffer {
  const bytes = Buffer.alloc(Math.min(size, bytesMax));
  return readFilePiece(fd, size - bytes.length, bytes, fileSystem);
}

/** Fills `bytes` from a position on, as far as the file goes. @throws the error of the file system. */
export function readFilePiece(fd: number, position: number, bytes: Buffer, fileSystem: FileSystem): Buffer {
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = fileSystem.read(fd, bytes, length, bytes.length - length, position + length);
  }
  return bytes.subarray(0, length);
}

/** Appends all of a text, however little one call takes. @throws the error of the file system. */
export function appendWhole(fd: number, text: string, fileSystem: FileSystem): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    offset += fileSystem.write(fd, bytes, offset, bytes.length - offset);
  }
}
