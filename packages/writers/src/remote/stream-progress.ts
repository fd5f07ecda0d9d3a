import type { Clock } from "@waybill/protocols";
import type { EntryIntake } from "../entry-intake.ts";
import type { FilesTurn } from "../files-turn.ts";
import { sealFailed, writerClosed } from "../flush-errors.ts";
import type { Predecessor } from "../predecessor.ts";
import { hasStackRoom } from "../stack-room.ts";
import type { StreamWriter } from "../stream-writer.ts";
import type { EntryForwarder } from "./entry-forwarder.ts";
import type { LanePassage } from "./lane-passage.ts";
import type { LeftSeal } from "./left-seal.ts";
import type { LineSender } from "./line-sender.ts";
import { nobody } from "./nobody.ts";
import type { RemoteFlushes } from "./remote-flushes.ts";
import { RoomRetry } from "./room-retry.ts";
import { closeMsMax } from "./settled-within.ts";

/** What moves a stream on: its parts. */
export interface StreamProgressParts {
  readonly path: string;
  readonly clock: Clock;
  readonly intake: EntryIntake;
  readonly passage: LanePassage;
  readonly sender: LineSender;
  readonly forwarder: EntryForwarder;
  readonly flushes: RemoteFlushes;
  readonly turn: FilesTurn;
  /** Nothing is taken any more, and nobody waits. */
  readonly isEnded: () => boolean;
  /** Who writes in this thread, when no worker does it any more. */
  readonly inline: () => StreamWriter | undefined;
  readonly continueInline: () => void;
  /** Has what waits sent with the next flush. */
  readonly schedule: () => void;
  /** Seals what an earlier run has left, once `before` has let the files go. */
  readonly sealLeft: (before: Predecessor | undefined) => LeftSeal;
}

/** Has a stream's entries sent to its worker, and flushes and seals made behind them, as far as there is a way. */
export class StreamProgress {
  readonly #parts: StreamProgressParts;
  readonly #retry: RoomRetry;

  constructor(parts: StreamProgressParts) {
    this.#parts = parts;
    this.#retry = new RoomRetry(parts.clock, () => {
      if (!parts.isEnded()) this.advance();
    });
  }

  /** Has a worker open the files, once something waits for them. */
  enterLane(): void {
    const { intake, passage, turn, isEnded, inline, continueInline } = this.#parts;
    const { source = nobody, length } = intake.queue;
    if (passage.stage !== "outside" || inline() !== undefined) return;
    if (length === 0 || isEnded() || turn.before !== undefined || !hasStackRoom()) return;
    if (!passage.enter(source)) continueInline();
  }

  /** Sends what waits and what flushes ask for, as far as there is room. */
  advance(): void {
    const { intake, passage, sender, forwarder, flushes, schedule } = this.#parts;
    const inline = this.#parts.inline();
    if (inline !== undefined) {
      if (flushes.areAwaited) flushes.performBy(inline);
      return;
    }
    intake.tellGap();
    this.enterLane();
    if (flushes.areAwaited) passage.openAgain();
    if (!sender.send()) {
      if (sender.isHeldBack) flushes.rejectAll();
      forwarder.noteHeldUp();
      if (flushes.areAwaited && passage.isWriting) this.#retry.set();
      return;
    }
    this.#retry.noteRoom();
    forwarder.noteSent();
    const isDue = flushes.areAwaited && passage.stage === "open";
    if (isDue && !flushes.request()) schedule();
  }

  /** Flushes what was accepted, whoever writes it. @throws {WaybillError} when that was not done. */
  async flush(): Promise<void> {
    const { flushes, turn, isEnded } = this.#parts;
    if (turn.before !== undefined) await turn.come(isEnded);
    if (this.#begin()) await this.#perform(flushes.add());
  }

  /** See `seal` of a pooled writer. */
  async seal(): Promise<void> {
    const { path, intake, passage, flushes, turn, isEnded, sealLeft } = this.#parts;
    const isUntouched = passage.stage === "outside" && this.#parts.inline() === undefined;
    if (isUntouched && intake.queue.length === 0) {
      const seal = sealLeft(turn.before);
      turn.follow(seal);
      return seal.made;
    }
    const isTurn = turn.before === undefined || (await turn.comeWithin(closeMsMax, isEnded));
    if (isEnded()) throw writerClosed(path);
    if (!isTurn || !this.#begin()) throw sealFailed(path, undefined);
    await this.#perform(flushes.addSeal());
  }

  /** @returns whether anybody has the files or is about to open them. */
  #begin(): boolean {
    const { intake, passage, inline } = this.#parts;
    intake.tellGap();
    this.enterLane();
    return passage.stage !== "outside" || inline() !== undefined;
  }

  async #perform(awaited: Promise<void>): Promise<void> {
    const { passage } = this.#parts;
    passage.hold();
    try {
      this.advance();
      await awaited;
    } finally {
      passage.release();
    }
  }
}
