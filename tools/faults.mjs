// `pnpm faults`: the long set of the fault programs, and what each case has seen. `--quick` = the set of `pnpm test`;
// further arguments are those of vitest, such as `f01`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "./run-child.mjs";

const folder = mkdtempSync(join(tmpdir(), "waybill-faults-"));
const figuresFile = join(folder, "figures.jsonl");
const resultFile = join(folder, "result.json");
const given = process.argv.slice(2).filter((argument) => argument !== "--quick");
const isQuick = process.argv.includes("--quick");

/** @returns {Map<string, Record<string, unknown>>} by title of the case. */
function readFigures() {
  const byTitle = new Map();
  const lines = readOrElse(figuresFile, "").split("\n").filter(Boolean);
  for (const line of lines) {
    const { title, figures } = JSON.parse(line);
    byTitle.set(title, { ...byTitle.get(title), ...figures });
  }
  return byTitle;
}

function readOrElse(file, otherwise) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}

function printSummary() {
  const figures = readFigures();
  const { testResults = [] } = JSON.parse(readOrElse(resultFile, "{}"));
  const cases = testResults.flatMap(({ assertionResults }) => assertionResults);
  cases.sort((a, b) => a.title.localeCompare(b.title));
  console.log("\ncase | result | s | figures\n---|---|---|---");
  for (const { title, status, duration = 0 } of cases) {
    const seen = Object.entries(figures.get(title) ?? {}).map(([name, value]) => `${name} ${value}`);
    console.log(`${title} | ${status} | ${(duration / 1000).toFixed(1)} | ${seen.join(", ")}`);
  }
  const count = (wanted) => cases.filter(({ status }) => status === wanted).length;
  const skipped = cases.length - count("passed") - count("failed");
  console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${skipped} skipped`);
}

process.env.WAYBILL_FAULTS = isQuick ? "quick" : "long";
process.env.WAYBILL_FAULTS_REPORT = figuresFile;
process.env.WAYBILL_ALL_TESTS = "1";
try {
  process.exitCode = await runChild(process.execPath, [
    fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url)),
    "run",
    ...["--project", "e2e", "--reporter=default", "--reporter=json", `--outputFile.json=${resultFile}`],
    // One file at a time: the long set measures, and files would measure each other.
    ...(isQuick ? [] : ["--no-file-parallelism"]),
    ...(given.length > 0 ? given.map((name) => `tests/faults/${name}`) : ["tests/faults/"]),
  ]);
  printSummary();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
