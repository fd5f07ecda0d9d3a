/**
 * Where the logging members of a component are reachable whatever its own members are called. Registered globally, so
 * that two copies of this package understand each other.
 */
export const loggingKey: unique symbol = Symbol.for("@waybill/capabilities/1/logging");

/** Where the tracing members of a component are reachable whatever its own members are called. */
export const tracingKey: unique symbol = Symbol.for("@waybill/capabilities/1/tracing");

/** Where the debugging members of a component are reachable whatever its own members are called. */
export const debuggingKey: unique symbol = Symbol.for("@waybill/capabilities/1/debugging");

/** Where the timing members of a component are reachable whatever its own members are called. */
export const timingKey: unique symbol = Symbol.for("@waybill/capabilities/1/timing");

/** One of the keys above. */
export type CapabilityKey = typeof loggingKey | typeof tracingKey | typeof debuggingKey | typeof timingKey;
