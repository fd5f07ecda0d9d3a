import { cleanId } from "@waybill/correlation";
import type { LogContext } from "@waybill/protocols";

/**
 * The correlation id that the caller names for this one entry. The context is the caller's: reading it may throw, and
 * the encoder then shows at this key what was thrown.
 *
 * One function per key, because V8 caches a read by a fixed name and not one by a varying key.
 */
export function correlationIdOf(context: LogContext | undefined): string | undefined {
  try {
    const id = context?.correlation_id;
    return id === undefined ? undefined : cleanId(id);
  } catch {
    return undefined;
  }
}

/** The same for the event id. */
export function eventIdOf(context: LogContext | undefined): string | undefined {
  try {
    const id = context?.event_id;
    return id === undefined ? undefined : cleanId(id);
  } catch {
    return undefined;
  }
}
