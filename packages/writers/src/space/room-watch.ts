import type { Clock, Timer } from "@waybill/protocols";
import type { SpaceAccount } from "./space-account.ts";

/** Milliseconds between two looks for room: within 20 ms of it, every stream that waited has been tried again. */
const lookIntervalMs = 10;
/** Streams tried in one turn: what else the thread has to do must not wait until all are done. */
const triesPerTurn = 16;

interface Waiter {
  readonly clock: Clock;
  readonly tryAgain: () => void;
  timer?: Timer;
}

/**
 * Has the streams of one thread tried again when there is room for them. One timer looks for all, at one number, and
 * only while any of them waits: a thousand streams that each tried on their own would keep a core busy.
 */
export class RoomWatch {
  readonly #account: SpaceAccount;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  /** Those for which there may be room. */
  readonly #due = new Set<Waiter>();
  /** The changes of the account that the waiting ones know. */
  #seen = 0n;
  #timer: Timer | undefined;

  /** @param clock - of the thread. */
  constructor(account: SpaceAccount, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
  }

  /**
   * Call right after a take was refused.
   *
   * @param clock - of the stream: it runs `tryAgain`.
   */
  wait(clock: Clock, tryAgain: () => void): Timer {
    const waiter: Waiter = { clock, tryAgain };
    // With others waiting it may know more changes than they, and is tried once in vain.
    if (this.#waiting.size === 0) this.#seen = this.#account.refusedAt;
    this.#waiting.add(waiter);
    this.#arm();
    return {
      cancel: () => {
        this.#waiting.delete(waiter);
        this.#due.delete(waiter);
        waiter.timer?.cancel();
      },
    };
  }

  #arm(): void {
    if (this.#waiting.size + this.#due.size === 0) return;
    this.#timer ??= this.#clock.setTimer(() => this.#look(), this.#due.size > 0 ? 0 : lookIntervalMs);
  }

  #look(): void {
    this.#timer = undefined;
    const { changes } = this.#account;
    if (changes !== this.#seen) {
      this.#seen = changes;
      move(this.#waiting, this.#due);
    }
    if (this.#account.remainingBytes > 0) this.#trySome();
    else move(this.#due, this.#waiting);
    this.#arm();
  }

  /** By timers of the streams' own clocks: a worker tells by them for which stream it works. */
  #trySome(): void {
    for (const waiter of [...this.#due].slice(0, triesPerTurn)) {
      this.#due.delete(waiter);
      waiter.timer = waiter.clock.setTimer(waiter.tryAgain, 0);
    }
  }
}

function move(from: Set<Waiter>, to: Set<Waiter>): void {
  for (const waiter of from) to.add(waiter);
  from.clear();
}
