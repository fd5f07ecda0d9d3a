import { isPlain } from "./object-values.ts";

/**
 * Freezes maps and lists all the way down. Stops at instances of classes, which may stand in `settings` and belong to
 * the application.
 */
export function freezeDeep<Value>(value: Value): Value {
  if (!isPlain(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freezeDeep(inner);
  return value;
}
