import { WaybillError } from "@waybill/protocols";
import { onOneLine, quoted } from "./shown-value.ts";

/** Where something stands below the top of a configuration. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong with a configuration, as `details.issues` of `WAYBILL_CONFIG_INVALID` holds it. */
export interface ConfigIssue {
  /** Dotted path of the key, `logging.performance.batch_size`; empty for the whole configuration. */
  readonly path: string;
  /** Line in the file, from 1; undefined for an object passed in code. */
  readonly line: number | undefined;
  /** Column in the file, in UTF-16 units from 1; undefined for an object passed in code. */
  readonly column: number | undefined;
  /** The environment variable that gives the value; undefined for values of the file or of code. */
  readonly variable: string | undefined;
  /** What is wrong, with the bad value, bounded and escaped. */
  readonly message: string;
}

/** A line and column of a file, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the values come from: finds them again for messages. */
export interface ConfigSource {
  /** Name of the file as the caller gave it; undefined for text or objects without a name. */
  readonly file: string | undefined;
  /** Whether keys may be written in camelCase: true for objects passed in code. */
  readonly camelCase: boolean;
  /** @returns the position of a key or value, of its nearest parent when it is absent, undefined in code. */
  readonly locate: (path: ConfigPath, what: "key" | "value") => Position | undefined;
  /** @returns the path as the caller spelled its keys. */
  readonly spelled: (path: ConfigPath) => ConfigPath;
  /** @returns the environment variable that gives the value at a path, or what it stands in. */
  readonly variableOf: (path: ConfigPath) => string | undefined;
}

/** What is collected while a configuration is read; errors are thrown together, at the end. */
export interface ConfigReport {
  readonly source: ConfigSource;
  readonly issues: ConfigIssue[];
  readonly warnings: string[];
}

/** A hostile file can be wrong in every line: this many issues are kept. */
const maxIssues = 200;
const plainKey = /^[A-Za-z_$][A-Za-z0-9_$-]{0,63}$/;

/** A path as it is shown: `containers.strategy.type`, with quotes around keys that need them. */
export function formatPath(path: ConfigPath): string {
  let shown = "";
  for (const key of path) {
    if (typeof key === "number") shown += `[${key}]`;
    else if (!plainKey.test(key)) shown += `[${quoted(key)}]`;
    else shown += shown === "" ? key : `.${key}`;
  }
  return shown;
}

/** A path as one text, unambiguous because JSON is. */
export function pathId(path: ConfigPath): string {
  return JSON.stringify(path);
}

/** What {@link addIssue} takes beside the message. */
interface IssueOptions {
  /** Whether the key or its value is at fault. Default: the value. */
  readonly what?: "key" | "value";
  /** Default: as the source finds the path. */
  readonly at?: Position | undefined;
  /** Default: as the source knows the path. */
  readonly variable?: string | undefined;
}

function locate({ source }: ConfigReport, path: ConfigPath, { what = "value", at, variable }: IssueOptions) {
  const from = variable ?? source.variableOf(path);
  const position = from === undefined ? (at ?? source.locate(path, what)) : undefined;
  return {
    path: formatPath(source.spelled(path)),
    line: position?.line,
    column: position?.column,
    variable: from,
  };
}

/** Whether further issues would not be kept; then they need not be looked for. */
export function isFull({ issues }: ConfigReport): boolean {
  return issues.length >= maxIssues;
}

/** Adds an issue, unless there is one at this place already: the first names the cause, the others follow from it. */
export function addIssue(
  report: ConfigReport,
  path: ConfigPath,
  message: string,
  options: IssueOptions = {},
): void {
  if (isFull(report)) return;
  const issue = { ...locate(report, path, options), message };
  const known = report.issues.some(
    (other) =>
      other.path === issue.path &&
      other.line === issue.line &&
      other.column === issue.column &&
      other.variable === issue.variable,
  );
  if (!known) report.issues.push(issue);
}

/** Adds a warning about a key. */
export function addWarning(report: ConfigReport, path: ConfigPath, message: string): void {
  report.warnings.push(
    formatIssue({ ...locate(report, path, { what: "key" }), message }, report.source.file),
  );
}

/**
 * `coordinator.yaml:12:7  logging.performance.batch_size  must be …`, without the parts that are unknown; a variable
 * stands where the file would.
 */
function formatIssue(issue: ConfigIssue, file: string | undefined): string {
  const place = [];
  if (issue.variable !== undefined) place.push(onOneLine(issue.variable));
  else if (file !== undefined) place.push(onOneLine(file));
  if (issue.line !== undefined) place.push(issue.line, issue.column ?? 1);
  return [place.join(":"), issue.path, issue.message].filter((part) => part !== "").join("  ");
}

/** @throws {WaybillError} `WAYBILL_CONFIG_INVALID` with all issues in order of the file, when there are any. */
export function throwIfInvalid({ issues, source }: ConfigReport): void {
  if (issues.length === 0) return;
  const sorted = issues.toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const lines = sorted.map((issue) => formatIssue(issue, source.file));
  if (issues.length >= maxIssues) lines.push(`… and perhaps more: the first ${maxIssues} are shown`);
  throw new WaybillError("WAYBILL_CONFIG_INVALID", lines.join("\n"), {
    details: source.file === undefined ? { issues: sorted } : { file: source.file, issues: sorted },
  });
}
