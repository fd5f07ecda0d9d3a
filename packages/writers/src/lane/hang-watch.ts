/** Milliseconds for which a worker completes nothing before its other streams get another worker. */
export const hangMs = 250;

/** Looks after a worker as long as something is under way, without keeping the process alive. */
export class HangWatch {
  readonly #stalledMs: () => number;
  readonly #onHang: () => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param stalledMs - for how long nothing was completed; 0 when nothing is under way.
   * @param onHang - told again and again while that is {@link hangMs} or more.
   */
  constructor(stalledMs: () => number, onHang: () => void) {
    this.#stalledMs = stalledMs;
    this.#onHang = onHang;
  }

  /** Something is under way. */
  begin(): void {
    this.#timer ??= setTimeout(() => this.#look(), hangMs).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const stalledMs = this.#stalledMs();
    if (stalledMs === 0) return;
    this.begin();
    if (stalledMs >= hangMs) this.#onHang();
  }
}
