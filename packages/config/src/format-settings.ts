import { isPlain } from "./object-values.ts";
import type { ConfigSetting, SettingOrigin } from "./settings.ts";
import { escapeTreacherous, onOneLine } from "./shown-value.ts";

/** A key that YAML reads back as the same text without quotes. */
const plainKey = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_][A-Za-z0-9_-]*$/i;
const secretKey = /pass(word|phrase|wd)|secret|token|api_?key|credential|authorization|private_?key/i;
const hidden = "***";

/** Where remarks begin, unless the line is longer. */
const remarkColumn = 56;

function formatOrigin(origin: SettingOrigin, key: string | number | undefined): string {
  if (origin.kind === "environment") return onOneLine(origin.variable);
  if (origin.kind !== "file") return origin.kind;
  const place =
    origin.file === undefined ? `line ${origin.line}` : `${onOneLine(origin.file)}:${origin.line}`;
  return origin.key === key ? place : `${place} ${onOneLine(origin.key)}`;
}

/** User and query of an address may be secret; where it leads need not be. */
function hideInAddress(value: string): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.username === "" && url.password === "" && url.search === "") return value;
  url.username = "";
  url.password = "";
  url.search = url.search === "" ? "" : hidden;
  return url.href;
}

function showInner(key: string, inner: unknown): unknown {
  if (secretKey.test(key)) return hidden;
  if (typeof inner === "bigint") return String(inner);
  if (typeof inner === "string") return /^https?:/i.test(inner) ? hideInAddress(inner) : inner;
  return typeof inner === "object" && inner !== null && !isPlain(inner) ? "(an instance of a class)" : inner;
}

/** JSON, which is YAML too, on one line, with nothing that a terminal would obey. */
function formatValue(value: unknown): string {
  try {
    const text = JSON.stringify(value, showInner) ?? JSON.stringify(`(a ${typeof value})`);
    return escapeTreacherous(text);
  } catch {
    // `toJSON` of an instance in `settings` threw: the value belongs to the application, and cannot be shown.
    return '"(unreadable)"';
  }
}

function formatKey(key: string | number): string {
  return typeof key === "string" && plainKey.test(key) ? key : escapeTreacherous(JSON.stringify(String(key)));
}

/**
 * Prints the settings as a YAML file that holds the same configuration, each line with where its value comes from:
 * `default`, the line of the file, the environment variable, or `code`.
 *
 * Values under keys such as `password` or `token`, and what is secret in addresses, are shown as `***`. What is not set
 * stands in a comment.
 */
export function formatSettings(settings: readonly ConfigSetting[]): string {
  const lines: string[] = [];
  let open: readonly (string | number)[] = [];
  for (const { keys, value, origin } of settings) {
    const parents = keys.slice(0, -1);
    const same = parents.findIndex((key, depth) => key !== open[depth]);
    for (let depth = same < 0 ? parents.length : same; depth < parents.length; depth++) {
      lines.push(`${"  ".repeat(depth)}${formatKey(parents[depth] ?? "")}:`);
    }
    open = parents;
    const key = keys.at(-1) ?? "";
    const shown = secretKey.test(String(key)) ? JSON.stringify(hidden) : formatValue(value);
    const pair = value === undefined ? `# ${formatKey(key)}: none` : `${formatKey(key)}: ${shown}`;
    const line = `${"  ".repeat(parents.length)}${pair}`;
    lines.push(`${line.padEnd(remarkColumn)}  # ${formatOrigin(origin, key)}`);
  }
  return `${lines.join("\n")}\n`;
}
