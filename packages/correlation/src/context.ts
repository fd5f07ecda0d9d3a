/** Where the running code stands: to which correlation it belongs, and what it is working on. Immutable. */
export interface CorrelationContext {
  /** The id of the business case, such as `trade_xyz_123`; never empty. */
  readonly correlationId: string;
  /** The event that is being worked on: the parent of every event published now. */
  readonly parentEventId: string | undefined;
  /** W3C trace id, 32 lower-case hex digits, when a trace came in from outside. */
  readonly traceId: string | undefined;
  /** W3C span id of the caller, 16 lower-case hex digits; defined exactly when `traceId` is. */
  readonly spanId: string | undefined;
  /** W3C trace flags as they came in: bit 0 sampled, bit 1 random trace id. */
  readonly traceFlags: number | undefined;
  /** Monotonic microseconds at which this correlation began in this thread; nested scopes of the same id inherit it. */
  readonly startedUs: number;
}
