import type { FileSystem } from "@waybill/protocols";
import { isSystemErrorCode } from "./system-error.ts";

/** The name of a call of the {@link FileSystem} port. */
export type Verb = keyof FileSystem;

/** When a fault happens: at calls that match every given field. */
export interface FaultTrigger {
  /**
   * The number of the call, 1 for the first since creation or `clearOperations`; later calls match too, so `times`
   * decides between "the N-th" and "from the N-th on". Default: any.
   */
  readonly operation?: number;
  /** Default: any. */
  readonly verb?: Verb | readonly Verb[];
  /** A text contained in the path, or a pattern that matches it; of either path of `rename` and `link`. Default: any. */
  readonly path?: string | RegExp;
  /** Matching calls that fail, integer ≥ 1 or Infinity. Default 1. */
  readonly times?: number;
}

/**
 * What a fault does.
 * - `error`: the call does nothing and throws this error, such as `"EIO"`. Two calls have an effect all the same, as on Linux: after a
 *   failed `sync` the unsynced pages count as clean and are never written, though a later `sync` succeeds; a failed
 *   `close` has closed the descriptor.
 * - `crash`: the process dies before the call takes effect, or, with `afterBytes`, after that many bytes of a write.
 * - `shortWriteBytes`: a `write` takes at most that many bytes and succeeds. Other calls never match.
 */
export type FaultEffect =
  | { readonly error: string }
  | { readonly crash: true; readonly afterBytes?: number }
  | { readonly shortWriteBytes: number };

/** A fault to inject: {@link FaultTrigger} and {@link FaultEffect}. */
export type Fault = FaultTrigger & FaultEffect;

/** A fault that is waiting or has happened. */
export interface InjectedFault {
  /** Calls that it has hit so far. */
  readonly hits: number;
  /** Ends it; harmless when it is used up. */
  remove(): void;
}

/** A call that is about to be made. */
export interface Call {
  readonly verb: Verb;
  readonly paths: readonly string[];
}

interface WaitingFault {
  readonly fault: Fault;
  hits: number;
}

/** The faults of one file system, in the order they were injected; the first that matches a call is taken. */
export class FaultPlan {
  #waiting: WaitingFault[] = [];

  inject(fault: Fault): InjectedFault {
    if ("error" in fault && !isSystemErrorCode(fault.error)) {
      throw new RangeError(`unknown error code ${fault.error}`);
    }
    const waiting: WaitingFault = { fault, hits: 0 };
    this.#waiting.push(waiting);
    return {
      get hits() {
        return waiting.hits;
      },
      remove: () => this.#remove(waiting),
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  /** @param operation - number of the call. @returns the fault that hits it, if any; it is counted. */
  take(operation: number, call: Call): Fault | undefined {
    const hit = this.#waiting.find(({ fault }) => matches(fault, operation, call));
    if (hit === undefined) return undefined;
    hit.hits += 1;
    if (hit.hits >= (hit.fault.times ?? 1)) this.#remove(hit);
    return hit.fault;
  }

  #remove(waiting: WaitingFault): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
  }
}

function matches(fault: Fault, operation: number, { verb, paths }: Call): boolean {
  if ("shortWriteBytes" in fault && verb !== "write") return false;
  if (fault.operation !== undefined && operation < fault.operation) return false;
  if (fault.verb !== undefined && ![fault.verb].flat().includes(verb)) return false;
  const { path: pattern } = fault;
  if (pattern === undefined) return true;
  return paths.some((path) =>
    typeof pattern === "string" ? path.includes(pattern) : path.search(pattern) >= 0,
  );
}
