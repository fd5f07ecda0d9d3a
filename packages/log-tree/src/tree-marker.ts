import * as fs from "node:fs";
import { type FileSystem, WaybillError } from "@waybill/protocols";

/** The format version that this release reads and writes. */
export const treeFormat = 1;

const markerBytesMax = 65_536;

/** `.waybill/tree.json`: what makes a directory a log tree. */
export interface TreeMarker {
  /** Version of the on-disk format. */
  readonly format: typeof treeFormat;
  /** The coordinator that created the tree; others may use it too. */
  readonly coordinatorId: string;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
}

/** The text of `.waybill/tree.json`. */
export function formatTreeMarker(marker: TreeMarker): string {
  const { format, coordinatorId, createdMs } = marker;
  return `${JSON.stringify({ format, coordinator_id: coordinatorId, created_at: new Date(createdMs).toISOString() })}\n`;
}

/**
 * Reads the text of `.waybill/tree.json`. The version is looked at before anything else, so that a later format is
 * told as such, whatever else it changed.
 *
 * @param file - path, for messages.
 * @throws {WaybillError} `WAYBILL_TREE_FORMAT_UNKNOWN` for another version, and with a message of its own and
 *   `details.damaged` for text that is no marker.
 */
function parseTreeMarker(text: string, file: string): TreeMarker {
  const fields = parseFields(text);
  const found = fields?.["format"];
  if (typeof found !== "number") throw damaged(file, "has no format version");
  if (found !== treeFormat) {
    throw new WaybillError(
      "WAYBILL_TREE_FORMAT_UNKNOWN",
      `the log tree has format ${found}, this release knows format ${treeFormat} only: use a release of Waybill that knows format ${found}, or another log directory (${file})`,
      { details: { path: file, found, known: treeFormat } },
    );
  }
  const coordinatorId = fields?.["coordinator_id"];
  const createdMs = Date.parse(String(fields?.["created_at"]));
  if (typeof coordinatorId !== "string") throw damaged(file, "has no coordinator_id");
  if (Number.isNaN(createdMs)) throw damaged(file, "has no created_at");
  return { format: treeFormat, coordinatorId, createdMs };
}

/**
 * Reads the marker of a tree.
 *
 * @returns undefined when there is none.
 * @throws {WaybillError} as {@link parseTreeMarker}. @throws the error of the file system.
 */
export function readTreeMarker(file: string, fileSystem: FileSystem): TreeMarker | undefined {
  const found = fileSystem.lstat(file);
  if (found === undefined) return undefined;
  if (found.kind !== "file") throw damaged(file, `is a ${found.kind}`);
  const fd = fileSystem.open(file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0), 0);
  try {
    const bytes = Buffer.alloc(Math.min(found.size, markerBytesMax));
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = fileSystem.read(fd, bytes, length, bytes.length - length, length);
    }
    return parseTreeMarker(bytes.toString("utf8", 0, length), file);
  } finally {
    fileSystem.close(fd);
  }
}

function damaged(file: string, reason: string): WaybillError {
  return new WaybillError(
    "WAYBILL_TREE_FORMAT_UNKNOWN",
    `the marker of the log tree is damaged: ${file} ${reason}; if every file of the tree is of format ${treeFormat}, delete the marker and open the tree again`,
    { details: { path: file, damaged: true, known: treeFormat } },
  );
}

function parseFields(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
