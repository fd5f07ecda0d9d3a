import { parseArgs } from "node:util";
import { parseDay } from "../market/bar.ts";
import { strategiesMax } from "../strategies/parameter-sets.ts";
import { AppError } from "./app-error.ts";
import { nearest } from "./nearest.ts";

/** A day as the user wrote it. */
export interface Day {
  readonly text: string;
  readonly dayNumber: number;
}

/** What the command line asks for. */
export interface RunOptions {
  /** First day, included; undefined = the first of the data. */
  readonly from: Day | undefined;
  /** Last day, included; undefined = the last of the data. */
  readonly to: Day | undefined;
  /** Strategy containers; undefined = as configured. */
  readonly strategies: number | undefined;
  readonly logDir: string | undefined;
  readonly configPath: string | undefined;
  /** Bars per second; undefined = as fast as possible. */
  readonly speed: number | undefined;
  readonly isQuiet: boolean;
}

/** What the command line asks of a soak. */
export interface SoakRunOptions extends RunOptions {
  /** Seconds; undefined = until Ctrl-C. */
  readonly seconds: number | undefined;
}

/** The command line, understood. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly options: RunOptions }
  | { readonly kind: "soak"; readonly options: SoakRunOptions };

/** What runs when no range is given: two years with a crash, a closure of the exchange and a bear market. */
export const defaultRange = { from: "2001-01-01", to: "2002-12-31" } as const;

/** How long a soak lasts when nothing is said about it. */
const defaultSoakSeconds = 90;
const soakForever = "forever";
/** A week. */
const soakSecondsMax = 604_800;

const known = {
  soak: { type: "string" },
  all: { type: "boolean" },
  from: { type: "string" },
  to: { type: "string" },
  containers: { type: "string" },
  "log-dir": { type: "string" },
  config: { type: "string" },
  speed: { type: "string" },
  quiet: { type: "boolean", short: "q" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

const names = Object.keys(known);
const seeHelp = "npm start -- --help lists the options";

/**
 * Understands the arguments behind the program's name.
 *
 * @throws {AppError} exit code 2, with the nearest known option for an unknown one.
 */
export function parseCommand(given: readonly string[]): Command {
  const args = withSoakSeconds(given);
  refuseUnknown(args);
  const values = readValues(args);
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  if (values.all && (values.from !== undefined || values.to !== undefined)) {
    throw new AppError(2, "--all cannot be combined with --from or --to", { fix: "give one or the other" });
  }
  const hasRange = values.all || values.from !== undefined || values.to !== undefined;
  const from = readDay("--from", hasRange ? values.from : defaultRange.from);
  const to = readDay("--to", hasRange ? values.to : defaultRange.to);
  if (from !== undefined && to !== undefined && from.dayNumber > to.dayNumber) {
    throw new AppError(2, `--from ${from.text} comes after --to ${to.text}`, { fix: "swap them" });
  }
  const options: RunOptions = {
    from,
    to,
    strategies: readNumber("--containers", values.containers, { min: 1, max: strategiesMax, integer: true }),
    logDir: readPath("--log-dir", values["log-dir"]),
    configPath: readPath("--config", values.config),
    speed: readNumber("--speed", values.speed, { min: 0.1, max: 10_000, integer: false }),
    isQuiet: values.quiet ?? false,
  };
  if (values.soak === undefined) return { kind: "run", options };
  const seconds = values.soak === soakForever ? undefined : readSeconds(values.soak);
  return { kind: "soak", options: { ...options, seconds } };
}

function readSeconds(text: string): number {
  const seconds = text.trim() === "" ? Number.NaN : Number(text);
  if (seconds >= 1 && seconds <= soakSecondsMax) return seconds;
  throw new AppError(2, `--soak is "${text}"`, {
    fix: `give seconds from 1 to ${soakSecondsMax.toLocaleString("en-US")}, or ${soakForever}`,
  });
}

/** `--soak` may stand alone, which `parseArgs` does not know. */
function withSoakSeconds(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (argument !== "--soak") return [argument];
    const next = args[index + 1];
    return next === undefined || next.startsWith("-") ? [`--soak=${defaultSoakSeconds}`] : [argument];
  });
}

function refuseUnknown(args: readonly string[]): void {
  const { tokens } = parseArgs({ args: [...args], options: known, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new AppError(2, `unexpected argument "${token.value}"`, { fix: seeHelp });
    }
    if (token.kind !== "option" || Object.hasOwn(known, token.name)) continue;
    const guess = nearest(token.name, names);
    const fix = guess === undefined ? seeHelp : `did you mean --${guess}?`;
    throw new AppError(2, `unknown option ${token.rawName}`, { fix });
  }
}

function readValues(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    // What is left is a value that is missing, or one that is too many; Node names the option in the first sentence.
    const message = cause instanceof Error ? cause.message : String(cause);
    const sentence = message.split(/\.\s|\n/)[0] ?? message;
    throw new AppError(2, sentence.charAt(0).toLowerCase() + sentence.slice(1), { fix: seeHelp, cause });
  }
}

function readDay(option: string, text: string | undefined): Day | undefined {
  if (text === undefined) return undefined;
  const dayNumber = parseDay(text);
  if (dayNumber !== undefined) return { text, dayNumber };
  throw new AppError(2, `${option} is "${text}"`, {
    fix: "give an existing day as YYYY-MM-DD, such as 2001-09-17",
  });
}

function readNumber(
  option: string,
  text: string | undefined,
  { min, max, integer }: { readonly min: number; readonly max: number; readonly integer: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? "an integer" : "a number";
  throw new AppError(2, `${option} is "${text}"`, {
    fix: `give ${kind} from ${min} to ${max.toLocaleString("en-US")}`,
  });
}

function readPath(option: string, text: string | undefined): string | undefined {
  if (text !== "") return text;
  throw new AppError(2, `${option} is empty`, { fix: "give a path" });
}
