/** Reads a member; what a getter throws becomes the value. */
export function memberOf(value: object, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown>)[key];
  } catch (error) {
    return thrownMark(error);
  }
}

/** What stands in the place of a value that could not be read; what was thrown may itself be hostile. */
export function thrownMark(error: unknown): string {
  try {
    return `[Throws: ${error instanceof Error ? error.message : error}]`;
  } catch {
    return "[Throws: unknown]";
  }
}
