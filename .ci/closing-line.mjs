// Prints what vitest counted: `node .ci/closing-line.mjs <file written by vitest's JSON reporter>`.
import { existsSync, readFileSync } from "node:fs";

const [file] = process.argv.slice(2);
if (existsSync(file)) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  const skipped = report.numPendingTests + report.numTodoTests;
  const counts = [`${report.numPassedTests} passed`, `${report.numFailedTests} failed`];
  console.log([...counts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", "));
  // Nothing executed is no success, whatever else was well.
  if (report.numPassedTests === 0) process.exitCode = 1;
} else {
  console.error("the tests did not start, so there is nothing to count");
  process.exitCode = 1;
}
