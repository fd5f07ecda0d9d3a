/**
 * An object with ids as keys. It has no prototype, so that an id such as `__proto__` or `toString` is a key like any
 * other, for whoever writes and for whoever looks one up.
 */
export function mapById<Value>(
  entries: Iterable<readonly [id: string, value: Value]>,
): Readonly<Record<string, Value>> {
  const map: Record<string, Value> = Object.create(null);
  for (const [id, value] of entries) map[id] = value;
  return map;
}
