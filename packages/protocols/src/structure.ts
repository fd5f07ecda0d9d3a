/**
 * Whether a value has all the named members, its own or inherited, and each is of the given type. A getter that
 * throws counts as absent: a guard answers, it does not fail.
 */
export function hasMembersOfType(
  value: unknown,
  type: "function" | "string",
  ...names: readonly string[]
): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  try {
    return names.every((name) => typeof Reflect.get(value, name) === type);
  } catch {
    return false;
  }
}
