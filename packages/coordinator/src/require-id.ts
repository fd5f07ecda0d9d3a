/** Ids become names and numbers of entries, so anything but text is refused where it is given, not where it is logged. */
export function requireId(what: "container" | "component", id: unknown): void {
  if (typeof id === "string") return;
  throw new TypeError(`the id of a ${what} must be a string, not ${id === null ? "null" : typeof id}`);
}
