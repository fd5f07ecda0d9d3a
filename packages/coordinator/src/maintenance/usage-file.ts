import { constants } from "node:fs";
import type { TreeLayout } from "@waybill/log-tree";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";

/** Smaller changes are not worth a write. */
const changeShareMin = 0.01;
/** Its contents are some twenty bytes; whatever is longer is none of ours. */
const contentBytesMax = 256;
const mode = 0o640;
const noFollow = constants.O_NOFOLLOW ?? 0;
const readFlags = constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0);
const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | noFollow;

/**
 * What a tree took when it was last looked at. A process that starts knows by it what writers may write until it has
 * looked itself. Written over in place: a torn one counts as unknown, as a missing one does.
 */
export interface UsageFile {
  /** Bytes; undefined = unknown. */
  read(): number | undefined;
  /** Written when it differs enough from the last one. Never throws. */
  note(totalBytes: number): void;
}

/**
 * @param layout - of the tree.
 * @param fileSystem - default: that of this machine.
 */
export function createUsageFile({ usage }: TreeLayout, fileSystem: FileSystem = nodeFileSystem): UsageFile {
  let written = Number.NaN;
  const withFile = <T>(flags: number, work: (fd: number) => T): T | undefined => {
    try {
      const fd = fileSystem.open(usage, flags, mode);
      try {
        return work(fd);
      } finally {
        fileSystem.close(fd);
      }
    } catch {
      // Without it, the next start begins with one segment.
      return undefined;
    }
  };
  return {
    read: () =>
      withFile(readFlags, (fd) => {
        const content = Buffer.alloc(contentBytesMax);
        const length = fileSystem.read(fd, content, 0, contentBytesMax, 0);
        return bytesIn(JSON.parse(content.toString("utf8", 0, length)));
      }),
    note(totalBytes) {
      if (Math.abs(totalBytes - written) < written * changeShareMin) return;
      written = totalBytes;
      const content = Buffer.from(`${JSON.stringify({ bytes: totalBytes })}\n`);
      withFile(writeFlags, (fd) => fileSystem.write(fd, content, 0, content.length));
    },
  };
}

function bytesIn(value: unknown): number | undefined {
  const bytes = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : undefined;
  return typeof bytes === "number" && bytes >= 0 ? bytes : undefined;
}
