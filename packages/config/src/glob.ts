/**
 * Whether a text matches a pattern in which `*` stands for any text, also none, and `?` for one character. Everything
 * else stands for itself; case counts.
 *
 * Made without a regular expression, so that a pattern of many stars takes time of pattern × text at most.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const pattern = [...glob];
  const characters = [...text];
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < characters.length) {
    if (pattern[at] === "*") {
      star = at++;
      resume = position;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === characters[position])) {
      at++;
      position++;
    } else if (star >= 0) {
      // The last star takes one character more; an earlier one need not, since all before the last is matched already.
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
