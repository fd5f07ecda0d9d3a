import { describe, expect, it } from "vitest";
import { continueCorrelation, extractCorrelation, injectCorrelation } from "./carriers.ts";
import { currentCorrelation, getCorrelationId, runWithCorrelation } from "./run.ts";
import { deriveTraceParent, formatTraceparent } from "./traceparent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${spanId}-01`;
const derived = formatTraceparent(deriveTraceParent("trade_1"));
const trace = { traceId, spanId, traceFlags: 1 };

describe("injectCorrelation", () => {
  it.each([
    ["message", { correlation_id: "trade_1", parent_event_id: "evt_1", traceparent: derived }],
    ["headers", { "x-correlation-id": "trade_1", "x-parent-event-id": "evt_1", traceparent: derived }],
    ["env", { WAYBILL_CORRELATION_ID: "trade_1", WAYBILL_PARENT_EVENT_ID: "evt_1", TRACEPARENT: derived }],
  ] as const)("spells the fields of a %s", (kind, fields) => {
    const carrier = runWithCorrelation("trade_1", () => injectCorrelation({}, kind), {
      parentEventId: "evt_1",
    });
    expect(carrier).toEqual(fields);
  });

  it("writes nothing outside any correlation", () => {
    expect(injectCorrelation({ a: 1 })).toEqual({ a: 1 });
  });

  it("sends the active trace instead of a derived one", () => {
    const carrier = runWithCorrelation("trade_1", () => injectCorrelation({}), trace);
    expect(carrier).toMatchObject({ correlation_id: "trade_1", traceparent });
  });

  it("leaves a traceparent of the same trace, and any valid one where no trace is active", () => {
    const own = `00-${traceId}-1111111111111111-01`;
    const send = () => injectCorrelation({ traceparent: own, tracestate: "v=1" });
    expect(runWithCorrelation("trade_1", send, trace)).toMatchObject({ traceparent: own, tracestate: "v=1" });
    expect(runWithCorrelation("trade_1", send)).toMatchObject({ traceparent: own, tracestate: "v=1" });
  });

  it("replaces an invalid traceparent and one of another trace", () => {
    const other = `00-${"1".repeat(32)}-${spanId}-01`;
    expect(
      runWithCorrelation("trade_1", () => injectCorrelation({ traceparent: other }), trace),
    ).toMatchObject({
      traceparent,
    });
    expect(runWithCorrelation("trade_1", () => injectCorrelation({ traceparent: "junk" }))).toMatchObject({
      traceparent: derived,
    });
  });

  it("replaces a header that is spelled in another case", () => {
    const headers = { "X-Correlation-ID": "old", Accept: "*/*" };
    expect(runWithCorrelation("trade_1", () => injectCorrelation(headers, "headers"))).toEqual({
      Accept: "*/*",
      "x-correlation-id": "trade_1",
      traceparent: derived,
    });
  });

  it("fills a Headers object", () => {
    const headers = runWithCorrelation("trade 1", () => injectCorrelation(new Headers(), "headers"));
    expect(headers.get("X-Correlation-Id")).toBe("trade%201");
    expect(extractCorrelation(headers, "headers")?.correlationId).toBe("trade 1");
  });

  it("returns a carrier that cannot be written as it is", () => {
    const frozen = Object.freeze({ a: 1 });
    const throwing = new Proxy(
      {},
      {
        set() {
          throw new Error("no");
        },
      },
    );
    expect(runWithCorrelation("trade_1", () => injectCorrelation(frozen))).toEqual({ a: 1 });
    expect(runWithCorrelation("trade_1", () => injectCorrelation(throwing))).toBe(throwing);
  });
});

describe("extractCorrelation", () => {
  it("reads headers in any case and array values", () => {
    const headers = { "X-Correlation-ID": ["trade_1", "trade_2"], TraceParent: [traceparent] };
    expect(extractCorrelation(headers, "headers")).toEqual({
      correlationId: "trade_1",
      parentEventId: undefined,
      ...trace,
    });
  });

  it("refuses a traceparent that came twice", () => {
    const twice = { "x-correlation-id": "a", traceparent, Traceparent: `00-${"1".repeat(32)}-${spanId}-01` };
    const array = { "x-correlation-id": "a", traceparent: [traceparent, traceparent] };
    expect(extractCorrelation(twice, "headers")?.traceId).toBeUndefined();
    expect(extractCorrelation(array, "headers")?.traceId).toBeUndefined();
  });

  it("takes the trace id as correlation id when nothing else came", () => {
    expect(extractCorrelation({ TRACEPARENT: traceparent }, "env")).toMatchObject({
      correlationId: traceId,
      traceId,
    });
  });

  it("reads camelCase messages", () => {
    expect(extractCorrelation({ correlationId: "a", parentEventId: "evt_1" })).toMatchObject({
      correlationId: "a",
      parentEventId: "evt_1",
    });
  });

  it("cleans what it reads", () => {
    expect(extractCorrelation({ correlation_id: "a\u0000b" })?.correlationId).toBe("a_b");
    expect(extractCorrelation({ correlation_id: "x".repeat(1_000_000) })?.correlationId).toBe(
      "x".repeat(256),
    );
    expect(extractCorrelation({ "x-correlation-id": "a%0d%0ab" }, "headers")?.correlationId).toBe("a__b");
    expect(extractCorrelation({ "x-correlation-id": "100%" }, "headers")?.correlationId).toBe("100%");
    expect(extractCorrelation({ "x-correlation-id": "%".repeat(1_000_000) }, "headers")?.correlationId).toBe(
      "%".repeat(256),
    );
  });

  it("does not read what sits on a prototype", () => {
    expect(extractCorrelation(Object.create({ correlation_id: "a" }))).toBeUndefined();
    expect(extractCorrelation(JSON.parse('{"__proto__":{"correlation_id":"a"}}'))).toBeUndefined();
  });

  const thrower = () => {
    throw new Error("no");
  };
  const found = (carrier: unknown) =>
    (["message", "headers", "env"] as const).map((kind) => extractCorrelation(carrier, kind));
  const nothing = [undefined, undefined, undefined];

  it.each([
    undefined,
    null,
    7,
    "correlation_id=a",
    Symbol("a"),
    thrower,
    [],
    { correlation_id: 7, traceparent: {}, "x-correlation-id": [[]], TRACEPARENT: null },
    { correlation_id: "", "x-correlation-id": "  ", WAYBILL_CORRELATION_ID: "\n" },
    { get: thrower, set: thrower },
    Object.defineProperty({}, "correlation_id", { get: thrower, enumerable: true }),
  ])("finds nothing in a hostile carrier and does not throw (case %#)", (carrier) => {
    expect(found(carrier)).toEqual(nothing);
  });

  it("finds nothing in a proxy that throws or is revoked", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(found(proxy)).toEqual(nothing);
    expect(
      found(new Proxy({}, { get: thrower, ownKeys: thrower, getOwnPropertyDescriptor: thrower })),
    ).toEqual(nothing);
  });
});

describe("continueCorrelation", () => {
  it("runs in the correlation that came, with its parent event and trace", () => {
    const carrier = runWithCorrelation("trade_1", () => injectCorrelation({}), {
      parentEventId: "evt_1",
      ...trace,
    });
    expect(continueCorrelation(carrier, () => currentCorrelation())).toMatchObject({
      correlationId: "trade_1",
      parentEventId: "evt_1",
      ...trace,
    });
  });

  it("runs in the surrounding scope when none came", () => {
    expect(runWithCorrelation("a", () => continueCorrelation({}, () => getCorrelationId()))).toBe("a");
  });
});
