import { formatCheckedLine, parseCheckedLine } from "@waybill/log-tree";

/** One line of the archive manifest: a segment was archived. */
export interface ArchivedLine {
  readonly event: "archived";
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Of the archived file, from the root of the tree, with `/`. */
  readonly path: string;
  /** Where the segment stood before; undefined when the line was made up later, from the file. */
  readonly source: string | undefined;
  /** Of the compressed file. */
  readonly bytes: number;
  readonly sha256: string;
  /** Of its content. */
  readonly plainBytes: number;
  readonly plainSha256: string;
  /** Times of the first and last entry, milliseconds since the epoch; undefined when unknown. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

/** One line of the archive manifest: an archived file was deleted by policy, so that its absence is no loss. */
export interface RemovedLine {
  readonly event: "removed";
  readonly atMs: number;
  readonly path: string;
}

/** A line of the archive manifest. */
export type ManifestLine = ArchivedLine | RemovedLine;

const version = 1;

/** The text of a line, without `\n`. */
export function formatManifestLine(line: ManifestLine): string {
  const common = { v: version, event: line.event, at: new Date(line.atMs).toISOString(), path: line.path };
  if (line.event === "removed") return formatCheckedLine(common);
  return formatCheckedLine({
    ...common,
    source: line.source,
    bytes: line.bytes,
    sha256: line.sha256,
    plain_bytes: line.plainBytes,
    plain_sha256: line.plainSha256,
    first_ms: line.firstMs,
    last_ms: line.lastMs,
  });
}

/** Reads a line. @returns undefined for one that is damaged, or of another version. */
export function parseManifestLine(text: string): ManifestLine | undefined {
  const fields = parseCheckedLine(text);
  const atMs = Date.parse(String(fields?.["at"]));
  if (fields === undefined || fields["v"] !== version || Number.isNaN(atMs)) return undefined;
  const path = fields["path"];
  if (typeof path !== "string") return undefined;
  if (fields["event"] === "removed") return { event: "removed", atMs, path };
  const { bytes, sha256, plain_bytes: plainBytes, plain_sha256: plainSha256 } = fields;
  if (fields["event"] !== "archived" || typeof bytes !== "number" || typeof sha256 !== "string")
    return undefined;
  if (typeof plainBytes !== "number" || typeof plainSha256 !== "string") return undefined;
  const source = fields["source"];
  return {
    event: "archived",
    atMs,
    path,
    source: typeof source === "string" ? source : undefined,
    bytes,
    sha256,
    plainBytes,
    plainSha256,
    firstMs: numberOf(fields["first_ms"]),
    lastMs: numberOf(fields["last_ms"]),
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
