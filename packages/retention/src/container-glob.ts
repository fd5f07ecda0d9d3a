/**
 * Whether a text fits a pattern in which `*` stands for any text and `?` for one character.
 *
 * Steps back to the last `*` only, so the cost is at most length × length, unlike that of a regular expression.
 */
export function fitsGlob(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const expected = pattern[inPattern];
    if (expected === "*") {
      star = inPattern++;
      starAt = at;
    } else if (expected !== undefined && (expected === "?" || expected === text[at])) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}
