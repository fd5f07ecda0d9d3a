import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const examplesRoot = fileURLToPath(new URL("../..", import.meta.url));

/** Far above the three seconds that an example may take, for busy machines; one that hangs is ended. */
const timeoutMs = 30_000;

/** Names of all examples, by their sources: one that was not built fails instead of being passed over. */
export const exampleNames: readonly string[] = readdirSync(join(examplesRoot, "src"), { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => basename(entry.name, ".ts"));

/** How an example ended, and where it logged to. */
export interface ExampleRun {
  /** Undefined when it was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Root of the log tree that it left. */
  readonly root: string;
  remove(): void;
}

/** Runs a built example as a user does, in an empty directory. */
export function runExample(name: string): Promise<ExampleRun> {
  const directory = mkdtempSync(join(tmpdir(), `waybill-example-`));
  const root = join(directory, "logs");
  const script = join(examplesRoot, "dist", `${name}.js`);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [script, root],
      { cwd: directory, timeout: timeoutMs },
      (_error, stdout, stderr) =>
        resolve({ exitCode: child.exitCode ?? undefined, stdout, stderr, root, remove }),
    );
  });
}
