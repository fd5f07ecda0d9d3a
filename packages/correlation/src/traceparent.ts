import { createHash } from "node:crypto";

/** What a `traceparent` header says. */
export interface TraceParent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero; the specification calls it parent-id. */
  readonly spanId: string;
  /** 0 to 255. Bit 0: the caller may have recorded the trace. Bit 1: the trace id is random. */
  readonly traceFlags: number;
}

const headerLength = 55;
const headerPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/;
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/;
const sampled = 0x01;
/** The flags that have a meaning; the others must be sent as zero. */
const knownFlags = 0x03;

/** Whether a value is a W3C trace id: 32 lower-case hex digits, not all zero. */
export function isTraceId(value: unknown): value is string {
  return typeof value === "string" && value.length === 32 && traceIdPattern.test(value);
}

/** Whether a value is a W3C span id: 16 lower-case hex digits, not all zero. */
export function isSpanId(value: unknown): value is string {
  return typeof value === "string" && value.length === 16 && spanIdPattern.test(value);
}

/**
 * Reads a `traceparent`. Versions after 00 may carry more behind a hyphen, which is ignored, and of their flags only
 * `sampled` is read. White space around the value is allowed, as HTTP allows it.
 *
 * @returns undefined when the value is invalid: not a string, version ff, upper-case digits, zero ids, wrong length.
 * @see W3C Trace Context, sections 3.2 "Traceparent Header" and 4.3 "Versioning of traceparent"
 */
export function parseTraceparent(value: unknown): TraceParent | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  const match = headerPattern.exec(text.slice(0, headerLength));
  if (match === null) return undefined;
  const [, version, traceId, spanId, flags] = match;
  if (version === undefined || flags === undefined || version === "ff") return undefined;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  if (version === "00") {
    return text.length === headerLength
      ? { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
      : undefined;
  }
  if (text.length > headerLength && text.charAt(headerLength) !== "-") return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & sampled };
}

/**
 * Writes a `traceparent` of version 00. Flags without a meaning are sent as zero, as the specification demands.
 *
 * @throws {RangeError} when an id is invalid; see {@link isTraceId} and {@link isSpanId}.
 */
export function formatTraceparent({ traceId, spanId, traceFlags }: TraceParent): string {
  if (!isTraceId(traceId)) throw new RangeError(`trace id ${JSON.stringify(traceId)} is not valid`);
  if (!isSpanId(spanId)) throw new RangeError(`span id ${JSON.stringify(spanId)} is not valid`);
  return `00-${traceId}-${spanId}-${(traceFlags & knownFlags).toString(16).padStart(2, "0")}`;
}

/**
 * The trace that stands for a correlation id where no trace is active: the same id gives the same trace everywhere,
 * so that what other systems record can be found from our logs. An id that is a trace id itself is kept.
 *
 * Otherwise the trace id is the first 16 bytes of the SHA-256 of the id in UTF-8, and the span id the next 8. It says
 * `sampled`, because a tracer that follows its parent's decision would stop recording if it did not.
 */
export function deriveTraceParent(correlationId: string): TraceParent {
  const digest = createHash("sha256").update(correlationId, "utf8").digest("hex");
  return {
    traceId: isTraceId(correlationId) ? correlationId : digest.slice(0, 32),
    spanId: digest.slice(32, 48),
    traceFlags: sampled,
  };
}
