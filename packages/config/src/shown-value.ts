const maxShown = 60;

/**
 * What `JSON.stringify` leaves alone but a terminal or a reader would stumble over: C1 controls, line separators,
 * direction marks, the byte order mark.
 */
const treacherous = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** The same text with those characters as `\\u` escapes. */
export function escapeTreacherous(text: string): string {
  return text.replace(treacherous, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Text in quotes on one line, at most 60 characters of it, with every control character escaped. */
export function quoted(text: string): string {
  const cut = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
  return escapeTreacherous(JSON.stringify(cut));
}

/** Text on one line without quotes: for file names. */
export function onOneLine(text: string): string {
  return escapeTreacherous(JSON.stringify(text).slice(1, -1)).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

/** A wrong value as an error shows it: bounded, on one line, told apart from text of the same look. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "function") return "a function";
  return String(value).slice(0, maxShown);
}

/** What a wrong argument is, for whoever reads the stack: `null`, `undefined`, `number`, `object`. */
export function nameOfType(value: unknown): string {
  return value === null ? "null" : typeof value;
}
