import type { WriterStatus } from "@waybill/protocols";
import type { PooledWriter } from "./pooled-writer.ts";
import type { StreamPath } from "./stream-path.ts";
import type { LiveStreamOptions } from "./writer-options.ts";
import type { PoolStream } from "./writer-pool.ts";

/** What whoever writes a stream tells of it. */
export interface StreamFacts {
  /** Of the active segment: of a part file when another process owns the directory. */
  activePath: string;
  /** Segments sealed. */
  sealed: number;
}

/** A stream of a pool, with those who hold it. Who writes it may change; its counters go on. */
export class SharedStream {
  /** Of the active segment. */
  readonly path: string;
  readonly streamPath: StreamPath;
  readonly options: LiveStreamOptions;
  /** Who writes it now. */
  writer: PooledWriter;
  handles = 0;
  readonly facts: StreamFacts;
  /** Of those who wrote it before: accepted = written + dropped. */
  #past = { accepted: 0, written: 0, dropped: 0, bytesWritten: 0 };
  #lastFailure: WriterStatus["lastFailure"];
  #lastWriteMs = 0;

  constructor(streamPath: StreamPath, options: LiveStreamOptions, facts: StreamFacts, writer: PooledWriter) {
    this.path = streamPath.active;
    this.facts = facts;
    this.streamPath = streamPath;
    this.options = options;
    this.writer = writer;
  }

  /** From now on another one writes. @param writer - in place of one that has ended. */
  replaceWriter(writer: PooledWriter): void {
    const { accepted, written, dropped, bytesWritten, lastFailure } = this.status();
    this.#past = { accepted, written, dropped, bytesWritten };
    this.#lastFailure = lastFailure;
    this.#lastWriteMs = Math.max(this.#lastWriteMs, this.writer.lastWriteMs);
    this.writer = writer;
  }

  status(): WriterStatus {
    const status = this.writer.status();
    return {
      state: status.state,
      queued: status.queued,
      accepted: this.#past.accepted + status.accepted,
      written: this.#past.written + status.written,
      dropped: this.#past.dropped + status.dropped,
      bytesWritten: this.#past.bytesWritten + status.bytesWritten,
      lastFailure: status.lastFailure ?? this.#lastFailure,
    };
  }

  /** As it is known, without asking the disk. */
  describe(): PoolStream {
    const lastWriteMs = Math.max(this.#lastWriteMs, this.writer.lastWriteMs);
    return {
      path: this.facts.activePath,
      activeBytes: this.writer.activeBytes,
      sealed: this.facts.sealed,
      lastWriteMs: lastWriteMs === 0 ? undefined : lastWriteMs,
      status: this.status(),
    };
  }

  /** Flushes what was accepted, whoever writes it meanwhile. @throws as `flush` of a writer. */
  async flush(): Promise<void> {
    await this.#askWhoever((writer) => writer.flush());
  }

  /** Seals what was accepted, likewise. @throws as `seal` of a writer. */
  async seal(): Promise<void> {
    await this.#askWhoever((writer) => writer.seal());
  }

  async #askWhoever(ask: (writer: PooledWriter) => Promise<void>): Promise<void> {
    const { writer } = this;
    try {
      await ask(writer);
    } catch (error) {
      if (writer === this.writer) throw error;
      await this.#askWhoever(ask);
    }
  }
}
