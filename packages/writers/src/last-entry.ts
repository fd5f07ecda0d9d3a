import type { FileSystem } from "@waybill/protocols";
import { lastSeqOfSuspect, readLastSealed } from "./last-sealed.ts";
import type { SegmentSealer } from "./segment-sealer.ts";
import type { StreamPath } from "./stream-path.ts";

/** Opens that fail because of one sealed segment, before it is passed over: about a second of retries. */
const strictOpens = 6;

/** Finds out how far a stream has come when it is opened for the first time in this process. */
export class LastEntry {
  readonly #fileSystem: FileSystem;
  readonly #sealer: SegmentSealer;
  readonly #isDurable: boolean;
  #failedOpens = 0;

  /** @param sealer - is told the last number by the way. */
  constructor(fileSystem: FileSystem, sealer: SegmentSealer, isDurable: boolean) {
    this.#fileSystem = fileSystem;
    this.#sealer = sealer;
    this.#isDurable = isDurable;
  }

  noteFailedOpen(): void {
    this.#failedOpens++;
  }

  /**
   * @param lastSeq - of the active segment; 0 when it holds no entry.
   * @returns `seq` of the last entry of the stream; 0 when there is none.
   * @throws what the file system throws.
   */
  seqOf(stream: StreamPath, lastSeq: number): number {
    const isStrict = this.#failedOpens < strictOpens;
    if (lastSeq === 0) {
      const last = readLastSealed(this.#fileSystem, stream, isStrict);
      this.#sealer.noteLastNumber(last.number);
      return last.lastSeq;
    }
    return this.#isDurable && isStrict
      ? Math.max(lastSeq, lastSeqOfSuspect(this.#fileSystem, stream))
      : lastSeq;
  }
}
