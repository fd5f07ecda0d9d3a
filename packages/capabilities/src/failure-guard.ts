/** Keeps failures of what was attached away from the component's callers, and counts them. */
export interface FailureGuard {
  /** Failures so far: throws, and rejected promises. */
  readonly failures: number;
  /** @returns the result of `work`, or undefined when it threw; a rejected promise becomes one of undefined. */
  run<R>(work: () => R): R | undefined;
}

/** A guard of its own per capability, so that each tells its own failures. */
export function createFailureGuard(): FailureGuard {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    run(work) {
      try {
        const result = work();
        // An async loggable fails later; unhandled, that would end the process.
        if (!(result instanceof Promise)) return result;
        const settled: unknown = result.catch(() => {
          failures += 1;
        });
        return settled as typeof result;
      } catch {
        failures += 1;
        return undefined;
      }
    },
  };
}
