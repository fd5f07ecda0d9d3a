import { createRequire } from "node:module";
import { isWaybillError } from "@waybill/protocols";
import { formatCounted } from "../report/format-figures.ts";
import { renderReport } from "../report/render-report.ts";
import type { Report } from "../report/report.ts";
import { checkLogDir } from "../run/check-log-dir.ts";
import { loadPlan } from "../run/load-plan.ts";
import { runPipeline } from "../run/run-pipeline.ts";
import { isAsciiOnly } from "../soak/ascii.ts";
import { loadSoakPlan } from "../soak/plan-soak.ts";
import { prepareSoakDir } from "../soak/prepare-soak-dir.ts";
import { renderSoakReport } from "../soak/render-soak-report.ts";
import { runSoak } from "../soak/run-soak.ts";
import { brokenPromises, type SoakReport } from "../soak/soak-report.ts";
import { createStatusView } from "../soak/status-view.ts";
import { AppError, systemReason } from "./app-error.ts";
import { hasColour } from "./colour.ts";
import { listenForEnd } from "./end-signals.ts";
import { helpText } from "./help.ts";
import { parseCommand, type RunOptions, type SoakRunOptions } from "./options.ts";
import { createProgress } from "./progress.ts";

/** Bars per second in a calm of a soak. */
const soakSpeed = 20;

/** Does what the command line asks for, and sets the exit code. Prints one sentence for what the user can put right. */
export async function runCommand(args: readonly string[]): Promise<void> {
  process.stdout.on("error", onOutputError);
  process.stderr.on("error", onOutputError);
  try {
    const command = parseCommand(args);
    if (command.kind === "help") process.stdout.write(`${helpText}\n`);
    else if (command.kind === "version") process.stdout.write(`${readVersion()}\n`);
    else if (command.kind === "soak") await soak(command.options);
    else await run(command.options);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

async function soak(options: SoakRunOptions): Promise<void> {
  const plan = await loadSoakPlan(options);
  prepareSoakDir(plan.config.coordinator.logDir);
  const say = (text: string) => options.isQuiet || process.stderr.write(`coordinator: ${text}\n`);
  for (const warning of plan.warnings) say(warning);
  const end = listenForEnd();
  const view = options.isQuiet
    ? undefined
    : createStatusView(process.stderr, { hasColour: hasColour(process.stderr), isAscii: isAsciiOnly() });
  try {
    const report = await runSoak({
      plan,
      seconds: options.seconds,
      speed: options.speed ?? soakSpeed,
      signal: end.signal,
      onStatus: (status) => view?.show(status),
      print(line) {
        if (view === undefined) process.stderr.write(line);
        else view.print(line.trimEnd());
      },
      onAudit: () => {
        view?.end();
        say("reading every line of the tree");
      },
    });
    if (!options.isQuiet) {
      process.stdout.write(`${renderSoakReport(report, { hasColour: hasColour(process.stdout) })}\n`);
    }
    requireKept(report);
  } finally {
    view?.end();
    end.raise();
  }
}

/** @throws {AppError} exit code 1 when the limit was not held or entries are not accounted for. */
function requireKept(report: SoakReport): void {
  const [first, ...others] = brokenPromises(report);
  if (first === undefined) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new AppError(1, `the soak found a promise broken: ${first}${more}`, {
    fix: `keep ${report.tree} and report it`,
  });
}

async function run(options: RunOptions): Promise<void> {
  const plan = await loadPlan(options);
  const { logDir } = plan.config.coordinator;
  const isContinued = checkLogDir(logDir);
  const say = (text: string) => options.isQuiet || process.stderr.write(`coordinator: ${text}\n`);
  for (const warning of plan.warnings) say(warning);
  if (isContinued) say(`continuing the log tree ${logDir}`);
  const end = listenForEnd();
  const progress = options.isQuiet
    ? undefined
    : createProgress(process.stderr, plan.bars.length, {
        now: () => performance.now(),
        hasColour: hasColour(process.stderr),
      });
  try {
    const report = await runPipeline({
      plan,
      isContinued,
      speed: options.speed,
      signal: end.signal,
      onBar: (done, date) => progress?.update(done, date),
    });
    progress?.end();
    if (!options.isQuiet) {
      process.stdout.write(`${renderReport(report, { hasColour: hasColour(process.stdout) })}\n`);
    }
    requireAllWritten(report);
  } finally {
    progress?.end();
    end.raise();
  }
}

/** @throws {AppError} exit code 3 when entries of the run are missing in its tree. */
function requireAllWritten({ entries, tree }: Report): void {
  const missing = entries.dropped + entries.unwritten;
  if (missing === 0) return;
  const amount = formatCounted(missing, "line is", "lines are");
  throw new AppError(3, `the run went on, but ${amount} missing in the log tree ${tree}`, {
    fix: "make room there, or name another place with --log-dir",
  });
}

/** @returns the exit code. */
function reportFailure(error: unknown): number {
  if (error instanceof AppError) {
    process.stderr.write(`coordinator: ${error.message}${error.fix === "" ? "" : `; ${error.fix}`}\n`);
    return error.exitCode;
  }
  if (isWaybillError(error)) {
    process.stderr.write(`coordinator: ${error.message}\n`);
    return error.code.startsWith("WAYBILL_CONFIG_") ? 2 : 3;
  }
  throw error;
}

function readVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)("../../package.json");
  return manifest instanceof Object && "version" in manifest ? String(manifest.version) : "unknown";
}

/** A reader that has seen enough (`npm start | head`) is no failure; a full disk behind `>` is. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE" || process.exitCode === 3) return;
  process.exitCode = 3;
  process.stderr.write(
    `coordinator: the output cannot be written: ${systemReason(error)}; send it somewhere else\n`,
  );
}
