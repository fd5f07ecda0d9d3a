import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "@waybill/tooling-pack-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "waybill-commands-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("runChild", () => {
  /** Starts `runChild` on a program, in a process that ends with its answer. */
  function startRunner(command: string, ...args: readonly string[]): ChildProcess {
    const module = new URL("../tools/run-child.mjs", import.meta.url).href;
    const code = `import { runChild } from ${JSON.stringify(module)};
      process.exit(await runChild(${JSON.stringify(command)}, ${JSON.stringify(args)}));`;
    return spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async function exitCodeOf(child: ChildProcess): Promise<number | null> {
    const [code] = (await once(child, "close")) as [number | null];
    return code;
  }

  test("answers with the exit code of the child", async () => {
    expect(await exitCodeOf(startRunner(process.execPath, "-e", "process.exit(3)"))).toBe(3);
  });

  test("answers with 128 + n when signal n ended the child", async () => {
    const suicide = 'process.kill(process.pid, "SIGKILL"); setInterval(() => undefined, 1000);';
    expect(await exitCodeOf(startRunner(process.execPath, "-e", suicide))).toBe(137);
  });

  test("answers with 127 when there is no such command", async () => {
    expect(await exitCodeOf(startRunner(join(folder, "missing")))).toBe(127);
  });

  test("passes arguments on as they are", async () => {
    const runner = startRunner(
      process.execPath,
      "-p",
      "process.argv.slice(1).join('|')",
      "a b",
      '$HOME "q"',
      "*",
    );
    const chunks: Buffer[] = [];
    runner.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    expect(await exitCodeOf(runner)).toBe(0);
    expect(Buffer.concat(chunks).toString()).toBe('a b|$HOME "q"|*\n');
  });

  test("hands SIGTERM on and waits until the child has drained", async () => {
    const program = `process.on("SIGTERM", () => setTimeout(() => process.exit(9), 100));
      setInterval(() => undefined, 1000);
      console.log("ready");`;
    const runner = startRunner(process.execPath, "-e", program);
    if (runner.stdout !== null) await once(runner.stdout, "data");
    runner.kill("SIGTERM");
    expect(await exitCodeOf(runner)).toBe(9);
  });

  test("outlives SIGINT, which a terminal sends to the child as well", async () => {
    const program = 'console.log("ready"); setTimeout(() => process.exit(4), 300);';
    const runner = startRunner(process.execPath, "-e", program);
    if (runner.stdout !== null) await once(runner.stdout, "data");
    runner.kill("SIGINT");
    expect(await exitCodeOf(runner)).toBe(4);
  });
});

describe("quietly", () => {
  const quietly = (code: string) =>
    runCommand(process.execPath, [join(root, "tools/quietly.mjs"), process.execPath, "-e", code], {
      cwd: folder,
    });

  test("says nothing when the command succeeds", async () => {
    expect(await quietly('console.log("built"); console.error("noise");')).toEqual({ code: 0, output: "" });
  });

  test("shows everything and passes the exit code on when the command fails", async () => {
    const { code, output } = await quietly('console.log("broken"); process.exit(5);');
    expect({ code, output }).toEqual({ code: 5, output: "broken\n" });
  });
});

describe("the scripts that the documents name", () => {
  const pnpm = join(root, "node_modules/pnpm/bin/pnpm.mjs");
  const manifest: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const scripts = Object.keys(manifest.scripts);
  const documents = ["AGENTS.md", "CONTRIBUTING.md", "README.md", "benchmarks/README.md"];
  /** What a reader types after `pnpm`, up to the name of the script: `check`, `run change`. */
  const typed = new Set(
    documents
      .map((file) => readFileSync(join(root, file), "utf8"))
      .flatMap((text) => [...text.matchAll(/(?:`|^)pnpm ((?:run )?([a-z-]+))\b(?! itself)/gm)])
      .filter(([, , name = ""]) => scripts.includes(name))
      .map(([, words = ""]) => words),
  );
  /** Said to be commands of pnpm itself, as a warning. */
  const shadowed = ["change", "version"];

  /** Whether pnpm runs the script of that name, and not a command of its own. In a folder where nothing else happens. */
  async function runsScript(words: string): Promise<boolean> {
    const stubs = scripts.map((name) => [name, "node -p 5*1111"]);
    const stub = { name: "stub", version: "1.0.0", private: true, scripts: Object.fromEntries(stubs) };
    writeFileSync(join(folder, "package.json"), JSON.stringify(stub));
    const args = [pnpm, "--ignore-workspace", "--silent", ...words.split(" ")];
    const { output } = await runCommand(process.execPath, args, { cwd: folder });
    return output.includes("5555");
  }

  test.each([...typed].filter((words) => !shadowed.includes(words)))(
    "`pnpm %s` runs our script",
    async (words) => {
      expect(await runsScript(words)).toBe(true);
    },
  );

  test("every script is named that somebody types, and those that pnpm shadows are named with `run`", async () => {
    const names = ["bench", "check", "coverage", "new-package", "run change", "run release", "run version"];
    expect([...typed].filter((words) => !shadowed.includes(words)).sort()).toEqual(names);
    expect(await Promise.all(shadowed.map(runsScript))).toEqual([false, false]);
  });

  test.each(["change", "version", "release"])("`pnpm run %s --help` reaches changesets", (name) => {
    // Arguments go to the last command of a script.
    expect(manifest.scripts[name]?.split(" && ").at(-1)).toMatch(/^changeset\b/);
  });
});

describe("the closing line of CI", () => {
  const closingLine = (file: string) =>
    runCommand(process.execPath, [join(root, ".ci/closing-line.mjs"), file], { cwd: folder });
  const counted = { numPassedTests: 7, numFailedTests: 2, numPendingTests: 0, numTodoTests: 0 };

  test.each([
    [counted, 0, "7 passed, 2 failed\n"],
    [{ ...counted, numPendingTests: 1, numTodoTests: 3 }, 0, "7 passed, 2 failed, 4 skipped\n"],
    [{ ...counted, numPassedTests: 0, numFailedTests: 0 }, 1, "0 passed, 0 failed\n"],
  ])("tells what vitest counted in %j", async (report, code, output) => {
    const file = join(folder, "report.json");
    writeFileSync(file, JSON.stringify(report));
    expect(await closingLine(file)).toEqual({ code, output });
  });

  test("invents no numbers when there is no report", async () => {
    const { code, output } = await closingLine(join(folder, "report.json"));
    expect(code).toBe(1);
    expect(output).not.toMatch(/\d+ passed/);
  });
});
