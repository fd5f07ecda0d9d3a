import * as fs from "node:fs";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";

/** The calls that wait for the disk to have written: tens of milliseconds each when it is busy. */
export interface SlowCalls {
  /** fsync of a file. @throws the error of the file system, as a rejection. */
  sync(fd: number): Promise<void>;
  /** fsync of a directory; nothing where the system has none (Windows). @throws likewise. */
  syncDirectory(path: string): Promise<void>;
}

/** Beside the event loop, by the thread pool of Node. */
const nodeCalls: SlowCalls = {
  sync: (fd) => promised((done) => fs.fsync(fd, done)),
  async syncDirectory(path) {
    if (process.platform === "win32") return;
    const fd = await promised<number>((done) => fs.open(path, fs.constants.O_RDONLY, done));
    try {
      await promised<void>((done) => fs.fsync(fd, done));
    } finally {
      await promised<void>((done) => fs.close(fd, done));
    }
  },
};

/** Those of a file system: on this machine beside the event loop, of any other one at once. */
export function slowCallsOf(fileSystem: FileSystem): SlowCalls {
  if (fileSystem === nodeFileSystem) return nodeCalls;
  return {
    sync: async (fd) => fileSystem.sync(fd),
    syncDirectory: async (path) => fileSystem.syncDirectory(path),
  };
}

function promised<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
  });
}
