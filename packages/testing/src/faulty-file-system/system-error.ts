import { getSystemErrorMap } from "node:util";

/** An error as `node:fs` throws it. */
export interface SystemError extends Error {
  /** Name, such as `ENOSPC`. */
  readonly code: string;
  /** Number of this platform, negative, such as -28. */
  readonly errno: number;
  /** The system call, such as `ftruncate`. */
  readonly syscall: string;
  readonly path?: string;
  /** Second path of `rename` and `link`. */
  readonly dest?: string;
}

interface SystemErrorText {
  readonly errno: number;
  readonly text: string;
}

const texts: ReadonlyMap<string, SystemErrorText> = new Map(
  [...getSystemErrorMap()].map(([errno, [code, text]]) => [code, { errno, text }]),
);

/** Whether this platform knows an error of this name. */
export function isSystemErrorCode(code: string): boolean {
  return texts.has(code);
}

/** Builds the error that `node:fs` throws for a failed system call, with the same message and fields. */
export function createSystemError(code: string, syscall: string, path?: string, dest?: string): SystemError {
  const { errno, text } = texts.get(code) ?? { errno: 0, text: "unknown error" };
  const where = path === undefined ? "" : ` '${path}'`;
  const to = dest === undefined ? "" : ` -> '${dest}'`;
  return Object.assign(new Error(`${code}: ${text}, ${syscall}${where}${to}`), {
    errno,
    code,
    syscall,
    ...(path === undefined ? {} : { path }),
    ...(dest === undefined ? {} : { dest }),
  });
}

/** A refusal inside the store; the call that asked knows the system call and the paths and throws those. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
