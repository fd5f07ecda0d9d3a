import { createFaultyFileSystem, type FaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createFakeProcesses } from "../../test/support/fake-processes.ts";
import { createDirectoryLocks } from "./directory-lock.ts";
import { formatHolder } from "./lock-owner.ts";
import { isLockedByOthers } from "./locked-by-others.ts";
import { currentThread } from "./process-identity.ts";

const lockFile = "/logs/a.lock";

/** Process 1 looks, process 2 is another. */
function scene(): {
  readonly files: FaultyFileSystem;
  readonly take: (pid: 1 | 2, holder?: string) => void;
  readonly end: () => void;
  readonly isOthers: () => boolean;
} {
  const files = createFaultyFileSystem();
  files.outside.makeDirectory("/logs");
  const processes = createFakeProcesses();
  const tables = { 1: processes.start(1), 2: processes.start(2) };
  return {
    files,
    take: (pid, holder = formatHolder("p", currentThread())) =>
      void createDirectoryLocks(files, tables[pid], holder).acquire(lockFile),
    end: () => processes.end(2),
    isOthers: () => isLockedByOthers(lockFile, { fileSystem: files, processes: tables[1] }),
  };
}

describe("asking for the lock of a directory", () => {
  it("finds nobody where there is no lock, and nobody else where it is our own", () => {
    const { isOthers, take } = scene();
    expect(isOthers()).toBe(false);
    take(1);
    expect(isOthers()).toBe(false);
  });

  it("finds another process as long as it runs, and changes nothing", () => {
    const { isOthers, take, end, files } = scene();
    take(2);
    const before = files.outside.readText(lockFile);
    expect(isOthers()).toBe(true);
    end();
    expect(isOthers()).toBe(false);
    expect(files.outside.readText(lockFile)).toBe(before);
  });

  it("finds another thread of this process", () => {
    const { isOthers, take } = scene();
    take(1, "p@4711/1");
    expect(isOthers()).toBe(true);
  });

  it("takes a process of another host for running", () => {
    const { isOthers, files } = scene();
    files.outside.writeFile(lockFile, JSON.stringify({ host: "h2", pid: 2, started: "other", holder: "p" }));
    expect(isOthers()).toBe(true);
  });

  it("takes what is no lock for nobody's, and what it cannot read for somebody's", () => {
    const { isOthers, files } = scene();
    files.outside.writeFile(lockFile, "no lock");
    expect(isOthers()).toBe(false);
    files.inject({ verb: "open", error: "EACCES" });
    expect(isOthers()).toBe(true);
  });
});
