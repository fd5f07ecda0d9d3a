import { writeSync } from "node:fs";
import type { Clock } from "@waybill/protocols";
import type { WriterFailure } from "@waybill/writers";

/** Between two lines on stderr lies at least this long, whatever fails and how often. */
const quietUs = 60_000_000;
const stderrDescriptor = 2;

/** Tells people on stderr that logging fails, because the log itself may be what fails. */
export interface FailureReport {
  /** Never throws. */
  note(failure: WriterFailure): void;
}

/** @param print - takes one line with its `\n`; what it throws is ignored. */
export function createFailureReport(print: (line: string) => void, clock: Clock): FailureReport {
  let lastUs = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  return {
    note(failure) {
      const nowUs = clock.monotonicUs();
      if (nowUs - lastUs < quietUs) {
        suppressed++;
        return;
      }
      const more = suppressed === 0 ? "" : ` (and ${suppressed} more failures since the last line)`;
      lastUs = nowUs;
      suppressed = 0;
      try {
        print(`waybill: cannot write ${failure.path}: ${failure.message}; entries wait in memory${more}\n`);
      } catch {
        // There is nobody left to tell: the writer has counted the failure, and the system log has it if it can.
      }
    },
  };
}

/**
 * Prints to the descriptor and not through `process.stderr`: with nobody at the other end that would emit `error`
 * later, and end an application whose only fault is a full disk.
 */
export function printToStderr(line: string): void {
  writeSync(stderrDescriptor, line);
}
