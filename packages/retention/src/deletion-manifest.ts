import { constants } from "node:fs";
import * as path from "node:path";
import type { TreeLayout } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { type DeletionRecord, formatDeletionLine, parseDeletionLine } from "./deletion-line.ts";
import { slowCallsOf } from "./slow-calls.ts";
import { openMarkedTree } from "./tree-guard.ts";
import { appendWhole, readWholeFile } from "./whole-file.ts";

const fileMode = 0o640;
const directoryMode = 0o750;
const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
const appendFlags = O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0);
/** About 25,000 deletions; the file before the last one is kept too. */
const bytesMaxDefault = 16_777_216;
/** Where intents without an end are looked for, at least one batch: reading all would hold up the event loop. */
const tailBytesMax = 262_144;
const newline = 10;

/** The append-only manifest of deletions: `.waybill/manifests/deletions.ndjson`. */
export interface DeletionManifest {
  /** Ends what an earlier run left open. Later if the disk refuses now. */
  recover(): void;
  /** Appends lines. @throws the error of the file system. */
  append(records: readonly DeletionRecord[]): void;
  /** Puts all lines on stable storage. @throws the error of the file system, as a rejection. */
  sync(): Promise<void>;
  close(): void;
}

/** What {@link readDeletions} found. */
export interface DeletionHistory {
  /** Oldest first. */
  readonly records: readonly DeletionRecord[];
  /** Lines that were cut by a crash or damaged; passed over. */
  readonly damagedLines: number;
}

/**
 * Reads what was deleted from a tree, as far back as the manifest goes.
 *
 * @throws {WaybillError} `WAYBILL_TREE_NOT_FOUND`, `WAYBILL_TREE_FORMAT_UNKNOWN`. @throws the error of the file system.
 */
export function readDeletions(
  root: string,
  options: { readonly fileSystem?: FileSystem } = {},
): DeletionHistory {
  const { fileSystem = nodeFileSystem } = options;
  const layout = openMarkedTree(root, fileSystem);
  const files = [olderFile(layout), currentFile(layout)];
  const lines = files.flatMap((file) => linesIn(readBytes(file, fileSystem)));
  const records = lines.map(parseDeletionLine).filter((record) => record !== undefined);
  return { records, damagedLines: lines.length - records.length };
}

/**
 * The manifest for a run. It is opened with the first lines, and again when that failed: a full disk may have room by
 * then.
 *
 * Opening first ends what an earlier run left open: for each intent without an end it looks whether the file is still
 * there. So every deletion has its `done` line, wherever a crash was.
 *
 * @param bytesMax - of the file at which a run begins a new one; the one before it is kept.
 */
export function createDeletionManifest(
  layout: TreeLayout,
  fileSystem: FileSystem,
  clock: Clock,
  bytesMax: number = bytesMaxDefault,
): DeletionManifest {
  let fd: number | undefined;
  let isTorn = false;
  const appendText = (text: string): void => {
    fd ??= openManifest(layout, fileSystem);
    try {
      // A line that was cut must not be continued.
      appendWhole(fd, isTorn ? `\n${text}` : text, fileSystem);
      isTorn = false;
    } catch (error) {
      isTorn = true;
      throw error;
    }
  };
  const open = (): void => {
    if (fd !== undefined) return;
    const tail = readBytes(currentFile(layout), fileSystem, tailBytesMax);
    isTorn = (tail.at(-1) ?? newline) !== newline;
    const ends = endOpenDeletions(tail, layout, fileSystem, clock, bytesMax);
    appendText(ends.map(formatDeletionLine).join(""));
  };
  return {
    recover() {
      try {
        if (fileSystem.lstat(currentFile(layout)) !== undefined) open();
      } catch {
        // The lines are written when the manifest can be: opening it for the next deletion begins with them.
        return;
      }
    },
    append(records) {
      open();
      appendText(records.map(formatDeletionLine).join(""));
    },
    async sync() {
      if (fd !== undefined) await slowCallsOf(fileSystem).sync(fd);
    },
    close() {
      try {
        if (fd !== undefined) fileSystem.close(fd);
      } catch {
        // The descriptor is gone, and what had to be durable was synced: a run that is done does not fail by this.
      }
      fd = undefined;
    },
  };
}

/** The lines that are missing. Begins a new file when the old one is large and complete. */
function endOpenDeletions(
  tail: Buffer,
  layout: TreeLayout,
  fileSystem: FileSystem,
  clock: Clock,
  bytesMax: number,
): DeletionRecord[] {
  const open = findOpen(linesIn(tail));
  const file = currentFile(layout);
  if (open.length === 0 && (fileSystem.lstat(file)?.size ?? 0) > bytesMax) {
    fileSystem.rename(file, olderFile(layout));
    fileSystem.syncDirectory(layout.manifests);
  }
  return open.map((record) => {
    const phase = isStillThere(layout, record, fileSystem) ? "failed" : "done";
    return { ...record, phase, atMs: clock.now() };
  });
}

function openManifest(layout: TreeLayout, fileSystem: FileSystem): number {
  const file = currentFile(layout);
  // Refuses a link or a file that has the name.
  fileSystem.mkdir(layout.manifests, directoryMode);
  if (fileSystem.lstat(file) === undefined) {
    fileSystem.close(fileSystem.open(file, appendFlags, fileMode));
    fileSystem.syncDirectory(layout.manifests);
  }
  return fileSystem.open(file, appendFlags, fileMode);
}

function currentFile(layout: TreeLayout): string {
  return path.join(layout.manifests, "deletions.ndjson");
}

function olderFile(layout: TreeLayout): string {
  return path.join(layout.manifests, "deletions.old.ndjson");
}

function findOpen(lines: readonly string[]): DeletionRecord[] {
  const open = new Map<string, DeletionRecord>();
  for (const line of lines) {
    const record = parseDeletionLine(line);
    if (record === undefined) continue;
    const key = `${record.file} ${record.identity}`;
    if (record.phase === "intent") open.set(key, record);
    else open.delete(key);
  }
  return [...open.values()];
}

function isStillThere(layout: TreeLayout, record: DeletionRecord, fileSystem: FileSystem): boolean {
  const stat = fileSystem.lstat(path.join(layout.root, ...record.file.split("/")));
  return stat !== undefined && `${stat.device}:${stat.inode}` === record.identity;
}

function linesIn(bytes: Buffer): string[] {
  return bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}

function readBytes(file: string, fileSystem: FileSystem, bytesMaxRead?: number): Buffer {
  const isThere = fileSystem.lstat(file) !== undefined;
  return isThere ? readWholeFile(file, fileSystem, bytesMaxRead) : Buffer.alloc(0);
}
