import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExampleRun, exampleNames, runExample } from "./support/run-example.ts";
import { logFilesOf } from "./support/tree.ts";

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
