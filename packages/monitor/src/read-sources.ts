import type { Clock } from "@waybill/protocols";
import type { Measurements, MonitorSources, SourceName, Unmeasured } from "./sources.ts";
import { textOfFailure } from "./text-of-failure.ts";

/** What one round of asking gave. */
export interface SourceReadings {
  readonly measurements: Measurements;
  readonly unmeasured: readonly Unmeasured[];
}

/** Asks all sources, each of them at most once at a time. */
export interface SourceReader {
  read(): Promise<SourceReadings>;
}

const sourceNames: readonly SourceName[] = [
  "tree",
  "device",
  "entries",
  "writers",
  "latency",
  "lifecycle",
  "eventLoop",
  "descriptors",
];

/**
 * @param timeoutMs - milliseconds that all sources together may take; one that is late is not asked again until it has
 * answered, so that a hung device gathers no calls.
 */
export function createSourceReader(sources: MonitorSources, clock: Clock, timeoutMs: number): SourceReader {
  /** Sources that owe an answer. */
  const owing = new Set<SourceName>();
  const given = sourceNames.filter((name) => sources[name] !== undefined);

  /** Writes the answer down, at once or when it comes; only in the latter case there is something to wait for. */
  const ask = (name: SourceName, answers: Answers): Promise<void> | undefined => {
    if (owing.has(name)) {
      answers.set(name, { failure: "has not answered the last call yet" });
      return undefined;
    }
    try {
      const answer: unknown = sources[name]?.();
      if (!isThenable(answer)) {
        answers.set(name, { value: answer });
        return undefined;
      }
      owing.add(name);
      return Promise.resolve(answer)
        .then(
          (value) => void answers.set(name, { value }),
          (error: unknown) => void answers.set(name, { failure: textOfFailure(error) }),
        )
        .finally(() => owing.delete(name));
    } catch (error) {
      answers.set(name, { failure: textOfFailure(error) });
      return undefined;
    }
  };

  return {
    async read() {
      const answers: Answers = new Map();
      const pending = given.map((name) => ask(name, answers)).filter((answer) => answer !== undefined);
      if (pending.length > 0) await settledWithin(pending, clock, timeoutMs);
      const measured = given.flatMap((name) => {
        const answer = answers.get(name);
        return answer !== undefined && "value" in answer ? [[name, answer.value] as const] : [];
      });
      const unmeasured = given.flatMap((source): readonly Unmeasured[] => {
        const answer = answers.get(source) ?? { failure: `gave no answer in ${timeoutMs} ms` };
        return "failure" in answer ? [{ source, reason: answer.failure }] : [];
      });
      // Each value came from the source of its name, whose type says what it is.
      return { measurements: Object.fromEntries(measured) as Measurements, unmeasured };
    },
  };
}

type Answers = Map<SourceName, { readonly value: unknown } | { readonly failure: string }>;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

async function settledWithin(work: readonly Promise<void>[], clock: Clock, timeoutMs: number): Promise<void> {
  let cancel: (() => void) | undefined;
  const late = new Promise<void>((resolve) => {
    const timer = clock.setTimer(resolve, timeoutMs);
    cancel = () => timer.cancel();
  });
  await Promise.race([Promise.all(work), late]);
  cancel?.();
}
