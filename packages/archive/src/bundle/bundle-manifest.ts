/** One file of a bundle. */
export interface BundledFile {
  /** From the root of the bundle, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Entries in it; undefined when the file was taken whole. */
  readonly entries: number | undefined;
}

/** What could not be read when a bundle was made. */
export interface BundleProblem {
  readonly path: string;
  /** `vanished`, or a code of `ReadProblem`. */
  readonly code: string;
  readonly message: string;
}

/** `manifest.json` of a bundle. */
export interface BundleManifest {
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** What was asked for, as plain data. */
  readonly selection: Readonly<Record<string, unknown>>;
  /** All members but the manifest. */
  readonly files: readonly BundledFile[];
  readonly problems: readonly BundleProblem[];
}

const format = 1;
const kind = "waybill_bundle";

/** The text of `manifest.json`. */
export function formatBundleManifest({ createdMs, selection, files, problems }: BundleManifest): string {
  const created_at = new Date(createdMs).toISOString();
  return `${JSON.stringify({ format, kind, created_at, selection, files, problems }, undefined, 1)}\n`;
}

/** Reads `manifest.json`. @returns what is wrong with it, as a sentence, when it is none. */
export function parseBundleManifest(text: string): BundleManifest | string {
  const fields = fieldsOf(parseJson(text));
  if (fields === undefined || fields["kind"] !== kind) return "its manifest is none of a bundle";
  if (fields["format"] !== format)
    return `its format is ${String(fields["format"])}, this release knows ${format}`;
  const createdMs = Date.parse(String(fields["created_at"]));
  const { files, problems } = fields;
  if (Number.isNaN(createdMs) || !Array.isArray(files) || !Array.isArray(problems))
    return "its manifest is damaged";
  const bundled = files.map(fileOf);
  if (!bundled.every((file) => file !== undefined))
    return "its manifest lists a file without path, bytes or sha256";
  return {
    createdMs,
    selection: fieldsOf(fields["selection"]) ?? {},
    files: bundled,
    problems: problems.map(problemOf).filter((problem) => problem !== undefined),
  };
}

function fileOf(value: unknown): BundledFile | undefined {
  const { path, bytes, sha256, entries } = fieldsOf(value) ?? {};
  if (typeof path !== "string" || typeof bytes !== "number" || typeof sha256 !== "string") return undefined;
  return { path, bytes, sha256, entries: typeof entries === "number" ? entries : undefined };
}

function problemOf(value: unknown): BundleProblem | undefined {
  const { path, code, message } = fieldsOf(value) ?? {};
  if (typeof path !== "string" || typeof code !== "string" || typeof message !== "string") return undefined;
  return { path, code, message };
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
