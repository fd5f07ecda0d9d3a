import { requireIntegerWithin } from "../writer-options.ts";
import { SpaceAccount } from "./space-account.ts";

/** What a space budget is made with. */
export interface SpaceBudgetOptions {
  /**
   * With fewer bytes left than this, `onPressure` of the pool is told, though nothing was refused yet. Bytes, integer
   * ≥ 0. Default 0: only when a write was refused.
   */
  readonly pressureBytes?: number;
}

/**
 * How many bytes all streams of one or more pools may still write together, whichever thread writes them: `space` of
 * `WriterPoolOptions`. Without a limit until {@link SpaceBudget.set}.
 *
 * Each write takes its bytes before it is made, so the files never hold more than was allowed, not for a moment. What is
 * removed, cut or replaced gives nothing back by itself: whoever owns the budget knows what lies on disk, and sets it.
 * Of a thread that dies in the midst of a write, the bytes of that write stay taken.
 */
export interface SpaceBudget {
  /** Bytes that may still be taken; 0 when more was taken than is allowed by now, Infinity without a limit. */
  readonly remainingBytes: number;
  /** Bytes that were written from this budget so far; never falls. A write under way counts once it is made. */
  readonly takenBytes: number;
  /**
   * Allows so many bytes from now on, or from an earlier moment on.
   *
   * To fit what a walk over the disk has found: read `takenBytes` before the walk, and hand it over with what the walk
   * has left. What was written meanwhile is then counted against it, and what is being written, once or twice, never not.
   *
   * @param remainingBytes - bytes; negative when too much lies there already; Infinity for no limit.
   * @param asOfTakenBytes - the value of `takenBytes` at which that was so. Default: now.
   * @throws {RangeError} for what is no number.
   */
  set(remainingBytes: number, asOfTakenBytes?: number): void;
  /**
   * Allows so many bytes more; fewer when negative. Void without a limit.
   *
   * @throws {RangeError} for what is no finite number.
   */
  add(bytes: number): void;
  /** Where the account lies, for the threads that write. */
  readonly memory: SharedArrayBuffer;
}

/** @throws {RangeError} for options that cannot be. */
export function createSpaceBudget(options: SpaceBudgetOptions = {}): SpaceBudget {
  const { pressureBytes = 0 } = options;
  requireIntegerWithin("pressureBytes", pressureBytes, 0, Number.MAX_SAFE_INTEGER);
  const memory = SpaceAccount.createMemory(pressureBytes);
  const account = new SpaceAccount(memory);
  return {
    memory,
    get remainingBytes() {
      return account.remainingBytes;
    },
    get takenBytes() {
      return account.writtenBytes;
    },
    set(remainingBytes, asOfTakenBytes = account.writtenBytes) {
      if (remainingBytes === Number.POSITIVE_INFINITY) account.limit(remainingBytes);
      else
        account.limit(
          wholeBytes("remainingBytes", remainingBytes) + wholeBytes("asOfTakenBytes", asOfTakenBytes),
        );
    },
    add: (bytes) => account.add(wholeBytes("bytes", bytes)),
  };
}

/** Rounded down. @throws {RangeError} for what is no number that counts bytes. */
function wholeBytes(name: string, bytes: number): number {
  const whole = Math.floor(bytes);
  if (Number.isSafeInteger(whole)) return whole;
  throw new RangeError(`${name} must be a number of bytes, is ${String(bytes)}`);
}
