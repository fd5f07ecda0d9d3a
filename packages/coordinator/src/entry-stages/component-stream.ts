import type { FoldingConfig } from "@waybill/config";
import {
  type ContainerQuota,
  foldMessages,
  foldRepeats,
  limitWriter,
  type StageWriter,
} from "@waybill/logger";
import type { Clock, EntryInput, Writer, WriterStatus } from "@waybill/protocols";
import { areSame, foldOptionsOf } from "./stage-options.ts";

/** What stands in front of the writer of a component. */
export interface StreamStages {
  /** That of its container; undefined = no limit. */
  readonly quota: ContainerQuota | undefined;
  readonly folding: FoldingConfig;
}

/** What folding has done to entries. */
export interface FoldingCounts {
  /** Entries so far in whose place one with their count was written. */
  readonly folded: number;
  /** Entries that are counted, and yet to be told of. */
  readonly waiting: number;
}

/**
 * The writer of one component: its file, and in front of it the stages that the configuration asks for, in the order
 * `foldMessages(foldRepeats(limitWriter(file)))`. Those that are off are not there. They may be exchanged at any time:
 * the old ones tell what they hold back, then the new ones begin.
 */
export class ComponentStream implements Writer {
  readonly #file: Writer;
  readonly #clock: Clock;
  readonly #onClose: () => void;
  #quota: ContainerQuota | undefined;
  #limit: StageWriter | undefined;
  #folding: FoldingConfig | undefined;
  /** Outermost first. */
  #folds: readonly StageWriter[] = [];
  /** The outermost stage, or the file itself. */
  #front: Writer;
  /** By stages that have been exchanged. */
  #foldedBefore = 0;
  #closing: Promise<void> | undefined;

  /** @param onClose - told once, when closing begins. */
  constructor(file: Writer, clock: Clock, onClose: () => void) {
    this.#file = file;
    this.#front = file;
    this.#clock = clock;
    this.#onClose = onClose;
  }

  setStages({ quota, folding }: StreamStages): void {
    const wanted = folding.enabled ? folding : undefined;
    if (quota === this.#quota && areSame(wanted, this.#folding)) return;
    this.tell();
    this.#foldedBefore = this.counts().folded;
    if (quota !== this.#quota) {
      this.#quota = quota;
      this.#limit = quota === undefined ? undefined : limitWriter(this.#file, quota);
    }
    this.#folding = wanted;
    this.#folds = wanted === undefined ? [] : createFolds(this.#limit ?? this.#file, wanted, this.#clock);
    this.#front = this.#folds[0] ?? this.#limit ?? this.#file;
  }

  /** Takes the stages away for good: the process ends, and nobody would tell what they hold back from now on. */
  removeStages(): void {
    this.tell();
    this.#foldedBefore = this.counts().folded;
    this.#folds = [];
    this.#limit = undefined;
    this.#front = this.#file;
  }

  /** Hands what the stages hold back to the file, and flushes nothing. */
  tell(): void {
    for (const fold of this.#folds) fold.tell();
    this.#limit?.tell();
  }

  counts(): FoldingCounts {
    let folded = this.#foldedBefore;
    let waiting = 0;
    for (const fold of this.#folds) {
      const counts = fold.counts();
      folded += counts.represented;
      waiting += counts.waiting;
    }
    return { folded, waiting };
  }

  write(entry: EntryInput): boolean {
    return this.#front.write(entry);
  }

  flush(): Promise<void> {
    return this.#front.flush();
  }

  flushSync(): boolean {
    return this.#front.flushSync();
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = this.#front.close();
      this.#onClose();
    }
    return this.#closing;
  }

  status(): WriterStatus {
    return this.#front.status();
  }
}

function createFolds(writer: Writer, folding: FoldingConfig, clock: Clock): readonly StageWriter[] {
  const options = { ...foldOptionsOf(folding), clock };
  const repeats = foldRepeats(writer, options);
  return [foldMessages(repeats, options), repeats];
}
