import type { FileSystem } from "@waybill/protocols";
import type { Fault, InjectedFault, Verb } from "./fault.ts";
import type { PowerLossKind } from "./file-content.ts";
import { type FaultyFileSystemOptions, Machine, type Operation } from "./machine.ts";
import type { Outside } from "./outside.ts";
import { powerLossKinds } from "./power-loss.ts";

/** A file system as it is found after a power cut. */
export interface PowerLossState {
  readonly kind: PowerLossKind;
  /** Independent of the original; without faults and operations. */
  readonly fileSystem: FaultyFileSystem;
}

/** A whole file system in memory that fails on request, with controls beside the port. */
export interface FaultyFileSystem extends FileSystem {
  readonly seed: number;
  /** Every call since creation or {@link FaultyFileSystem.clearOperations}, in order. Kept without limit. */
  readonly operations: readonly Operation[];
  /** Descriptors open now, to find leaks. */
  readonly openDescriptors: number;
  /** Whether the process is dead: see {@link FaultyFileSystem.restart}. */
  readonly crashed: boolean;
  /** What other processes do to the same files. */
  readonly outside: Outside;
  /** @throws {RangeError} for an error code that this platform does not know. */
  inject(fault: Fault): InjectedFault;
  clearFaults(): void;
  /** Forgets the calls; the next one is number 1. */
  clearOperations(): void;
  /** @param bytes - undefined = no limit. Below what is used now, every write that needs room fails. */
  setDeviceLimit(bytes: number | undefined): void;
  /**
   * The process ends (by SIGKILL or otherwise) and a new one begins: all descriptors are closed, everything written
   * stays. Faults stay too, so that recovery can be hit.
   */
  restart(): void;
  /** The power fails and comes back: {@link FaultyFileSystem.restart} from what the device holds. */
  restartAfterPowerLoss(kind: PowerLossKind): void;
  /** What each of the four kinds of power cut would leave now. Ask again for other random ones. */
  powerLossStates(): readonly PowerLossState[];
}

/** The calls of the port, each counted and open to faults. */
function portOf(machine: Machine): FileSystem {
  const onPath = <T>(verb: Verb, paths: readonly string[], action: () => T): T =>
    machine.perform({ verb, paths }, action);
  const onDescriptor = <T>(verb: Verb, fd: number, action: (writeBytesMax: number) => T): T => {
    const path = machine.files.descriptors.find(fd)?.path;
    return machine.perform({ verb, fd, paths: path === undefined ? [] : [path] }, action);
  };
  return {
    open: (path, flags) => onPath("open", [path], () => machine.files.open(path, flags)),
    write: (fd, bytes, offset, length) =>
      onDescriptor("write", fd, (writeBytesMax) =>
        machine.files.write(fd, bytes, offset, Math.min(length, writeBytesMax)),
      ),
    read: (fd, bytes, offset, length, position) =>
      onDescriptor("read", fd, () => machine.files.read(fd, bytes, offset, length, position)),
    truncate: (fd, length) => onDescriptor("truncate", fd, () => machine.files.truncate(fd, length)),
    sync: (fd) => onDescriptor("sync", fd, () => machine.files.sync(fd)),
    syncDirectory: (path) => onPath("syncDirectory", [path], () => machine.files.syncDirectory(path)),
    close: (fd) => onDescriptor("close", fd, () => machine.files.close(fd)),
    stat: (fd) => onDescriptor("stat", fd, () => machine.files.stat(fd)),
    lstat: (path) => onPath("lstat", [path], () => machine.files.lstat(path)),
    rename: (from, to) => onPath("rename", [from, to], () => machine.files.rename(from, to)),
    link: (existing, added) => onPath("link", [existing, added], () => machine.files.link(existing, added)),
    unlink: (path) => onPath("unlink", [path], () => machine.files.unlink(path)),
    mkdir: (path) => onPath("mkdir", [path], () => machine.files.mkdir(path)),
    rmdir: (path) => onPath("rmdir", [path], () => machine.files.rmdir(path)),
    readdir: (path) => onPath("readdir", [path], () => machine.files.readdir(path)),
  };
}

function controlled(machine: Machine): FaultyFileSystem {
  return {
    ...portOf(machine),
    seed: machine.seed,
    operations: machine.operations,
    get openDescriptors() {
      return machine.files.descriptors.count;
    },
    get crashed() {
      return machine.crashedAt !== undefined;
    },
    get outside() {
      return machine.outside;
    },
    inject: (fault) => machine.faults.inject(fault),
    clearFaults: () => machine.faults.clear(),
    clearOperations() {
      machine.operations.length = 0;
    },
    setDeviceLimit(bytes) {
      machine.files.deviceBytesMax = bytes;
    },
    restart: () => machine.restart(),
    restartAfterPowerLoss: (kind) => machine.restartAfterPowerLoss(kind),
    powerLossStates: () =>
      powerLossKinds.map((kind) => ({ kind, fileSystem: controlled(machine.copyAfterPowerLoss(kind)) })),
  };
}

/**
 * Creates an empty file system in memory that behaves as `node:fs` on Linux does, and that can be told to fail.
 *
 * What a power cut leaves follows ext4: bytes are durable after `sync` of the file; names after `syncDirectory`, and
 * the name of a new file also after `sync` of the file; both halves of a rename together; `mkdir` at once. Modes and
 * permissions are not modelled: inject `EACCES`.
 */
export function createFaultyFileSystem(options: FaultyFileSystemOptions = {}): FaultyFileSystem {
  return controlled(new Machine(options));
}
