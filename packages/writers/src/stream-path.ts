import * as path from "node:path";
import { formatSegmentName, parseSegmentName, type SegmentName } from "@waybill/log-tree";

/** Where one stream lives: the directory and the fixed parts of its file names. */
export interface StreamPath {
  /** Absolute path of the active segment; it keeps this name. */
  readonly active: string;
  readonly directory: string;
  /** Path part of the component. */
  readonly component: string;
  /** Path part of the owning process for a part file, else undefined. */
  readonly writer: string | undefined;
  /** Tells which numbers are taken, beside the files themselves: a `StreamFloor`. */
  readonly floorFile?: string | undefined;
}

/**
 * Takes the path of an active segment apart.
 *
 * @throws {TypeError} when the file name is not `<component>.log` with a component that can be a path part.
 */
export function parseStreamPath(activePath: string, floorFile?: string): StreamPath {
  const active = path.resolve(activePath);
  const name = parseSegmentName(path.basename(active));
  // A NUL would be refused by every later call to the operating system, when nobody is there to be told.
  if (name === undefined || name.seal !== undefined || name.aside !== undefined || active.includes("\0")) {
    throw new TypeError(
      `a log file is named <component>.log with letters, digits, ".", "_" and "-" only, not ${JSON.stringify(path.basename(activePath))}`,
    );
  }
  return {
    active,
    directory: path.dirname(active),
    component: name.component,
    writer: name.writer,
    floorFile: name.writer === undefined ? floorFile : undefined,
  };
}

/** The same stream under the name of one writer, for a process that does not own the directory. */
export function partPath(stream: StreamPath, writer: string): StreamPath {
  const active = path.join(stream.directory, formatSegmentName({ component: stream.component, writer }));
  return { ...stream, active, writer, floorFile: undefined };
}

/** The path of a sealed segment of a stream. */
export function sealedPath(
  stream: StreamPath,
  sealedMs: number,
  number: number,
  suffix: "" | ".gz" = "",
): string {
  const { component, writer } = stream;
  const seal = { sealedMs, number };
  return path.join(
    stream.directory,
    formatSegmentName({ component, writer, seal, compressed: suffix === ".gz" }),
  );
}

/** A name in the directory that belongs to the stream as a sealed segment, or undefined. */
export function sealedNameOf(stream: StreamPath, fileName: string): SegmentName | undefined {
  const name = parseSegmentName(fileName);
  const isOurs =
    name?.component === stream.component && name.writer === stream.writer && name.seal !== undefined;
  return isOurs ? name : undefined;
}
