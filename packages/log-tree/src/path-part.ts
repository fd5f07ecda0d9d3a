import { createHash } from "node:crypto";
import { fromWtf8, toWtf8 } from "./wtf8.ts";

/** Bytes that one path part may have. With segment stamp, part-file mark and suffixes a file name stays below 255. */
export const pathPartBytesMax = 128;

const hashDigits = 16;
const plainCharacter = /^[A-Za-z0-9._-]$/;
const reservedOnWindows = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
/** What makes a file name a sealed segment, in any case: some disks do not tell `T` from `t`. */
const sealedSuffix = /\.(?=\d{8}T\d{9}Z-\d{6,}$)/i;
const escapeOrLetter = /%[0-9A-F]{2}|[A-Za-z]/g;

/**
 * Makes a file or directory name from any string, so that no id can leave its directory, hide, be refused by an
 * operating system, or be taken for another id.
 *
 * `[A-Za-z0-9._-]` stay; everything else becomes `%` and upper-case hex of its bytes. Also escaped: a leading `.` or
 * `-`, a trailing `.`, the first letter of a name that Windows reserves (`CON`, `nul.txt`), and the dot of an ending
 * that would read as a sealed segment. The empty string is `%`. Forms over 128 bytes are cut, and end in `~` and 16
 * hex digits of the SHA-256 of the id's UTF-16 code units; from those the id cannot be read back.
 *
 * Different ids have different names, also under Unicode normalisation, as names are ASCII. Under case folding
 * (Windows, macOS) they may meet: see `createNameTable`.
 *
 * @param bytesMax - bytes, 32 to 128, for names that are made of several parts. Default 128.
 */
export function encodePathPart(id: string, bytesMax: number = pathPartBytesMax): string {
  return cut(escapeId(id), id, bytesMax);
}

/**
 * The second form of a name, for an id whose first form meets another under case folding: every ASCII letter is
 * escaped too. Two ids never share it, whatever the case rules of the disk.
 */
export function encodePathPartFolded(id: string, bytesMax: number = pathPartBytesMax): string {
  const escaped = escapeId(id).replace(escapeOrLetter, (match) =>
    match.length === 1 ? escapeText(match) : match,
  );
  return cut(escaped, id, bytesMax);
}

/**
 * The id that a path part was made from, by either form.
 *
 * @returns undefined for a name that was cut (the entries inside the file carry the id), and for a name that
 * {@link encodePathPart} does not make: a foreign file.
 */
export function decodePathPart(name: string): string | undefined {
  const id = unescapeName(name);
  if (id === undefined) return undefined;
  return encodePathPart(id) === name || encodePathPartFolded(id) === name ? id : undefined;
}

function escapeId(id: string): string {
  if (id === "") return "%";
  let escaped = "";
  for (const character of id) escaped += plainCharacter.test(character) ? character : escapeText(character);
  const first = escaped.charAt(0);
  if (first === "." || first === "-" || reservedOnWindows.test(escaped)) {
    escaped = escapeText(first) + escaped.slice(1);
  }
  if (escaped.endsWith(".")) escaped = `${escaped.slice(0, -1)}%2E`;
  return escaped.replace(sealedSuffix, "%2E");
}

function escapeText(text: string): string {
  return toWtf8(text)
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}

function cut(escaped: string, id: string, bytesMax: number): string {
  if (escaped.length <= bytesMax) return escaped;
  // Half an escape at the cut would be no name of this alphabet.
  const slug = escaped.slice(0, bytesMax - hashDigits - 1).replace(/%[0-9A-F]?$/, "");
  const hash = createHash("sha256").update(Buffer.from(id, "utf16le")).digest("hex");
  return `${slug}~${hash.slice(0, hashDigits)}`;
}

function unescapeName(name: string): string | undefined {
  if (name === "%") return "";
  if (!/^(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+$/.test(name)) return undefined;
  const bytes = (name.match(/%[0-9A-F]{2}|./g) ?? []).map((token) =>
    token.length === 1 ? token.charCodeAt(0) : Number.parseInt(token.slice(1), 16),
  );
  return fromWtf8(bytes);
}
