import { watchStalls } from "../stall-watch.ts";

/** What one piece of work has cost. */
export interface MeasuredStep {
  readonly title: string;
  readonly totalMs: number;
  /** Of the event loop, meanwhile. */
  readonly longestStallMs: number;
  /** Of the process, afterwards. */
  readonly rssMb: number;
  /** What was done, in words. */
  readonly note: string;
}

/** Does a piece of work and measures it. @param describe - what was done, from its result. */
export async function measureStep<T>(
  title: string,
  work: () => Promise<T>,
  describe: (result: T) => string = () => "",
): Promise<MeasuredStep> {
  const stalls = watchStalls();
  const startMs = performance.now();
  const result = await work();
  const totalMs = performance.now() - startMs;
  const { longestMs } = stalls();
  const rssMb = process.memoryUsage.rss() / 1024 ** 2;
  return { title, totalMs, longestStallMs: longestMs, rssMb, note: describe(result) };
}
