import { lineFiles, parsedLines } from "../tree-lines.ts";

/** What is found of the numbered entries of a run. */
export interface FoundEntries {
  /** Distinct numbers. */
  readonly numbers: ReadonlySet<number>;
  /** Lines that repeat a number. */
  readonly duplicates: number;
  /** Lines that are no JSON, torn ones included. */
  readonly broken: number;
  /** Bytes of the largest file, unpacked. */
  readonly largestFile: number;
  readonly files: number;
}

/** Reads every file below a directory. */
export function findEntries(directory: string): FoundEntries {
  const numbers = new Set<number>();
  let duplicates = 0;
  let broken = 0;
  let largestFile = 0;
  let files = 0;
  for (const { bytes } of lineFiles(directory)) {
    files++;
    largestFile = Math.max(largestFile, bytes.length);
    for (const line of parsedLines(bytes)) {
      const number = line === undefined ? undefined : numberIn(line);
      if (line === undefined) broken++;
      else if (number !== undefined && numbers.has(number)) duplicates++;
      else if (number !== undefined) numbers.add(number);
    }
  }
  return { numbers, duplicates, broken, largestFile, files };
}

/** The field `i`, at whatever depth a logger puts the fields it is given. */
export function numberIn(value: object): number | undefined {
  for (const [key, inner] of Object.entries(value)) {
    if (key === "i" && typeof inner === "number") return inner;
    const found = typeof inner === "object" && inner !== null ? numberIn(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
