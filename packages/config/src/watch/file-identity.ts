import { stat } from "node:fs/promises";
import { dirname } from "node:path";

/** What tells one state of a file from the next, as text that is compared and never read. */
export interface FileIdentity {
  /** The file that the path leads to, with its size and times; the error code when it leads nowhere. */
  readonly file: string;
  /** The directory that holds the path: another one after it was removed and made again, even with the same inode. */
  readonly directory: string;
}

async function identify(path: string, withContent: boolean): Promise<string> {
  try {
    const { dev, ino, birthtimeNs, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, birthtimeNs, ...(withContent ? [size, mtimeNs, ctimeNs] : [])].join(" ");
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown";
  }
}

/** Looks at a path, through links. Never rejects. */
export async function identifyFile(path: string): Promise<FileIdentity> {
  const [file, directory] = await Promise.all([identify(path, true), identify(dirname(path), false)]);
  return { file, directory };
}
