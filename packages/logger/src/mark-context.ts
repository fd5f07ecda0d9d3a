import type { LogContext } from "@waybill/protocols";

/** A context with one field of ours. A field of that name that the caller logged stands under `<key>_value`. */
export function markContext(context: LogContext, key: string, mark: unknown): LogContext {
  if (!Object.hasOwn(context, key)) return { ...context, [key]: mark };
  return { ...context, [`${key}_value`]: context[key], [key]: mark };
}
