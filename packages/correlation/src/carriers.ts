import {
  accessCarrier,
  type CarrierAccess,
  type CarrierKind,
  decodeHeaderValue,
  encodeHeaderValue,
  fieldNames,
} from "./carrier.ts";
import type { CorrelationContext } from "./context.ts";
import { cleanId, cut, idLengthMax } from "./correlation-id.ts";
import { currentCorrelation, runWithCorrelation } from "./run.ts";
import { deriveTraceParent, formatTraceparent, parseTraceparent, type TraceParent } from "./traceparent.ts";

/** What came over a boundary. Fits {@link runWithCorrelation} as options. */
export interface ExtractedCorrelation {
  /** The business id, or the trace id when only a `traceparent` came. */
  readonly correlationId: string;
  readonly parentEventId: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly traceFlags: number | undefined;
}

/** Most encoded characters that one character of an id can take: three bytes, `%xx` each. */
const encodedLengthMax = idLengthMax * 9;

function readId(access: CarrierAccess, names: readonly string[], kind: CarrierKind): string | undefined {
  const value = access.read(names);
  const candidates: readonly unknown[] = Array.isArray(value) ? value : [value];
  const text = candidates.find((candidate) => typeof candidate === "string");
  if (typeof text !== "string") return undefined;
  return cleanId(kind === "headers" ? decodeHeaderValue(cut(text, encodedLengthMax)) : text);
}

/** More than one `traceparent` is as bad as an invalid one: nobody can tell which caller is meant. */
function readTraceparent(access: CarrierAccess, names: readonly string[]): TraceParent | undefined {
  const value = access.read(names);
  if (!Array.isArray(value)) return parseTraceparent(value);
  return value.length === 1 ? parseTraceparent(value[0]) : undefined;
}

/**
 * The `traceparent` to send, or undefined when the one in the carrier is better: a tracer that wrote it knows its own
 * span. It is replaced only when another trace is active here.
 */
function traceparentFor(context: CorrelationContext, present: TraceParent | undefined): string | undefined {
  const { traceId, spanId, traceFlags } = context;
  if (traceId === undefined || spanId === undefined) {
    return present === undefined ? formatTraceparent(deriveTraceParent(context.correlationId)) : undefined;
  }
  if (present?.traceId === traceId) return undefined;
  return formatTraceparent({ traceId, spanId, traceFlags: traceFlags ?? 0 });
}

function writeContext(context: CorrelationContext, access: CarrierAccess, kind: CarrierKind): void {
  const names = fieldNames[kind];
  const spell = kind === "headers" ? encodeHeaderValue : (id: string) => id;
  access.write(names.correlationId[0], spell(context.correlationId));
  if (context.parentEventId !== undefined) access.write(names.parentEventId[0], spell(context.parentEventId));
  const traceparent = traceparentFor(context, readTraceparent(access, names.traceparent));
  if (traceparent !== undefined) access.write(names.traceparent[0], traceparent);
}

/**
 * Writes the current correlation into a carrier: correlation id, parent event and a W3C `traceparent`. Where no trace
 * is active, the `traceparent` is derived from the correlation id; a valid one that is there already stays unless
 * another trace is active. `tracestate` and every other field are left alone. Outside any correlation nothing is
 * written.
 *
 * Never throws. A carrier that cannot be written (frozen, no object) is returned as it is, without the correlation.
 *
 * @param kind - how the fields are spelled: `correlation_id` in a `message`, `x-correlation-id` in `headers`,
 * `WAYBILL_CORRELATION_ID` in `env`. Default `message`.
 * @returns the carrier itself.
 * @example
 * worker.postMessage(injectCorrelation({ order }));
 * fetch(url, { headers: injectCorrelation({ accept: "application/json" }, "headers") });
 * spawn("node", ["child.js"], { env: injectCorrelation({ ...process.env }, "env") });
 */
export function injectCorrelation<Carrier extends object>(
  carrier: Carrier,
  kind: CarrierKind = "message",
): Carrier {
  const context = currentCorrelation();
  if (context === undefined) return carrier;
  try {
    const access = accessCarrier(carrier, kind);
    if (access !== undefined) writeContext(context, access, kind);
  } catch {
    // The message matters more than its label: it is sent without.
  }
  return carrier;
}

/**
 * Reads a correlation from a carrier. Takes anything: what is not valid is ignored, ids are cleaned and cut to 256
 * characters, header names are read in any case. Never throws.
 *
 * @param kind - as for {@link injectCorrelation}. Default `message`, which also reads camelCase keys.
 * @returns undefined when the carrier holds neither a correlation id nor a valid `traceparent`.
 */
export function extractCorrelation(
  carrier: unknown,
  kind: CarrierKind = "message",
): ExtractedCorrelation | undefined {
  try {
    const access = accessCarrier(carrier, kind);
    if (access === undefined) return undefined;
    const names = fieldNames[kind];
    const trace = readTraceparent(access, names.traceparent);
    const correlationId = readId(access, names.correlationId, kind) ?? trace?.traceId;
    if (correlationId === undefined) return undefined;
    return {
      correlationId,
      parentEventId: readId(access, names.parentEventId, kind),
      traceId: trace?.traceId,
      spanId: trace?.spanId,
      traceFlags: trace?.traceFlags,
    };
  } catch {
    return undefined;
  }
}

/**
 * Runs a function inside the correlation that a carrier brings, or in the surrounding scope when it brings none.
 *
 * @example
 * parentPort.on("message", (message) => continueCorrelation(message, () => handle(message)));
 */
export function continueCorrelation<T>(carrier: unknown, fn: () => T, kind: CarrierKind = "message"): T {
  const extracted = extractCorrelation(carrier, kind);
  return extracted === undefined ? fn() : runWithCorrelation(extracted.correlationId, fn, extracted);
}
