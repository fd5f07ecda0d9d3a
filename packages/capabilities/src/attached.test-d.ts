import type { CorrelationAware, Loggable } from "@waybill/protocols";
import { expectTypeOf } from "vitest";
import {
  attachDebugging,
  attachLogging,
  attachTiming,
  attachTracing,
  type LoggingMembers,
  loggingOf,
} from "./index.ts";

declare const loggable: Loggable;
declare const correlating: Loggable & CorrelationAware;
declare const tracer: { traceEvent(): void; traceExternalEvent(event: { tier: string }): string };

class Strategy {
  readonly threshold: number = 0.5;
  chain(): this {
    return this;
  }
}

// The component's members keep their types, and the result is still the component.
const strategy = attachLogging(new Strategy(), loggable);
expectTypeOf(strategy.threshold).toEqualTypeOf<number>();
expectTypeOf(strategy).toExtend<Strategy>();
expectTypeOf(strategy).toExtend<LoggingMembers>();
strategy.chain().logInfo("a chain keeps its capabilities");

// On a name collision the component's own type wins, and ours stays reachable.
const collision = attachLogging({ log: (value: number) => value, logInfo: 5 }, loggable);
expectTypeOf(collision.log).toEqualTypeOf<(value: number) => number>();
expectTypeOf(collision.logInfo).toEqualTypeOf<number>();
expectTypeOf(loggingOf(collision).logInfo).toEqualTypeOf<LoggingMembers["logInfo"]>();

// A private member of the same name does not make the result `never`.
class Secretive {
  private log = 1;
  readonly shown = this.log;
}
const secretive = attachLogging(new Secretive(), loggable);
expectTypeOf(secretive.shown).toEqualTypeOf<number>();
expectTypeOf(secretive.logInfo).toEqualTypeOf<LoggingMembers["logInfo"]>();

// An index signature hides nothing.
expectTypeOf(attachLogging({} as Record<string, number>, loggable).logInfo).toBeFunction();

// Correlation only when the loggable has it.
expectTypeOf(attachLogging({}, correlating).getCorrelationId()).toEqualTypeOf<string | undefined>();
// @ts-expect-error a plain loggable has no correlation id
attachLogging({}, loggable).getCorrelationId();

// Functions stay callable, classes constructible.
expectTypeOf(attachLogging((a: number) => `${a}`, loggable)(1)).toEqualTypeOf<string>();
expectTypeOf(new (attachTiming(Strategy))()).toEqualTypeOf<Strategy>();

// Capabilities add up; a tracer shows the methods it has.
const all = attachTracing(attachTiming(attachDebugging(strategy, { loggable })), tracer);
expectTypeOf(all.traceExternalEvent).parameters.toEqualTypeOf<[event: { tier: string }]>();
expectTypeOf(all.captureState()).toEqualTypeOf<Readonly<Record<string, unknown>>>();
all.logInfo("all of them");
// @ts-expect-error this tracer cannot trace signals
all.traceSignalFlow();

// @ts-expect-error primitives are no components
attachLogging("text", loggable);

// The handle is undefined where nothing is known about the component.
expectTypeOf(loggingOf({} as unknown))
  .extract<undefined>()
  .toEqualTypeOf<undefined>();
