import type { Clock, FileStat, FileSystem } from "@waybill/protocols";
import { halfSealedPath, linkUnlessTaken, unlinkIfThere } from "./active-file.ts";
import { lastSealedNumber } from "./last-sealed.ts";
import { type StreamPath, sealedPath } from "./stream-path.ts";

/** Gives active segments their sealed names, and keeps the list of what was sealed. */
export class SegmentSealer {
  readonly #fileSystem: FileSystem;
  readonly #clock: Clock;
  readonly #isDurable: boolean;
  /** Number of the newest sealed segment; unknown until the first seal, since it costs reading the directory. */
  #lastNumber: number | undefined;
  #sealed: string[] = [];

  /** @param isDurable - whether names are made durable before others depend on them. */
  constructor(fileSystem: FileSystem, clock: Clock, isDurable: boolean) {
    this.#fileSystem = fileSystem;
    this.#clock = clock;
    this.#isDurable = isDurable;
  }

  /** The number of the newest sealed segment was learned by the way. */
  noteLastNumber(number: number): void {
    this.#lastNumber = number;
  }

  /**
   * Takes the active name off a file, which keeps a sealed one.
   *
   * link + unlink instead of rename: a rename would silently replace a file of that name. After an end in between both
   * names show one inode, which the next open resolves.
   */
  seal(stream: StreamPath, stats: FileStat): string {
    const half = stats.links > 1 ? halfSealedPath(this.#fileSystem, stream, stats) : undefined;
    const sealed = half ?? this.#linkSealed(stream);
    this.#removeActiveName(stream);
    return sealed;
  }

  /** Finishes a seal that an end of the process has left half done. @returns whether there was one. */
  finish(stream: StreamPath, stats: FileStat): boolean {
    const sealed = stats.links > 1 ? halfSealedPath(this.#fileSystem, stream, stats) : undefined;
    if (sealed === undefined) return false;
    this.#removeActiveName(stream);
    this.note(sealed);
    return true;
  }

  /** Has a sealed segment told by {@link take}. */
  note(sealed: string | undefined): void {
    if (sealed !== undefined) this.#sealed.push(sealed);
  }

  /** The segments noted since the last call. */
  take(): readonly string[] {
    const sealed = this.#sealed;
    if (sealed.length > 0) this.#sealed = [];
    return sealed;
  }

  /** Leaves a sealed segment its sealed name alone: once that is durable, or power loss might find neither. */
  #removeActiveName(stream: StreamPath): void {
    if (this.#isDurable) this.#fileSystem.syncDirectory(stream.directory);
    unlinkIfThere(this.#fileSystem, stream.active);
  }

  #linkSealed(stream: StreamPath): string {
    let number = (this.#lastNumber ?? lastSealedNumber(this.#fileSystem, stream)) + 1;
    let sealed = sealedPath(stream, this.#clock.now(), number);
    while (!linkUnlessTaken(this.#fileSystem, stream.active, sealed)) {
      sealed = sealedPath(stream, this.#clock.now(), ++number);
    }
    this.#lastNumber = number;
    return sealed;
  }
}
