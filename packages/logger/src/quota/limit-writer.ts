import {
  type EntryInput,
  type EntrySource,
  gapEntry,
  type Level,
  severityOf,
  type Timer,
  type Writer,
} from "@waybill/protocols";
import { entriesOf } from "../folding/repeat-count.ts";
import { isTaken, type Stage, type StageCounts, type StageWriter, tellingWriter } from "../telling-writer.ts";
import { timeText } from "../time-text.ts";
import type { ContainerQuota } from "./container-quota.ts";
import { SizeFeedback } from "./size-feedback.ts";

/**
 * A writer that leaves out what is over the quota of its container.
 *
 * What was left out counts as dropped, and a gap record with the reason `quota` stands in its place: before the next
 * entry that is let through, else once there is room again, at `flush` and at `close`. Bytes are charged by guess and
 * corrected by what the writer tells of itself, at most every 50 ms; what was written too much is paid back by waiting.
 * ERROR and above are let through as long as the tenth that is kept for them lasts.
 *
 * @param quota - shared by all streams of the container.
 */
export function limitWriter(writer: Writer, quota: ContainerQuota): StageWriter {
  return tellingWriter(writer, new LimitingStage(writer, quota));
}

/** What was left out since the last entry that was let through. */
interface LeftOut {
  readonly source: EntrySource;
  readonly fromMs: number;
  toMs: number;
  dropped: number;
  readonly byLevel: Partial<Record<Level, number>>;
}

class LimitingStage implements Stage {
  readonly #writer: Writer;
  readonly #quota: ContainerQuota;
  readonly #sizes: SizeFeedback;
  #leftOut: LeftOut | undefined;
  #timer: Timer | undefined;
  #told = 0;
  #refused = 0;
  #dropped = 0;

  constructor(writer: Writer, quota: ContainerQuota) {
    this.#writer = writer;
    this.#quota = quota;
    this.#sizes = new SizeFeedback(writer, quota);
  }

  write(entry: EntryInput): boolean {
    const nowUs = this.#quota.clock.monotonicUs();
    this.#sizes.look(nowUs);
    const isError = severityOf[entry.level] >= severityOf.ERROR;
    const entries = entriesOf(entry);
    if (!this.#quota.admit(isError, this.#sizes.guessBytes, nowUs, entries)) {
      this.#leaveOut(entry, entries, nowUs);
      return false;
    }
    this.#sizes.charged();
    this.tell();
    return this.#writer.write(entry);
  }

  tell(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#leftOut === undefined) return;
    const { source, fromMs, toMs, dropped, byLevel } = this.#leftOut;
    const times = { fromTime: timeText(fromMs), toTime: timeText(toMs) };
    const gap = { dropped, byLevel, fromSeq: 0, toSeq: 0, reason: "quota", ...times };
    this.#quota.charge(this.#sizes.guessBytes);
    this.#sizes.charged();
    if (isTaken(this.#writer, gapEntry(gap, source, this.#quota.clock.now()))) {
      this.#told++;
      this.#leftOut = undefined;
    } else this.#refused++;
  }

  counts(): StageCounts {
    return { told: this.#told, refused: this.#refused, represented: 0, waiting: 0, dropped: this.#dropped };
  }

  /** @param entries - what it stands for is lost with it; here it counts as the one entry that was handed over. */
  #leaveOut({ source, level, timestampMs }: EntryInput, entries: number, nowUs: number): void {
    this.#dropped++;
    this.#leftOut ??= { source, fromMs: timestampMs, toMs: timestampMs, dropped: 0, byLevel: {} };
    this.#leftOut.toMs = timestampMs;
    this.#leftOut.dropped += entries;
    this.#leftOut.byLevel[level] = (this.#leftOut.byLevel[level] ?? 0) + entries;
    if (this.#timer === undefined) this.#wait(nowUs);
  }

  /** At least a millisecond each time, because with every look at the writer the wait may grow. */
  #wait(nowUs: number): void {
    const delayMs = Math.max(1, Math.ceil(this.#quota.reopensInUs(nowUs) / 1000));
    this.#timer = this.#quota.clock.setTimer(() => this.#look(), delayMs);
  }

  #look(): void {
    this.#timer = undefined;
    const nowUs = this.#quota.clock.monotonicUs();
    this.#sizes.look(nowUs);
    if (this.#quota.reopensInUs(nowUs) === 0) this.tell();
    else this.#wait(nowUs);
  }
}
