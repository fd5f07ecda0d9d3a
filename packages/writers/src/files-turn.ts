import { type Predecessor, untilReleased } from "./predecessor.ts";
import { settledWithin } from "./remote/settled-within.ts";

/** When it is a stream's turn at its files: another may still be at them. */
export class FilesTurn {
  readonly #onTurn: () => void;
  #before: Predecessor | undefined;
  /** Whether that one is still there and has written all. */
  #isPassed = false;

  /** @param onTurn - told whenever a predecessor has let the files go. */
  constructor(before: Predecessor | undefined, onTurn: () => void) {
    this.#onTurn = onTurn;
    if (before !== undefined) this.follow(before);
  }

  /** Has the stream wait for somebody, who comes behind {@link before}. */
  follow(before: Predecessor): void {
    this.#before = before;
    this.#isPassed = false;
    void before.released.then(this.#onTurn);
  }

  /** Who may still write to the files. */
  get before(): Predecessor | undefined {
    return this.#before?.isReleased === false && !this.#isPassed ? this.#before : undefined;
  }

  /** For the end of the process. When that one has written all, its files stay as they are. */
  pass(): void {
    if (this.before?.flushSync() === true) this.#isPassed = true;
  }

  /** Waits for it. @param isGivenUp - see {@link untilReleased}. */
  async come(isGivenUp: () => boolean): Promise<void> {
    if (this.before !== undefined) await untilReleased(this.before, isGivenUp);
  }

  /** The same, but not for ever. @returns whether it has come. */
  async comeWithin(msMax: number, isGivenUp: () => boolean): Promise<boolean> {
    let isLate = false;
    const turn = this.come(() => isLate || isGivenUp());
    isLate = !(await settledWithin(turn, msMax));
    return !isLate;
  }
}
