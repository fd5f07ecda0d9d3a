/** The code of an error of the operating system (`ENOENT`), or "" when it has none. */
export function errorCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
