import { type EntryInput, WaybillError, type Writer, type WriterStatus } from "@waybill/protocols";

/** One opener's view of a shared writer: closing it is not closing the others'. */
export class WriterHandle implements Writer {
  readonly #writer: Writer;
  readonly #release: () => Promise<void>;
  readonly #isExiting: () => boolean;
  #closing: Promise<void> | undefined;

  /** @param isExiting - whether the process is in its exit listeners, after which nothing is written any more. */
  constructor(writer: Writer, release: () => Promise<void>, isExiting: () => boolean) {
    this.#writer = writer;
    this.#release = release;
    this.#isExiting = isExiting;
  }

  write(entry: EntryInput): boolean {
    if (this.#closing !== undefined) return false;
    try {
      const isTaken = this.#writer.write(entry);
      if (this.#isExiting()) this.#writer.flushSync();
      return isTaken;
    } catch {
      // The caller is at the end of the stack, and so was what it called before it took the entry over.
      return false;
    }
  }

  async flush(): Promise<void> {
    if (this.#closing !== undefined) throw new WaybillError("WAYBILL_WRITER_CLOSED", "flush after close");
    await this.#writer.flush();
  }

  flushSync(): boolean {
    return this.#writer.flushSync();
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  status(): WriterStatus {
    const status = this.#writer.status();
    return this.#closing === undefined ? status : { ...status, state: "closed" };
  }
}
