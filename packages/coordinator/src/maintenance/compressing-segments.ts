import type { Clock } from "@waybill/protocols";

/** Milliseconds after which a compression that has not been told of counts as failed. */
const lateMs = 60_000;

/** Which sealed segments their writer is about to compress: they are not archived at the same time. */
export interface CompressingSegments {
  /** @param delayMs - milliseconds until the writer begins; undefined when it does not compress. */
  begin(sealedPath: string, delayMs: number | undefined): void;
  end(sealedPath: string): void;
  has(sealedPath: string): boolean;
}

/** None yet. */
export function createCompressingSegments(clock: Clock): CompressingSegments {
  const untilMs = new Map<string, number>();
  const nowMs = (): number => clock.monotonicUs() / 1000;
  const forgetLate = (): void => {
    // In the order of their seals, so the first that is not late ends it.
    for (const [path, late] of untilMs) {
      if (late > nowMs()) return;
      untilMs.delete(path);
    }
  };
  return {
    begin(sealedPath, delayMs) {
      forgetLate();
      if (delayMs !== undefined) untilMs.set(sealedPath, nowMs() + delayMs + lateMs);
    },
    end: (sealedPath) => void untilMs.delete(sealedPath),
    has: (sealedPath) => (untilMs.get(sealedPath) ?? 0) > nowMs(),
  };
}
