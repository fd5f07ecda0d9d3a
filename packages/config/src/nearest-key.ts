/** Longer keys are cut before comparing, so that a hostile file cannot make the table large. */
const maxCompared = 64;

/**
 * The edit distance in which a swap of two neighbours is one step (optimal string alignment).
 *
 * @see R. A. Wagner and R. Lowrance, "An extension of the string-to-string correction problem", 1975
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/**
 * The known key that a wrong key was probably meant to be.
 *
 * @returns undefined when none is near: more than a third of the letters, and more than two, would have to change.
 */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const typed = key.slice(0, maxCompared).toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(typed, name);
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  if (best === undefined || best.distance >= best.name.length) return undefined;
  return best.distance <= Math.max(2, Math.floor(typed.length / 3)) ? best.name : undefined;
}
