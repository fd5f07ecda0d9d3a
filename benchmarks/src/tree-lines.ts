import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One file of lines. */
export interface LineFile {
  /** Relative to the directory that was read. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** What the lines of some bytes are. */
export interface LineCount {
  /** Whole lines that hold one JSON object. */
  readonly valid: number;
  /** Lines that do not parse, and a last line without its end. */
  readonly broken: number;
}

/** Every file below a directory, `.gz` unpacked; without state directories, whose names begin with a dot. */
export function* lineFiles(directory: string): Generator<LineFile> {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(directory.length + 1);
    if (!entry.isFile() || /(^|[\\/])\./.test(path)) continue;
    const raw = readFileSync(full);
    yield { path, bytes: full.endsWith(".gz") ? gunzipSync(raw) : raw };
  }
}

/** The lines of some bytes as parsed JSON objects; undefined for each that is none. */
export function* parsedLines(bytes: Buffer): Generator<object | undefined> {
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    yield end === -1 ? undefined : parsedLine(bytes.toString("utf8", start, end));
    start = end === -1 ? bytes.length : end + 1;
  }
}

function parsedLine(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Parses and counts every line. */
export function countLines(bytes: Buffer): LineCount {
  let valid = 0;
  let broken = 0;
  for (const line of parsedLines(bytes)) {
    if (line === undefined) broken++;
    else valid++;
  }
  return { valid, broken };
}
