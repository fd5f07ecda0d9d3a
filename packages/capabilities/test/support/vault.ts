import { createRecorder } from "@waybill/testing";
import { attachDebugging, attachLogging, attachTiming, attachTracing, debuggingOf } from "../../src/index.ts";

/** A class with everything that a careless proxy breaks. */
export class Vault {
  static #made = 0;
  #secret = 7;
  label: string = "vault";
  static count(): number {
    return Vault.#made;
  }
  constructor() {
    Vault.#made += 1;
  }
  get secret(): number {
    return this.#secret;
  }
  set secret(value: number) {
    this.#secret = value;
  }
  reveal(): number {
    return this.#secret;
  }
  self(): this {
    return this;
  }
  async revealLater(): Promise<number> {
    return await Promise.resolve(this.#secret);
  }
  *digits(): Generator<number> {
    yield this.#secret;
  }
}

/** A tracer that does nothing. */
export const tracer = { traceEvent: () => undefined };

/** All four capabilities on one component, tracing of calls switched on. */
export function withAll<T extends object>(component: T) {
  const recorder = createRecorder();
  const debugged = attachDebugging(attachLogging(component, recorder), { loggable: recorder });
  debuggingOf(debugged)?.enableTracing(true);
  return attachTracing(attachTiming(debugged), tracer);
}
