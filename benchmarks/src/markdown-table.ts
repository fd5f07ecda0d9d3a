/**
 * A Markdown table: first column to the left, numbers to the right.
 *
 * @param rows - as many cells each as there are heads; `|` in a cell is escaped.
 */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${heads.map((_, index) => (index === 0 ? "---" : "---:")).join("|")}|`;
  return [line(heads), rule, ...rows.map(line)].join("\n");
}

/** 12345.6 as `12,346`, 7.25 as `7.3`; what is no number as `–`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
