import { isLevel, type LogContext, type LogEntry } from "@waybill/protocols";

/**
 * The keys of an entry on disk, in the order in which they are written. This is the only place that maps them to the
 * names used in code.
 */
export const entryKeys = {
  timestampMs: "timestamp",
  level: "level",
  message: "message",
  containerId: "container_id",
  componentName: "component_name",
  scope: "event_scope",
  correlationId: "correlation_id",
  eventId: "event_id",
  traceId: "trace_id",
  spanId: "span_id",
  seq: "seq",
  context: "context",
} as const satisfies Record<keyof LogEntry, string>;

const noContext: LogContext = Object.freeze({});

/**
 * Reads one line of a log tree, without its `\n`.
 *
 * @returns undefined when the line is no entry of format 1: no JSON object, or a header field missing or of another
 * type. Fields that the format does not know are ignored, so that later versions may add some. A context that is no
 * object, as encoders write one that threw when it was read, stands under `value`.
 */
export function parseEntry(line: string): LogEntry | undefined {
  const fields = parseObject(line);
  if (fields === undefined) return undefined;
  const timestampMs = Date.parse(textOf(fields[entryKeys.timestampMs]) ?? "");
  const level = fields[entryKeys.level];
  const message = textOf(fields[entryKeys.message]);
  const containerId = textOf(fields[entryKeys.containerId]);
  const componentName = textOf(fields[entryKeys.componentName]);
  const scope = textOf(fields[entryKeys.scope]);
  const seq = fields[entryKeys.seq];
  if (Number.isNaN(timestampMs) || !isLevel(level) || message === undefined) return undefined;
  if (containerId === undefined || componentName === undefined || scope === undefined) return undefined;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  return {
    timestampMs,
    level,
    message,
    containerId,
    componentName,
    scope: scope as LogEntry["scope"],
    correlationId: textOf(fields[entryKeys.correlationId]),
    eventId: textOf(fields[entryKeys.eventId]),
    traceId: textOf(fields[entryKeys.traceId]),
    spanId: textOf(fields[entryKeys.spanId]),
    seq,
    context: contextOf(fields[entryKeys.context]),
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function contextOf(value: unknown): LogContext {
  if (value === undefined || value === null) return noContext;
  return isRecord(value) ? value : { value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
