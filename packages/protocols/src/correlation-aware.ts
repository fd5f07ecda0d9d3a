import { hasMembersOfType } from "./structure.ts";

/** Anything that carries a correlation id over boundaries. */
export interface CorrelationAware {
  setCorrelationId(correlationId: string): void;
  getCorrelationId(): string | undefined;
}

/** Whether a value has the shape of {@link CorrelationAware}. */
export function isCorrelationAware(value: unknown): value is CorrelationAware {
  return hasMembersOfType(value, "function", "setCorrelationId", "getCorrelationId");
}
