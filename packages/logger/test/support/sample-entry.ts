import type { EntryInput } from "@waybill/protocols";

const source = { containerId: "strategy_001", componentName: "momentum" };

/** An INFO entry without ids and context, except for what is given. */
export function sampleEntry(fields: Partial<EntryInput> = {}): EntryInput {
  return {
    timestampMs: 1000,
    level: "INFO",
    message: "tick",
    source,
    scope: "component_internal",
    correlationId: undefined,
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context: undefined,
    ...fields,
  };
}
