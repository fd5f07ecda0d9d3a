import type { FileSystem } from "@waybill/protocols";
import { SimulatedCrash } from "@waybill/testing";

/** The so-and-so-many-th call fails, or is the last of its process. */
export interface Failure {
  readonly calls: number;
  /** Only calls that remove a file count. */
  readonly isOfUnlink: boolean;
  readonly how: "crash" | "EIO" | "ENOSPC";
}

/** The file system as one process has it; others look at the same files past it. */
export interface FailingPort {
  readonly fileSystem: FileSystem;
  /** False once a call was the last of the process: each one fails then. */
  readonly isAlive: boolean;
  /** Made since the last {@link FailingPort.begin}. */
  readonly calls: number;
  /** Counts anew, down to the failure if there is one. */
  begin(failure: Failure | undefined): void;
  /** The failure that has not come yet will not come. */
  forget(): void;
  /** The process is over. */
  end(): void;
}

/** @param onWrite - told after each write. */
export function createFailingPort(files: FileSystem, onWrite: () => void): FailingPort {
  const state = { isAlive: true, calls: 0 };
  let failure: (Omit<Failure, "calls"> & { calls: number }) | undefined;

  function count(isUnlink: boolean): void {
    if (!state.isAlive) throw new SimulatedCrash(state.calls);
    state.calls += 1;
    if (failure === undefined || (failure.isOfUnlink && !isUnlink)) return;
    failure.calls -= 1;
    if (failure.calls > 0) return;
    const { how } = failure;
    failure = undefined;
    if (how !== "crash") throw Object.assign(new Error(`${how}: simulated`), { code: how });
    state.isAlive = false;
    throw new SimulatedCrash(state.calls);
  }

  function counted<Args extends readonly unknown[], Result>(
    method: (...args: Args) => Result,
    isUnlink = false,
  ): (...args: Args) => Result {
    return (...args) => {
      count(isUnlink);
      return method(...args);
    };
  }

  return {
    fileSystem: {
      write: counted((fd: number, bytes: Uint8Array, offset: number, length: number) => {
        const written = files.write(fd, bytes, offset, length);
        onWrite();
        return written;
      }),
      open: counted(files.open),
      read: counted(files.read),
      truncate: counted(files.truncate),
      sync: counted(files.sync),
      syncDirectory: counted(files.syncDirectory),
      close: counted(files.close),
      stat: counted(files.stat),
      lstat: counted(files.lstat),
      rename: counted(files.rename),
      link: counted(files.link),
      unlink: counted(files.unlink, true),
      mkdir: counted(files.mkdir),
      rmdir: counted(files.rmdir),
      readdir: counted(files.readdir),
    },
    get isAlive() {
      return state.isAlive;
    },
    get calls() {
      return state.calls;
    },
    begin(next) {
      state.calls = 0;
      failure = next && { ...next };
    },
    forget() {
      failure = undefined;
    },
    end() {
      state.isAlive = false;
    },
  };
}
