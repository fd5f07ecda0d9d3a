import type { PooledWriter } from "./pooled-writer.ts";
import type { Predecessor } from "./predecessor.ts";
import type { SharedStream } from "./shared-stream.ts";
import type { WriterPoolStatus } from "./writer-pool.ts";

/** The streams of a pool by their paths, those that are being closed, and the account of those that are. */
export class PoolStreams {
  readonly #open = new Map<string, SharedStream>();
  /** Those that may still be at the files of a path though no stream has it open: after a close, or for a seal. */
  readonly #unreleased = new Map<string, Predecessor>();
  /** Closing takes a while when a worker does it; until then their entries may wait in memory. */
  readonly #ending = new Map<SharedStream, Promise<void>>();
  readonly #onReleased: () => void;
  #past = { accepted: 0, written: 0, dropped: 0, bytesWritten: 0 };

  /** @param onReleased - told whenever {@link isReleased} may have become true. */
  constructor(onReleased: () => void) {
    this.#onReleased = onReleased;
  }

  /** Whether no stream is open or being closed. */
  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#ending.size === 0;
  }

  /** Whether, beyond that, nobody is at the files of a stream any more. */
  get isReleased(): boolean {
    return this.isEmpty && this.#unreleased.size === 0;
  }

  find(path: string): SharedStream | undefined {
    return this.#open.get(path);
  }

  /** The one whose active segment lies there, under its own name or as a part file. */
  findByFile(activePath: string): SharedStream | undefined {
    const stream = this.find(activePath);
    return stream ?? this.open().find(({ facts }) => facts.activePath === activePath);
  }

  /** Open streams. */
  open(): readonly SharedStream[] {
    return [...this.#open.values()];
  }

  /** The writers of all streams that may have entries in memory, predecessors first. */
  all(): readonly PooledWriter[] {
    return this.#allStreams().map(({ writer }) => writer);
  }

  #allStreams(): readonly SharedStream[] {
    return [...this.#ending.keys(), ...this.#open.values()];
  }

  /** Who had the files of a path last and may still be at them: the next one has to wait. */
  predecessorOf(path: string): Predecessor | undefined {
    return this.#unreleased.get(path);
  }

  add(stream: SharedStream): void {
    this.#open.set(stream.path, stream);
  }

  /** Closes a stream; its path can be opened again at once. */
  close(stream: SharedStream): Promise<void> {
    const ending = this.#ending.get(stream);
    if (ending !== undefined) return ending;
    if (this.#open.get(stream.path) !== stream) return stream.writer.close();
    this.#open.delete(stream.path);
    const closing = stream.writer.close().finally(() => this.#noteClosed(stream));
    this.#ending.set(stream, closing);
    if (!stream.writer.isReleased) this.awaitRelease(stream.path, stream.writer);
    return closing;
  }

  /** Has the next stream of a path wait for somebody who is at its files, behind {@link predecessorOf}. */
  awaitRelease(path: string, before: Predecessor): void {
    this.#unreleased.set(path, before);
    void before.released.then(() => {
      if (this.#unreleased.get(path) === before) this.#unreleased.delete(path);
      this.#onReleased();
    });
  }

  /** Closes all, and waits for those that are being closed. */
  closeAll(): readonly Promise<void>[] {
    // A failure is told by the promise that is returned.
    for (const stream of this.#open.values()) void this.close(stream).catch(() => undefined);
    return [...this.#ending.values()];
  }

  /** Counters of all streams, added up. */
  status(): Omit<WriterPoolStatus, "descriptors"> {
    const sum = { ...this.#past, queued: 0, degraded: 0 };
    for (const stream of this.#allStreams()) {
      const status = stream.status();
      sum.accepted += status.accepted;
      sum.written += status.written;
      sum.queued += status.queued;
      sum.dropped += status.dropped;
      sum.bytesWritten += status.bytesWritten;
      if (status.state === "degraded") sum.degraded++;
    }
    return { ...sum, streams: this.#open.size };
  }

  #noteClosed(stream: SharedStream): void {
    this.#ending.delete(stream);
    const { accepted, written, dropped, bytesWritten } = stream.status();
    this.#past.accepted += accepted;
    this.#past.written += written;
    this.#past.dropped += dropped;
    this.#past.bytesWritten += bytesWritten;
    this.#onReleased();
  }
}
