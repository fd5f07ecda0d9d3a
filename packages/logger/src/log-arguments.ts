import { types } from "node:util";
import type { LogContext } from "@waybill/protocols";

/** A message, or a function that makes one only when the entry is written. */
export type MessageArgument = string | (() => string);

/** Fields of an entry, an error, or a function that makes fields only when the entry is written. */
export type ContextArgument = LogContext | Error | (() => LogContext);

/** The message as text, whatever was passed. */
export function messageOf(message: unknown): string {
  if (typeof message === "string") return message;
  try {
    const made: unknown = typeof message === "function" ? message() : message;
    return typeof made === "string" ? made : String(made);
  } catch (error) {
    return `[message could not be made: ${textOf(error)}]`;
  }
}

/**
 * The context as an object of fields: an error stands under `error`, a list or a plain value under `value`.
 *
 * @returns undefined when there is none.
 */
export function contextOf(argument: unknown): LogContext | undefined {
  if (argument === undefined || argument === null) return undefined;
  if (typeof argument === "function") return contextOf(made(argument as () => unknown));
  if (typeof argument !== "object") return { value: argument };
  try {
    // Most contexts are plain objects, and to tell that is cheaper than to tell that something is no error.
    if (Object.getPrototypeOf(argument) === Object.prototype) return argument as LogContext;
    if (types.isNativeError(argument) || argument instanceof Error) return { error: argument };
    if (Array.isArray(argument)) return { value: argument };
  } catch {
    // A proxy may throw when it is merely asked what it is. The encoder, which reads it anyway, says so in its place.
  }
  return argument as LogContext;
}

/** One level of laziness only: a function that makes a function is shown, not called. */
function made(make: () => unknown): unknown {
  try {
    const value = make();
    return typeof value === "function" ? { value } : value;
  } catch (error) {
    return { context_failed: textOf(error) };
  }
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "unknown";
  }
}
