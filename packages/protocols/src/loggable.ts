import { hasMembersOfType } from "./structure.ts";

/** Anything that can log. */
export interface Loggable {
  /**
   * @param level - either vocabulary, any case (`warn`, `WARNING`); an unknown word is logged as INFO.
   * @param context - fields of the entry; any value.
   */
  log(level: string, message: string, context?: Readonly<Record<string, unknown>>): void;
}

/** Whether a value has the shape of {@link Loggable}. */
export function isLoggable(value: unknown): value is Loggable {
  return hasMembersOfType(value, "function", "log");
}
