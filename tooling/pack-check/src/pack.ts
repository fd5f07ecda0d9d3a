import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** What a finished command left behind. */
export interface CommandResult {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/**
 * The environment for a child that is a package manager: without the npm_* and pnpm_* variables that pnpm and npm
 * hand to their scripts, and which a nested one would obey.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^p?npm_/i.test(name)));
}

/** Runs a command to its end; a non-zero exit code is a result, not an error. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string },
): Promise<CommandResult> {
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString("utf8") }));
  });
}

/**
 * Packs every package under packages/ as it would be published.
 *
 * @param root - absolute path of the workspace; its packages are built.
 * @param target - absolute path of an existing empty folder.
 * @param pnpm - the command to pack with. Default: the pnpm installed in the workspace.
 * @returns absolute paths of the tarballs, sorted.
 * @throws {Error} when pnpm fails, with what it said.
 */
export async function packAll(
  root: string,
  target: string,
  pnpm: string = join(root, "node_modules/.bin/pnpm"),
): Promise<string[]> {
  const args = ["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", target];
  const { code, output } = await runCommand(pnpm, args, { cwd: root });
  if (code !== 0) throw new Error(`pnpm pack failed:\n${output}`);
  return readdirSync(target)
    .sort()
    .map((name) => join(target, name));
}
