import { type Clock, systemClock } from "@waybill/protocols";
import { createSeededRandom, type SeededRandom } from "../seeded-random.ts";
import { Disk } from "./disk.ts";
import { type Call, type Fault, FaultPlan, type Verb } from "./fault.ts";
import type { PowerLossKind } from "./file-content.ts";
import { MemoryFileSystem } from "./memory-file-system.ts";
import { createOutside, type Outside } from "./outside.ts";
import { diskAfterPowerLoss } from "./power-loss.ts";
import { SimulatedCrash } from "./simulated-crash.ts";
import { createSystemError } from "./system-error.ts";

/** Options of {@link createFaultyFileSystem}. */
export interface FaultyFileSystemOptions {
  /** Decides what survives a power cut of kind `rand`; integer. Default 1. */
  readonly seed?: number;
  /** Bytes that all files together may have; ENOSPC beyond. Default: no limit. */
  readonly deviceBytesMax?: number;
  /** Descriptors open at once; EMFILE beyond. Default: no limit. */
  readonly descriptorsMax?: number;
  /** Times of files. Default: the system clock. */
  readonly clock?: Pick<Clock, "now">;
}

/** One call that was made, successful or not. */
export interface Operation {
  /** 1 for the first since creation or `clearOperations`. */
  readonly number: number;
  readonly verb: Verb;
  /** As given; of a descriptor, the path under which it was opened. Undefined for a descriptor that is not open. */
  readonly path: string | undefined;
  readonly fd: number | undefined;
  /** `ok`, `crash`, or the code of the error. */
  readonly result: string;
  /** Bytes taken or returned by `write` and `read`. */
  readonly bytes: number | undefined;
}

/** A call of the port, before it is made. */
export interface MachineCall extends Call {
  /** Given for the calls that take a descriptor in place of a path. */
  readonly fd?: number;
}

const syscallOf: Readonly<Partial<Record<Verb, string>>> = {
  truncate: "ftruncate",
  sync: "fsync",
  syncDirectory: "fsync",
  stat: "fstat",
  readdir: "scandir",
};

function codeOf(error: unknown): string {
  if (error instanceof SimulatedCrash) return "crash";
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** A computer with one disk and one process at a time: counts its calls, and lets them fail. */
export class Machine {
  readonly seed: number;
  readonly operations: Operation[] = [];
  readonly faults = new FaultPlan();
  files: MemoryFileSystem;
  outside: Outside;
  crashedAt: number | undefined;
  readonly #options: FaultyFileSystemOptions;
  readonly #now: () => number;
  readonly #random: SeededRandom;
  #disk: Disk;

  /** @param disk - default: an empty one. */
  constructor(options: FaultyFileSystemOptions, disk?: Disk) {
    const { seed = 1, clock = systemClock } = options;
    this.seed = seed;
    this.#options = options;
    this.#now = () => clock.now();
    this.#random = createSeededRandom(seed);
    this.#disk = disk ?? new Disk(this.#now);
    this.files = this.#startProcess(options.deviceBytesMax);
    this.outside = createOutside(this.#disk);
  }

  /**
   * Makes one call, unless a fault hits it.
   *
   * @param action - the call itself; it is handed the most bytes that a write may take.
   */
  perform<T>(call: MachineCall, action: (writeBytesMax: number) => T): T {
    if (this.crashedAt !== undefined) throw new SimulatedCrash(this.crashedAt);
    const number = this.operations.length + 1;
    const { verb, fd } = call;
    const log = (result: string, bytes?: number): void => {
      this.operations.push({ number, verb, path: call.paths[0], fd, result, bytes });
    };
    const fault = this.faults.take(number, call);
    try {
      const result = fault === undefined ? action(Number.POSITIVE_INFINITY) : this.#fail(fault, call, action);
      log("ok", (verb === "write" || verb === "read") && typeof result === "number" ? result : undefined);
      return result;
    } catch (error) {
      log(codeOf(error));
      throw error;
    }
  }

  restart(): void {
    this.crashedAt = undefined;
    this.files.descriptors.releaseAll();
  }

  restartAfterPowerLoss(kind: PowerLossKind): void {
    const { deviceBytesMax } = this.files;
    this.#disk = this.#afterPowerLoss(kind);
    this.files = this.#startProcess(deviceBytesMax);
    this.outside = createOutside(this.#disk);
    this.crashedAt = undefined;
  }

  /** Another machine, with the disk as a power cut would leave it. */
  copyAfterPowerLoss(kind: PowerLossKind): Machine {
    return new Machine(this.#options, this.#afterPowerLoss(kind));
  }

  #afterPowerLoss(kind: PowerLossKind): Disk {
    return diskAfterPowerLoss(this.#disk, kind, this.#random, this.#now);
  }

  #startProcess(deviceBytesMax: number | undefined): MemoryFileSystem {
    const files = new MemoryFileSystem(this.#disk, this.#options.descriptorsMax ?? Number.POSITIVE_INFINITY);
    files.deviceBytesMax = deviceBytesMax;
    return files;
  }

  #fail<T>(fault: Fault, { verb, paths, fd }: MachineCall, action: (writeBytesMax: number) => T): T {
    if ("shortWriteBytes" in fault) return action(fault.shortWriteBytes);
    if ("crash" in fault) {
      if (verb === "write" && fault.afterBytes !== undefined) action(fault.afterBytes);
      this.crashedAt = this.operations.length + 1;
      throw new SimulatedCrash(this.crashedAt);
    }
    if (fd !== undefined && verb === "sync") this.files.loseDirtyPages(fd);
    // close(2): the descriptor is gone whatever the call returns. Action throws when it was not open.
    if (verb === "close") action(0);
    throw createSystemError(fault.error, syscallOf[verb] ?? verb, ...(fd === undefined ? paths : []));
  }
}
