import { hasMembersOfType } from "./structure.ts";

/** Anything that a coordinator starts, asks for its state, and ends. */
export interface LifecycleManaged {
  initialize(): void | Promise<void>;
  cleanup(): void | Promise<void>;
  getStatus(): Readonly<Record<string, unknown>>;
}

/** Whether a value has the shape of {@link LifecycleManaged}. */
export function isLifecycleManaged(value: unknown): value is LifecycleManaged {
  return hasMembersOfType(value, "function", "initialize", "cleanup", "getStatus");
}
