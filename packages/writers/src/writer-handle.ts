import { type EntryInput, WaybillError, type Writer, type WriterStatus } from "@waybill/protocols";

/** One opener's view of a shared writer: closing it is not closing the others'. */
export class WriterHandle implements Writer {
  readonly #writer: Writer;
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(writer: Writer, release: () => Promise<void>) {
    this.#writer = writer;
    this.#release = release;
  }

  write(entry: EntryInput): boolean {
    return this.#closing === undefined && this.#writer.write(entry);
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
