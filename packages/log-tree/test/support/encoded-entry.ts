import type { EntryInput } from "@waybill/protocols";
import { ByteBuffer } from "../../src/byte-buffer.ts";
import { defaultEncodingLimits, type EncodingLimits } from "../../src/encoding-limits.ts";
import { createEntryEncoder, type EntryEncoder } from "../../src/entry-encoder.ts";
import { ValueEncoder } from "../../src/value-encoder.ts";

/** An entry with every optional field absent, but for the given ones. */
export function sampleEntry(fields: Partial<EntryInput> = {}): EntryInput {
  return {
    timestampMs: Date.UTC(2026, 10, 22, 10, 30, 1, 123),
    level: "INFO",
    message: "Generating signal",
    source: { containerId: "strategy_001", componentName: "momentum" },
    scope: "internal_bus",
    correlationId: undefined,
    eventId: undefined,
    traceId: undefined,
    spanId: undefined,
    context: undefined,
    ...fields,
  };
}

/** The bytes in use as text. @throws {TypeError} when they are no valid UTF-8. */
export function textOf(buffer: ByteBuffer): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer.view());
}

/** The line of one entry, with its `\n`. */
export function encodeLine(
  fields: Partial<EntryInput>,
  encoder: EntryEncoder = createEntryEncoder(),
  seq = 1,
): string {
  const into = new ByteBuffer();
  encoder.encode(into, sampleEntry(fields), seq);
  return textOf(into);
}

/** The fields of the line of one entry. */
export function encodeAndParse(fields: Partial<EntryInput>, encoder?: EntryEncoder): Record<string, unknown> {
  return JSON.parse(encodeLine(fields, encoder)) as Record<string, unknown>;
}

/** The JSON of one value. */
export function encodeValue(
  value: unknown,
  limits: Partial<EncodingLimits> = {},
  now?: () => number,
): string {
  const into = new ByteBuffer();
  const encoder = new ValueEncoder({ ...defaultEncodingLimits, ...limits }, now);
  encoder.encode(into, value, Number.POSITIVE_INFINITY);
  return textOf(into);
}

/** What a reader gets of one value. */
export function shownValue(
  value: unknown,
  limits: Partial<EncodingLimits> = {},
  now?: () => number,
): unknown {
  return JSON.parse(encodeValue(value, limits, now));
}

/** Everything that is wrong with the bytes of a line; empty when it is one sound line. */
export function flawsOfLine(line: string): string[] {
  const flaws: string[] = [];
  if (!line.endsWith("}\n")) flaws.push("does not end with }\\n");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  if (/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]/.test(line.slice(0, -1)))
    flaws.push("raw control character");
  if (Buffer.byteLength(line) > defaultEncodingLimits.lineBytesMax) flaws.push(`${line.length} units long`);
  const headerKeys = [...headerOf(line).matchAll(/[{,]"([a-z_]+)":/g)].map((match) => match[1]);
  if (new Set(headerKeys).size !== headerKeys.length) flaws.push(`duplicate header keys: ${headerKeys}`);
  return flaws;
}

/** The line up to its context; inside a string the quotes of this mark would be escaped. */
function headerOf(line: string): string {
  const end = line.indexOf(',"context":');
  return (end === -1 ? line : line.slice(0, end)).replaceAll(/"(?:[^"\\]|\\.)*"(?!:)/g, '""');
}
