/** A caller's callback that can hurt nobody. */
export function isolated<T>(callback: ((value: T) => void) | undefined): (value: T) => void {
  return (value) => {
    try {
      callback?.(value);
    } catch {
      // Documented at the option: the write path has nobody to report a broken reporter to.
    }
  };
}
