/** Reads a member; what a getter throws becomes the value. */
export function memberOf(value: object, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown>)[key];
  } catch (error) {
    return `[Throws: ${describeThrown(error)}]`;
  }
}

/** What was thrown, in words; it may itself be hostile. */
export function describeThrown(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "unknown";
  }
}
