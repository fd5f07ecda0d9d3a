import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExampleRun, exampleNames, runExample } from "./support/run-example.ts";
import { logFilesOf } from "./support/tree.ts";

describe("an example without a log directory", () => {
  it("logs to a temporary one, and says that it stays", () => {
    const base = mkdtempSync(join(tmpdir(), "waybill-example-"));
    try {
      const script = fileURLToPath(new URL("../dist/basic-container-logging.js", import.meta.url));
      const env = { ...process.env, TMPDIR: base, TEMP: base };
      const stdout = execFileSync(process.execPath, [script], { cwd: base, env, encoding: "utf8" });
      const [made = ""] = readdirSync(base);
      expect(stdout).toContain(
        `Log tree: ${join(base, made, "logs")} (kept; delete it when you have seen it)\n`,
      );
      expect(stdout.split("Log tree: ")).toHaveLength(2);
      expect(logFilesOf(join(base, made, "logs")).size).toBeGreaterThan(0);
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
});

describe.each(exampleNames)("%s", (name) => {
  let run: ExampleRun;
  beforeAll(async () => {
    run = await runExample(name);
  });
  afterAll(() => run.remove());

  it("ends by itself with exit code 0, and has nothing to complain about", () => {
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("says where it logs to", () => {
    expect(run.stdout).toContain(`Log tree: ${run.root}`);
  });

  it("leaves files of which every line is an entry", () => {
    const files = [...logFilesOf(run.root).values()];
    expect(files).not.toHaveLength(0);
    const damaged = files.filter(({ isWhole, entries }) => !isWhole || entries.includes(undefined));
    expect(damaged).toEqual([]);
  });

  it("loses no entry: seq counts from 1 without a hole in every file", () => {
    const found = [...logFilesOf(run.root).values()].map(({ path, entries }) => ({
      path,
      seqs: entries.map((entry) => entry?.seq),
    }));
    expect(found).toEqual(found.map(({ path, seqs }) => ({ path, seqs: seqs.map((_, index) => index + 1) })));
  });

  it("stands in the README and opens with a comment on what the reader will see", () => {
    const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
    expect(read("README.md")).toContain(`[${name}](src/${name}.ts)`);
    const [opening = ""] = read(`src/${name}.ts`).split("\nimport ");
    expect(opening).toMatch(/^(\/\/.*\n?)+$/);
    expect(opening.replaceAll("\n// ", " ")).toContain("You will see");
  });
});
