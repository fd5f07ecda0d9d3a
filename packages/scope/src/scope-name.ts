/** Most characters of a tier name or of the name after `custom:`. */
export const scopeNameMaxLength = 64;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Whether a value can be a tier name or the name after `custom:`: 1 to 64 of `A-Z a-z 0-9 . _ -`, the first a letter
 * or a digit. Such a name is safe in a file name, a grep pattern and a metric label.
 */
export function isScopeName(value: unknown): value is string {
  // The length is checked first, so that a huge string costs nothing.
  return typeof value === "string" && value.length <= scopeNameMaxLength && namePattern.test(value);
}
