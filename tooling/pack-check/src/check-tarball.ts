import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { runCommand } from "./pack.ts";
import { unpack } from "./tarball.ts";

/**
 * Checks one packed tarball: publint in strict mode, attw for users of ES modules, and what a user would miss.
 *
 * @param file - absolute path of the tarball.
 * @returns the problems, each one sentence that starts with the tarball; none when all is well.
 */
export async function checkTarball(file: string): Promise<string[]> {
  const tarball = readFileSync(file);
  const problems = await Promise.all([
    Promise.resolve(contentProblems(unpack(tarball))),
    publintProblems(tarball),
    attwProblems(file),
  ]);
  return problems.flat().map((problem) => `${basename(file)}: ${problem}`);
}

/**
 * What is wrong with the files of a package: licence or README missing, a manifest that only the workspace
 * understands, a test shipped, or a built file whose source is gone.
 *
 * @param files - path from the root of the package → text.
 */
export function contentProblems(files: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  for (const needed of ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"]) {
    if (!files.has(needed)) problems.push(`${needed} is missing`);
  }
  const manifest = files.get("package.json") ?? "";
  for (const word of ["workspace:", "catalog:", "@waybill/source"]) {
    if (manifest.includes(`"${word}`)) problems.push(`package.json still says "${word}"`);
  }
  for (const path of files.keys()) {
    if (/\.test(-d)?\./.test(path)) problems.push(`${path} is a test`);
    if (path.endsWith(".tsbuildinfo")) problems.push(`${path} is for the compiler only`);
    const built = /^dist\/(.+)\.js$/.exec(path)?.[1];
    if (built !== undefined && !files.has(`src/${built}.ts`)) {
      problems.push(`${path} has no source src/${built}.ts: remove dist and build again`);
    }
  }
  return problems;
}

async function publintProblems(tarball: Buffer): Promise<string[]> {
  const data = tarball.buffer.slice(
    tarball.byteOffset,
    tarball.byteOffset + tarball.byteLength,
  ) as ArrayBuffer;
  const { messages, pkg } = await publint({ pack: { tarball: data }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

async function attwProblems(file: string): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const attw = join(dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js");
  const args = [attw, file, "--profile", "esm-only", "--format", "ascii", "--no-color", "--no-emoji"];
  const { code, output } = await runCommand(process.execPath, args, { cwd: dirname(file) });
  return code === 0 ? [] : [`attw:\n${output.trim()}`];
}
