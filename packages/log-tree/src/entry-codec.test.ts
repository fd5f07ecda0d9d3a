import { describe, expect, it } from "vitest";
import { encodeLine } from "../test/support/encoded-entry.ts";
import { parseEntry } from "./entry-codec.ts";

const fields = {
  timestamp: "2026-11-22T10:30:01.123Z",
  level: "INFO",
  message: "m",
  container_id: "c",
  component_name: "d",
  event_scope: "internal_bus",
  seq: 1,
};

const parseFields = (changed: object): ReturnType<typeof parseEntry> =>
  parseEntry(JSON.stringify({ ...fields, ...changed }));

describe("parseEntry", () => {
  it("reads what the encoder wrote", () => {
    const line = encodeLine({
      correlationId: "trade_1",
      eventId: "evt_7",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      context: { strength: 0.8 },
    });
    expect(parseEntry(line.trimEnd())).toEqual({
      timestampMs: Date.UTC(2026, 10, 22, 10, 30, 1, 123),
      level: "INFO",
      message: "Generating signal",
      containerId: "strategy_001",
      componentName: "momentum",
      scope: "internal_bus",
      correlationId: "trade_1",
      eventId: "evt_7",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      seq: 1,
      context: { strength: 0.8 },
    });
  });

  it("leaves absent fields undefined and the context empty", () => {
    expect(parseFields({})).toMatchObject({ correlationId: undefined, eventId: undefined, context: {} });
  });

  it("ignores fields that it does not know", () => {
    expect(parseFields({ host: "h" })).toEqual(parseFields({}));
  });

  it("puts a context that is no object under value", () => {
    expect(parseFields({ context: "[Throws: x]" })?.context).toEqual({ value: "[Throws: x]" });
    expect(parseFields({ context: [1] })?.context).toEqual({ value: [1] });
    expect(parseFields({ context: null })?.context).toEqual({});
  });

  it.each(["", "{", "[]", "null", "1", '"text"', "{}", '{"timestamp":'])("refuses %s", (line) => {
    expect(parseEntry(line)).toBeUndefined();
  });

  it.each([
    { timestamp: "never" },
    { timestamp: 1 },
    { level: "info" },
    { level: "toString" },
    { message: 1 },
    { container_id: null },
    { component_name: {} },
    { event_scope: 1 },
    { seq: 0 },
    { seq: 1.5 },
    { seq: "1" },
    { seq: 2 ** 53 },
  ])("refuses a line with %o", (changed) => {
    expect(parseFields(changed)).toBeUndefined();
  });

  it.each(Object.keys(fields))("refuses a line without %s", (key) => {
    expect(parseFields({ [key]: undefined })).toBeUndefined();
  });
});
