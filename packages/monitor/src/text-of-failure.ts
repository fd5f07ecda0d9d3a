/** What somebody else's failure says, in 500 characters at most; also for what is thrown and cannot be printed. */
export function textOfFailure(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message : String(error);
    return (text === "" && error instanceof Error ? error.name : text).slice(0, 500);
  } catch {
    return "unknown failure";
  }
}
