/** A caller's callback that can hurt nobody. */
export function isolated<Told extends readonly unknown[]>(
  callback: ((...told: Told) => void) | undefined,
): (...told: Told) => void {
  return (...told) => {
    try {
      callback?.(...told);
    } catch {
      // Documented at the option: the write path has nobody to report a broken reporter to.
    }
  };
}
