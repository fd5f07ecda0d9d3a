import { type ChildProcess, fork } from "node:child_process";

/** A program of this package in a process of its own. */
export interface ChildProgram {
  readonly process: ChildProcess;
  /** What it answers, as its one message. @throws {Error} when it ends without one. */
  readonly answer: Promise<unknown>;
}

/**
 * Starts a program with its options as JSON. What this process was started with, such as `--cpu-prof`, it is started
 * with too.
 */
export function startChildProgram(program: string, options: unknown): ChildProgram {
  const child = fork(program, [JSON.stringify(options)]);
  const answer = new Promise<unknown>((resolve, reject) => {
    let answered: { readonly value: unknown } | undefined;
    child.on("message", (value) => {
      answered = { value };
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (answered !== undefined) resolve(answered.value);
      else
        reject(new Error(`${program} ended with ${signal ?? `exit ${String(code)}`} and without an answer`));
    });
  });
  return { process: child, answer };
}

/** In a child program: does its work, answers, and ends; ends at once when the parent is gone. */
export async function answerParent<Options>(work: (options: Options) => Promise<unknown>): Promise<void> {
  process.once("disconnect", () => process.exit(1));
  const result = await work(JSON.parse(process.argv[2] ?? "{}") as Options);
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(result, () => resolve());
  });
  process.removeAllListeners("disconnect");
  process.disconnect?.();
}
