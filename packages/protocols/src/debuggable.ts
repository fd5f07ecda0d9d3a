import { hasMembersOfType } from "./structure.ts";

/** Anything whose state can be looked at while it runs. */
export interface Debuggable {
  /** @returns plain data, safe to log. */
  captureState(): Readonly<Record<string, unknown>>;
  enableTracing(enabled: boolean): void;
}

/** Whether a value has the shape of {@link Debuggable}. */
export function isDebuggable(value: unknown): value is Debuggable {
  return hasMembersOfType(value, "function", "captureState", "enableTracing");
}
