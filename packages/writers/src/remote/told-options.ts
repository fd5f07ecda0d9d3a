import type { LaneStreamMessage } from "../lane/lane-messages.ts";
import { encodeOptions, optionsForWorker } from "../lane/lane-options.ts";
import type { LaneLines } from "../lane/lane-requests.ts";
import type { ResolvedStreamOptions, WriterMode } from "../writer-options.ts";

/** What the worker of a stream has been told of it: its options, which may change, and how it was left by others. */
export class ToldOptions {
  readonly #options: ResolvedStreamOptions;
  #mode: WriterMode | undefined;
  #isOutdated = false;
  #mayBeUnsynced = false;

  /** @param options - as they are now. */
  constructor(options: ResolvedStreamOptions) {
    this.#options = options;
  }

  /** Whether the worker cannot write in the mode of the options as it is: the stream has to leave it, if only for a moment. */
  get isModeOutdated(): boolean {
    return this.#options.mode === "sync" || this.#options.mode !== this.#mode;
  }

  /** The options were changed. */
  noteChange(): void {
    this.#isOutdated = true;
  }

  /** Another writer, or a worker that had to be left, may not have synced what it wrote. */
  noteUnsynced(): void {
    this.#mayBeUnsynced = true;
  }

  /** The worker has written all and let the stream go. */
  noteLeft(): void {
    this.#mayBeUnsynced ||= this.#mode !== "durable";
  }

  /** What a worker is told that takes the stream over. */
  tellAll(): Pick<LaneStreamMessage, "options" | "mayBeUnsynced"> {
    this.#mode = this.#options.mode;
    this.#isOutdated = false;
    return { options: optionsForWorker(this.#options), mayBeUnsynced: this.#mayBeUnsynced };
  }

  /** Has the worker told of changes, if there are any. @param send - returns whether it was sent. @returns whether it knows all. */
  tellChange(send: (lines: LaneLines) => boolean): boolean {
    if (this.#isOutdated) this.#isOutdated = !send({ bytes: encodeOptions(this.#options), entries: 0 });
    return !this.#isOutdated;
  }
}
