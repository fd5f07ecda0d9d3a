import { type EntryInput, WaybillError, type Writer, type WriterStatus } from "@waybill/protocols";
import type { SharedStream } from "./shared-stream.ts";

/** What a handle must know of the end of the process. */
export interface ExitState {
  /** Whether its exit listeners are being called, after which nothing is written any more. */
  isExiting(): boolean;
  /** Takes the lock of the directory for one write; it was given back. @returns false when another process has it. */
  lock(): boolean;
  unlock(): void;
}

/** One opener's view of a shared stream: closing it is not closing the others'. */
export class WriterHandle implements Writer {
  readonly #stream: SharedStream;
  readonly #release: () => Promise<void>;
  readonly #exit: ExitState;
  #closing: Promise<void> | undefined;

  constructor(stream: SharedStream, release: () => Promise<void>, exit: ExitState) {
    this.#stream = stream;
    this.#release = release;
    this.#exit = exit;
  }

  write(entry: EntryInput): boolean {
    if (this.#closing !== undefined) return false;
    try {
      return this.#exit.isExiting() ? this.#writeLate(entry) : this.#stream.writer.write(entry);
    } catch {
      // The caller is at the end of the stack, and so was what it called before it took the entry over.
      return false;
    }
  }

  #writeLate(entry: EntryInput): boolean {
    if (!this.#exit.lock()) return false;
    const isTaken = this.#stream.writer.write(entry);
    if (this.#stream.writer.flushSync()) this.#exit.unlock();
    return isTaken;
  }

  async flush(): Promise<void> {
    if (this.#closing !== undefined) throw new WaybillError("WAYBILL_WRITER_CLOSED", "flush after close");
    await this.#stream.flush();
  }

  flushSync(): boolean {
    return this.#stream.writer.flushSync();
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  status(): WriterStatus {
    const status = this.#stream.status();
    return this.#closing === undefined ? status : { ...status, state: "closed" };
  }
}
