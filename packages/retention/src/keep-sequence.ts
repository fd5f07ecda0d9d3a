import { constants } from "node:fs";
import * as path from "node:path";
import {
  formatSegmentName,
  parseEntry,
  raiseStreamFloor,
  readSegment,
  type Segment,
  type TreeLayout,
} from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";
import { readFileEnd } from "./whole-file.ts";

const directoryMode = 0o750;
/** Longer than nearly all lines; for the others the whole segment is read. */
const tailBytes = 65_536;
const { O_RDONLY, O_NOFOLLOW } = constants;

/**
 * Raises the floor of a stream to the end of its newest sealed segment, before that is archived or deleted: its writer
 * goes on behind it, so no `seq` and no number of a segment is used twice.
 *
 * A damaged segment counts as far as it can be read, as for the writer.
 *
 * @throws the error of the file system: the segment must stay.
 */
export async function keepSequence(
  segment: Segment,
  layout: TreeLayout,
  fileSystem: FileSystem,
): Promise<void> {
  const { component, writer, seal } = segment.name;
  if (seal === undefined) return;
  const seq = lastSeqInTail(segment, fileSystem) ?? (await lastSeqInAll(segment, fileSystem));
  // Of an archived segment too: its stream lies elsewhere.
  const active = path.join(directoryOf(segment, layout), formatSegmentName({ component, writer }));
  const floorFile = layout.floorFile(active);
  // A tree that an earlier release made has no such directory.
  fileSystem.mkdir(path.dirname(floorFile), directoryMode);
  raiseStreamFloor(floorFile, { seq, segmentNumber: seal.number }, fileSystem);
}

function directoryOf({ stream, kind }: Segment, { root }: TreeLayout): string {
  return kind === "master" ? root : path.join(root, ...stream.split("/").slice(0, -1));
}

function lastSeqInTail(segment: Segment, fileSystem: FileSystem): number | undefined {
  if (segment.name.compressed || segment.bytes === 0) return undefined;
  const fd = fileSystem.open(segment.path, O_RDONLY | (O_NOFOLLOW ?? 0), 0);
  try {
    const lines = readFileEnd(fd, segment.bytes, tailBytes, fileSystem).toString("utf8").split("\n");
    const entry = lines
      .toReversed()
      .map(parseLine)
      .find((found) => found !== undefined);
    return entry?.seq;
  } finally {
    fileSystem.close(fd);
  }
}

function parseLine(line: string): ReturnType<typeof parseEntry> {
  return line === "" ? undefined : parseEntry(line);
}

async function lastSeqInAll(segment: Segment, fileSystem: FileSystem): Promise<number> {
  const reading = readSegment(segment, { fileSystem });
  let seq = 0;
  for await (const { entry } of reading) seq = Math.max(seq, entry.seq);
  const refused = reading.report.problems.find(({ code }) => code === "unreadable" || code === "vanished");
  if (refused !== undefined) throw new Error(`${segment.path} is ${refused.code}: ${refused.message}`);
  return seq;
}
