import type { Hold } from "./hold.ts";

const format = 1;

/** The text of a hold's file: one JSON object, keys in snake_case, times in ISO 8601. */
export function formatHold(hold: Hold): string {
  const { id, reason, container, correlationId, fromMs, toMs, createdMs, expiresMs } = hold;
  const fields = {
    format,
    id,
    reason,
    container_id: container,
    correlation_id: correlationId,
    from: isoOf(fromMs),
    to: isoOf(toMs),
    created_at: isoOf(createdMs),
    expires_at: isoOf(expiresMs),
  };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

/** Reads the text of a hold's file. @returns undefined when it is no hold of this format. */
export function parseHold(text: string): Hold | undefined {
  const fields = parseFields(text);
  if (fields === undefined || fields["format"] !== format) return undefined;
  const { id, reason, container_id: container, correlation_id: correlationId } = fields;
  const times = [fields["from"], fields["to"], fields["created_at"], fields["expires_at"]];
  if (typeof id !== "string" || typeof reason !== "string") return undefined;
  if (!isTextOrAbsent(container) || !isTextOrAbsent(correlationId)) return undefined;
  if (!times.every(isTimeOrAbsent) || fields["created_at"] === undefined) return undefined;
  const [fromMs, toMs, createdMs = 0, expiresMs] = times.map((time) =>
    time === undefined ? undefined : Date.parse(String(time)),
  );
  if ([container, correlationId, fromMs, toMs].every((criterion) => criterion === undefined))
    return undefined;
  return { id, reason, container, correlationId, fromMs, toMs, createdMs, expiresMs };
}

function isoOf(timestampMs: number | undefined): string | undefined {
  return timestampMs === undefined ? undefined : new Date(timestampMs).toISOString();
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function isTimeOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && !Number.isNaN(Date.parse(value)));
}

function parseFields(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
