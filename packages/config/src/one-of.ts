import { addIssue, type ConfigPath, type ConfigReport } from "./config-issue.ts";

/**
 * Takes a value that may be given under several keys.
 *
 * @returns the first that is given; two that differ are an issue at the second.
 */
export function oneOf<Value>(
  report: ConfigReport,
  parent: ConfigPath,
  candidates: Readonly<Record<string, Value | undefined>>,
): Value | undefined {
  const [first, ...others] = Object.entries(candidates).filter(([, value]) => value !== undefined);
  if (first === undefined) return undefined;
  for (const [key, value] of others) {
    if (value !== first[1])
      addIssue(report, [...parent, key], `contradicts ${first[0]}, which says the same; keep one`);
  }
  return first[1];
}
