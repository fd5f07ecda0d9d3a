/**
 * Puts text between `<!-- <name>:begin -->` and `<!-- <name>:end -->`.
 *
 * @throws {Error} when the document lacks one of the marks.
 */
export function replaceSection(document: string, name: string, text: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`the document has no section between ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n${text.trim()}\n${document.slice(to)}`;
}
