import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("steps-child.mjs", import.meta.url));

/** What is done while calls are disturbed. */
export type Work =
  /** `compressSegment` of the one sealed segment in the tree. */
  | "compress"
  /** A pool opens the stream, with compression, and writes entries: whatever was left behind is put right. */
  | "recover"
  /** A worker of a pool writes over several segments. */
  | "rotate";

/** How the disturbed call ends. `kill`: never, for the process ends before it. */
export type Effect = "kill" | "EIO" | "ENOSPC";

/** One tree, and the call that is disturbed there. */
export interface DisturbedTree {
  /** Root of a log tree with container `c0`, component `load`. */
  readonly root: string;
  /** Number of the call, from 1 on; 0 for none. */
  readonly at: number;
}

/** What one process does, see `steps-child.mjs`. */
export interface Errand {
  readonly work: Work;
  /** Tells the entries of several processes on one tree apart. */
  readonly run: number;
  readonly effect: Effect;
  /** Whether all later calls fail too. Default false. */
  readonly isStuck?: boolean;
  /** Whether only calls count after which something else is on disk: a kill makes no difference elsewhere. */
  readonly isChanging: boolean;
  /** One after the other; a killed process does not come to the next. */
  readonly trees: readonly DisturbedTree[];
}

/** What became of the work on one tree. */
export interface WorkEnd {
  /** Entries that were promised to be there whatever happens: the first so many. */
  readonly safe: number;
  /** Calls that were made; undefined when it did not come to its end. */
  readonly calls: number | undefined;
  /** How many of them were disturbed. */
  readonly hits: number;
}

/** What became of an errand. */
export interface ErrandEnd {
  readonly signal: NodeJS.Signals | null;
  readonly ofTree: (root: string) => WorkEnd;
}

/** Has a process do something, and waits for its end. @throws when it prints an error. */
export async function runErrand(errand: Errand): Promise<ErrandEnd> {
  const child = spawn(process.execPath, [program, JSON.stringify(errand)], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 300_000,
    killSignal: "SIGTERM",
  });
  const [said, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (errors !== "" || (code !== 0 && signal !== "SIGKILL"))
    throw new Error(`${errand.work}, ${errand.effect}: ended with ${signal ?? code}: ${errors}`);
  const nothing: WorkEnd = { safe: 0, calls: undefined, hits: 0 };
  const ends = new Map<string, WorkEnd>();
  for (const line of said.split("\n").filter(Boolean)) {
    const { root, ...more } = JSON.parse(line) as { readonly root: string } & Partial<WorkEnd>;
    ends.set(root, { ...nothing, ...ends.get(root), ...more });
  }
  return { signal, ofTree: (root) => ends.get(root) ?? nothing };
}
