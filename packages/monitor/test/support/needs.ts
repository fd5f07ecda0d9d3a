import { execFileSync } from "node:child_process";
import { it } from "vitest";

/** Programs that a machine may lack, in Debian's package `prometheus`. */
export type Program = "promtool" | "prometheus";

const absent = new Map<Program, boolean>();

function isAbsent(program: Program): boolean {
  let known = absent.get(program);
  if (known === undefined) {
    known = !runs(program);
    absent.set(program, known);
  }
  return known;
}

function runs(program: Program): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Declares a test with a real program, whose name it is handed; without it the test is skipped, and its title and a
 * line on stderr say so.
 */
export function itWith(
  program: Program,
  title: string,
  run: (program: string) => Promise<void>,
  timeoutMs = 60_000,
): void {
  const reason = isAbsent(program) ? ` (skipped: no ${program})` : "";
  if (reason !== "") process.stderr.write(`monitor: ${title}${reason}\n`);
  it.skipIf(reason !== "")(title + reason, () => run(program), timeoutMs);
}
