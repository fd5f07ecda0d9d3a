import type { FileStat } from "@waybill/protocols";
import { closeQuietly, quarantine, setTornAside } from "./active-file.ts";
import type { Damage, SegmentPorts } from "./segment-ports.ts";
import type { SegmentSealer } from "./segment-sealer.ts";
import type { StreamPath } from "./stream-path.ts";
import { inspectTail, type Tail } from "./tail.ts";
import { openUnlessForeign, statUnlessForeign } from "./usable-file.ts";

/** A file that was opened. */
export interface OpenFile {
  readonly fd: number;
  readonly stats: FileStat;
}

/** A file that whole lines can be appended to. */
export interface SoundFile extends OpenFile {
  /** `seq` of the last entry in it, or in what was sealed to make room for it; 0 when there is none. */
  readonly lastSeq: number;
}

/**
 * Opens what bears the active name, and makes it fit to be appended to. Whatever else bears the name is put out of the
 * way and kept.
 */
export class SegmentOpener {
  readonly #isDurable: boolean;
  readonly #ports: SegmentPorts;
  readonly #sealer: SegmentSealer;
  /** Kept until somebody can tell it: an open may fail after it was found. */
  #damage: Damage | undefined;

  /** @param isDurable - whether new directories are made durable. */
  constructor(isDurable: boolean, ports: SegmentPorts, sealer: SegmentSealer) {
    this.#isDurable = isDurable;
    this.#ports = ports;
    this.#sealer = sealer;
  }

  noteDamage(damage: Damage): void {
    this.#damage ??= damage;
  }

  /** What was noted since the last call, or set aside by {@link openSound}; the first when there was more. */
  takeDamage(): Damage | undefined {
    const damage = this.#damage;
    this.#damage = undefined;
    return damage;
  }

  /** Opens the file as it is, creating it if need be. @throws as the file system; nothing is left open then. */
  openAsIs(stream: StreamPath): OpenFile {
    const { fileSystem, clock, descriptors } = this.#ports;
    for (;;) {
      const fd = descriptors.openWith(() => openUnlessForeign(fileSystem, stream, clock, this.#isDurable));
      const stats = this.#orClose(fd, () => {
        const found = statUnlessForeign(fileSystem, stream, clock, fd);
        return found === undefined || this.#sealer.finish(stream, found) ? undefined : found;
      });
      if (stats !== undefined) return { fd, stats };
      closeQuietly(fileSystem, fd);
    }
  }

  /** Opens the file, and has it end in a whole line. @throws as the file system; nothing is left open then. */
  openSound(stream: StreamPath): SoundFile {
    let lastSeq = 0;
    let hasLeftOthers = false;
    for (;;) {
      const { fd, stats } = this.openAsIs(stream);
      const tail = this.#orClose(fd, () => inspectTail(this.#ports.fileSystem, fd, stats.size));
      lastSeq ||= tail.lastSeq;
      // Some file systems give what was made just now to somebody else as well: one try is enough.
      const isOthers: boolean = !hasLeftOthers && this.#isOthers(stats);
      hasLeftOthers ||= isOthers;
      // A hard link from elsewhere: nothing may be appended to or cut from what others see too.
      if (!tail.isForeign && stats.links <= 1 && !isOthers) {
        this.#orClose(fd, () => this.#cutTorn(stream, fd, stats.size, tail.soundBytes));
        return { fd, stats: { ...stats, size: tail.soundBytes }, lastSeq };
      }
      closeQuietly(this.#ports.fileSystem, fd);
      this.#putAside(stream, stats, tail);
    }
  }

  /** Whether a file belongs to another user, who could take back or read what is appended. */
  #isOthers({ uid }: FileStat): boolean {
    const own = this.#ports.ownUid ?? process.geteuid?.() ?? 0;
    return own !== 0 && uid !== undefined && uid !== own;
  }

  #cutTorn(stream: StreamPath, fd: number, size: number, soundBytes: number): void {
    if (size === soundBytes) return;
    setTornAside(this.#ports.fileSystem, stream, this.#ports.clock, { fd, from: soundBytes, size });
    this.noteDamage({ reason: "torn", bytes: size - soundBytes });
  }

  #putAside(stream: StreamPath, stats: FileStat, tail: Tail): void {
    if (tail.lastSeq > 0) {
      this.#sealer.note(this.#sealer.seal(stream, stats));
      return;
    }
    quarantine(this.#ports.fileSystem, stream, this.#ports.clock);
    this.noteDamage({ reason: "foreign", bytes: stats.size });
  }

  #orClose<T>(fd: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      closeQuietly(this.#ports.fileSystem, fd);
      throw error;
    }
  }
}
