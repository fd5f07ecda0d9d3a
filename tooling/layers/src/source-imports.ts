import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/** One module named by a source file. */
export interface SourceImport {
  /** Absolute path of the importing file. */
  readonly file: string;
  /** Line of the import, from 1. */
  readonly line: number;
  readonly specifier: string;
}

const notSource = new Set(["node_modules", "dist", "coverage", ".turbo"]);
const sourceFile = /\.[cm]?[jt]sx?$/;

/**
 * Lists what the source files under a folder import, re-export, or load with `import("…")`; type-only imports count
 * too. Comments and strings do not.
 *
 * @param folder - absolute path; a folder that does not exist has no imports.
 * @throws {Error} when a file does not parse.
 */
export function readImports(folder: string): SourceImport[] {
  return filesUnder(folder).flatMap((file) => importsOf(file, readFileSync(file, "utf8")));
}

function importsOf(file: string, text: string): SourceImport[] {
  const { module, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file} does not parse: ${errors[0].message}`);
  const found: { start: number; specifier: string }[] = [
    ...module.staticImports.map(({ moduleRequest }) => ({
      start: moduleRequest.start,
      specifier: moduleRequest.value,
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) =>
        moduleRequest === null ? [] : [{ start: moduleRequest.start, specifier: moduleRequest.value }],
      ),
    ),
    // The parser gives only the place of the argument. One that is not a plain string cannot be judged.
    ...module.dynamicImports.flatMap(({ moduleRequest }) => {
      const literal = /^["'`]([^"'`$]+)["'`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
      return literal?.[1] === undefined ? [] : [{ start: moduleRequest.start, specifier: literal[1] }];
    }),
  ];
  const unique = new Map(found.map((each) => [each.start, each.specifier]));
  return [...unique]
    .sort(([a], [b]) => a - b)
    .map(([start, specifier]) => ({ file, line: text.slice(0, start).split("\n").length, specifier }));
}

function filesUnder(folder: string): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notSource.has(entry.name) ? [] : filesUnder(path);
    return sourceFile.test(entry.name) ? [path] : [];
  });
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}
