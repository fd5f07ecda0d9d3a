import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import * as path from "node:path";
import { encodePathPart, type TreeLayout } from "@waybill/log-tree";
import { type Clock, type FileSystem, nodeFileSystem, systemClock } from "@waybill/protocols";
import type { Hold } from "./hold.ts";
import { formatHold, parseHold } from "./hold-text.ts";
import { openMarkedTree } from "./tree-guard.ts";
import { appendWhole, readWholeFile } from "./whole-file.ts";

const fileMode = 0o640;
const bytesMax = 65_536;
const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW } = constants;

/** Ports of the functions for holds. */
export interface HoldPorts {
  /** Default: that of this machine. */
  readonly fileSystem?: FileSystem;
  /** Default: that of this process. */
  readonly clock?: Clock;
}

/** What to pin: at least one criterion, see {@link Hold}. */
export interface HoldRequest extends Omit<Hold, "id" | "createdMs"> {
  /** Default: a new one. */
  readonly id?: string | undefined;
}

/**
 * All holds of a tree, expired ones too.
 *
 * A file that is damaged is a hold on everything, with the damage as its reason: nobody knows what it pins, so nothing
 * goes until it is repaired or removed.
 *
 * @throws {WaybillError} `WAYBILL_TREE_NOT_FOUND`, `WAYBILL_TREE_FORMAT_UNKNOWN`. @throws the error of the file system
 *   when the directory of the holds cannot be listed.
 */
export function listHolds(root: string, ports: HoldPorts = {}): Hold[] {
  const { fileSystem = nodeFileSystem } = ports;
  return readHolds(openMarkedTree(root, fileSystem), fileSystem);
}

/** As {@link listHolds}, of a tree that is open. */
export function readHolds(layout: TreeLayout, fileSystem: FileSystem): Hold[] {
  if (fileSystem.lstat(layout.holds) === undefined) return [];
  return fileSystem
    .readdir(layout.holds)
    .filter(({ name }) => name.endsWith(".json"))
    .map(({ name }) => readHold(path.join(layout.holds, name), fileSystem))
    .filter((hold) => hold !== undefined)
    .sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}

/**
 * Pins a container, a correlation id or a time range until {@link releaseHold} or its expiry. On stable storage when it
 * returns. It protects against deletions from now on, also those that are planned already; an archived copy that was
 * deleted before does not come back.
 *
 * @throws {RangeError} when no criterion is given, a text is none, a time is no number, the range ends before it
 *   begins, its JSON has more than 64 KiB, or the id is taken. @throws {WaybillError} as {@link listHolds}. @throws the error of the file system.
 */
export function placeHold(root: string, request: HoldRequest, ports: HoldPorts = {}): Hold {
  const { fileSystem = nodeFileSystem, clock = systemClock } = ports;
  const layout = openMarkedTree(root, fileSystem);
  const id = request.id ?? `hold_${randomBytes(6).toString("hex")}`;
  const hold: Hold = { ...request, id, createdMs: clock.now() };
  checkHold(hold);
  const file = fileOf(layout, id);
  if (fileSystem.lstat(file) !== undefined) throw new RangeError(`a hold has the id ${JSON.stringify(id)}`);
  fileSystem.mkdir(layout.holds, 0o750);
  const temporary = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    writeNew(temporary, formatHold(hold), fileSystem);
    fileSystem.rename(temporary, file);
  } catch (error) {
    if (fileSystem.lstat(temporary) !== undefined) fileSystem.unlink(temporary);
    throw error;
  }
  fileSystem.syncDirectory(layout.holds);
  return hold;
}

/**
 * Ends a hold: what only it covered may be deleted by the next plan.
 *
 * @returns false when there is no such hold. @throws as {@link listHolds}.
 */
export function releaseHold(root: string, id: string, ports: HoldPorts = {}): boolean {
  const { fileSystem = nodeFileSystem } = ports;
  const layout = openMarkedTree(root, fileSystem);
  const file = fileOf(layout, id);
  if (fileSystem.lstat(file) === undefined) return false;
  fileSystem.unlink(file);
  fileSystem.syncDirectory(layout.holds);
  return true;
}

function fileOf(layout: TreeLayout, id: string): string {
  return path.join(layout.holds, `${encodePathPart(id)}.json`);
}

function checkHold(hold: Hold): void {
  const { container, correlationId, fromMs, toMs, expiresMs } = hold;
  const criteria = [container, correlationId, fromMs, toMs];
  if (criteria.every((criterion) => criterion === undefined)) {
    throw new RangeError("a hold names a container, a correlation id or a time range");
  }
  for (const [name, time] of Object.entries({ fromMs, toMs, expiresMs })) {
    if (time !== undefined && Number.isNaN(new Date(time).getTime())) {
      throw new RangeError(`${name} of a hold must be milliseconds since the epoch, not ${String(time)}`);
    }
  }
  if (fromMs !== undefined && toMs !== undefined && toMs < fromMs) {
    throw new RangeError(`the range of a hold ends before it begins: ${fromMs} to ${toMs}`);
  }
  // What cannot be read back would be a damaged hold, which covers everything.
  const text = formatHold(hold);
  if (parseHold(text) === undefined)
    throw new RangeError("id, reason, container and correlationId of a hold are texts");
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) throw new RangeError(`a hold has at most ${bytesMax} bytes as JSON, not ${bytes}`);
}

function readHold(file: string, fileSystem: FileSystem): Hold | undefined {
  const damaged = (reason: string): Hold => ({
    id: path.basename(file),
    reason: `the file of this hold ${reason}, so it covers everything: repair or remove ${file}`,
    createdMs: 0,
  });
  try {
    const found = fileSystem.lstat(file);
    // Released meanwhile.
    if (found === undefined) return undefined;
    if (found.kind !== "file") return damaged(`is a ${found.kind}`);
    if (found.size > bytesMax) return damaged(`has more than ${bytesMax} bytes`);
    return parseHold(readWholeFile(file, fileSystem).toString("utf8")) ?? damaged("is damaged");
  } catch (error) {
    return damaged(`cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

function writeNew(file: string, text: string, fileSystem: FileSystem): void {
  const fd = fileSystem.open(file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), fileMode);
  try {
    appendWhole(fd, text, fileSystem);
    fileSystem.sync(fd);
  } finally {
    fileSystem.close(fd);
  }
}
