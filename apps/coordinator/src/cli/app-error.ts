/**
 * Exit codes of the app: 1 = a soak found a promise broken, 2 = usage or configuration, 3 = something cannot be read or
 * written.
 */
export type FailureExitCode = 1 | 2 | 3;

/** Something the user can put right: printed as one sentence with the fix, without a stack trace. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly exitCode: FailureExitCode;
  /** What to do about it, imperative, without a full stop; empty when the message says it. */
  readonly fix: string;

  constructor(
    exitCode: FailureExitCode,
    message: string,
    options: { readonly fix: string; readonly cause?: unknown },
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.exitCode = exitCode;
    this.fix = options.fix;
  }
}

/** Why a call to the operating system failed, in words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const words = typeof code === "string" ? wordsByCode[code] : undefined;
  return words ?? (error instanceof Error ? error.message : String(error));
}

const wordsByCode: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  MODULE_NOT_FOUND: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  ENOTDIR: "it is a file, or lies below one",
  EEXIST: "a file of this name is in the way",
  EISDIR: "it is a directory",
};
