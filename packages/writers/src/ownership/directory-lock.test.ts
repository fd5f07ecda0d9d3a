import { constants } from "node:fs";
import type { FileSystem } from "@waybill/protocols";
import {
  createFaultyFileSystem,
  type FaultyFileSystem,
  forEachFaultPoint,
  SimulatedCrash,
} from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createFakeProcesses, type FakeProcesses } from "../../test/support/fake-processes.ts";
import { interleave } from "../../test/support/interleaved-file-system.ts";
import { createDirectoryLocks, type DirectoryLocks, defaultLockFile } from "./directory-lock.ts";
import { formatHolder } from "./lock-owner.ts";
import type { ProcessTable } from "./process-identity.ts";

const lockFile = "/logs/.waybill.lock";
const deadOwner = { host: "h1", pid: 999, started: "s999", holder: "p" };

interface Scene {
  readonly files: FaultyFileSystem;
  readonly processes: FakeProcesses;
}

function createScene(content?: string, files = createFaultyFileSystem()): Scene {
  files.outside.makeDirectory("/logs");
  if (content !== undefined) files.outside.writeFile(lockFile, content);
  return { files, processes: createFakeProcesses() };
}

function locksOf(scene: Scene, pid: number, files: FileSystem = scene.files, holder = "p"): DirectoryLocks {
  return createDirectoryLocks(files, scene.processes.start(pid), holder);
}

function namesOf({ files }: Pick<Scene, "files">): string[] {
  return files.readdir("/logs").map(({ name }) => name);
}

function pidOfLock({ files }: Pick<Scene, "files">): unknown {
  return JSON.parse(files.outside.readText(lockFile)).pid;
}

function codeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

describe("acquiring a lock", () => {
  it("gives it to the first and refuses the second while the first runs", () => {
    const scene = createScene();
    expect([1, 2].map((pid) => locksOf(scene, pid).acquire(lockFile))).toEqual([true, false]);
    expect([namesOf(scene), pidOfLock(scene)]).toEqual([[".waybill.lock"], 1]);
  });

  it("refuses another holder of the same process, and finds what the same holder has", () => {
    const scene = createScene();
    const locks = locksOf(scene, 1);
    const other = locksOf(scene, 1, scene.files, "q");
    const same = locksOf(scene, 1);
    expect([locks, locks, other, same].map((each) => each.acquire(lockFile))).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it("takes over from a process that has ended", () => {
    const scene = createScene(JSON.stringify(deadOwner));
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(true);
    expect([namesOf(scene), pidOfLock(scene)]).toEqual([[".waybill.lock"], 1]);
  });

  it("takes over from a process whose pid is used by a later one, its own too", () => {
    const scene = createScene(JSON.stringify({ ...deadOwner, pid: 1, started: "before" }));
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(true);
    expect(JSON.parse(scene.files.outside.readText(lockFile)).started).toBe("s1");
  });

  it("takes over from a thread of its own process that has ended, and from no other", () => {
    const scene = createScene();
    const table = scene.processes.start(1);
    const ended = new Set<string | undefined>();
    const processes: ProcessTable = {
      ...table,
      isRunning: (identity) => table.isRunning(identity) && !ended.has(identity.thread),
    };
    const [first, second] = ["7/70", "8/80"].map((thread) =>
      createDirectoryLocks(scene.files, processes, formatHolder("p", thread)),
    );
    expect(first?.acquire(lockFile)).toBe(true);
    expect(second?.acquire(lockFile)).toBe(false);
    ended.add("7/70");
    expect(second?.acquire(lockFile)).toBe(true);
    expect(second?.partName).toBe("1-p");
  });

  it("does not take over from another host", () => {
    const scene = createScene(JSON.stringify({ ...deadOwner, host: "h2" }));
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(false);
  });

  it("writes nothing when it is refused", () => {
    const scene = createScene(JSON.stringify({ ...deadOwner, host: "h2" }));
    locksOf(scene, 1).acquire(lockFile);
    expect(scene.files.operations.map(({ verb }) => verb)).toEqual(["open", "stat", "read", "close"]);
  });

  it.each([
    ["empty", ""],
    ["no JSON", "\0\0\0"],
    ["half", '{"host":"h2","pid":1'],
    ["null", "null"],
    ["an array", "[]"],
    ["without pid", '{"host":"h2","started":"","holder":""}'],
    ["of pid 0, a whole group of processes", JSON.stringify({ ...deadOwner, host: "h2", pid: 0 })],
    ["of no whole pid", JSON.stringify({ ...deadOwner, host: "h2", pid: 1.5 })],
    ["of a numeric holder", JSON.stringify({ ...deadOwner, host: "h2", holder: 1 })],
    ["huge", `${JSON.stringify({ ...deadOwner, host: "h2" })}${" ".repeat(10_000)}`],
  ])("takes over a file that is no lock: %s", (_, content) => {
    const scene = createScene(content);
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(true);
    expect([namesOf(scene), pidOfLock(scene)]).toEqual([[".waybill.lock"], 1]);
  });

  it("leaves a directory of the name alone", () => {
    const scene = createScene();
    scene.files.outside.makeDirectory(lockFile);
    expect(codeOf(() => locksOf(scene, 1).acquire(lockFile))).toBe("EISDIR");
    expect([namesOf(scene), scene.files.openDescriptors]).toEqual([[".waybill.lock"], 0]);
  });

  it.skipIf(process.platform === "win32")(
    "waits for nobody to open a pipe of the name, and leaves it alone",
    () => {
      const scene = createScene("");
      let flagsOfLock = 0;
      const files: FileSystem = {
        ...scene.files,
        open(path, flags, mode) {
          if (path === lockFile) flagsOfLock = flags;
          return scene.files.open(path, flags, mode);
        },
        stat: (fd) => ({ ...scene.files.stat(fd), kind: "other" }),
      };
      expect(codeOf(() => locksOf(scene, 1, files).acquire(lockFile))).toBe("EISDIR");
      expect(flagsOfLock & constants.O_NONBLOCK).toBe(constants.O_NONBLOCK);
      expect([namesOf(scene), scene.files.openDescriptors]).toEqual([[".waybill.lock"], 0]);
    },
  );

  it("leaves a symbolic link of the name, and what it leads to, alone", () => {
    const scene = createScene();
    scene.files.outside.writeFile("/precious", "data");
    scene.files.outside.symlink("/precious", lockFile);
    expect(codeOf(() => locksOf(scene, 1).acquire(lockFile))).toBe("ELOOP");
    expect([namesOf(scene), scene.files.outside.readText("/precious")]).toEqual([[".waybill.lock"], "data"]);
  });

  it("writes the lock whole when the system takes it in pieces", () => {
    const scene = createScene();
    scene.files.inject({ shortWriteBytes: 7, times: 3 });
    expect([1, 2].map((pid) => locksOf(scene, pid).acquire(lockFile))).toEqual([true, false]);
  });

  it.each([
    ["open", undefined],
    ["write", undefined],
    ["close", undefined],
    ["link", undefined],
    ["read", JSON.stringify(deadOwner)],
    ["rename", JSON.stringify(deadOwner)],
  ] as const)("throws what the file system throws, and leaves nothing behind: %s", (verb, content) => {
    const scene = createScene(content);
    const names = namesOf(scene);
    scene.files.inject({ verb, error: "EACCES" });
    expect(codeOf(() => locksOf(scene, 1).acquire(lockFile))).toBe("EACCES");
    expect([namesOf(scene), scene.files.openDescriptors]).toEqual([names, 0]);
  });

  it("leaves nothing behind on a full disk", () => {
    const scene = createScene();
    scene.files.setDeviceLimit(10);
    expect(codeOf(() => locksOf(scene, 1).acquire(lockFile))).toBe("ENOSPC");
    expect([namesOf(scene), scene.files.openDescriptors]).toEqual([[], 0]);
  });

  it("takes the lock again when somebody has removed it, and is refused when somebody has taken it since", () => {
    const scene = createScene();
    const locks = locksOf(scene, 1);
    locks.acquire(lockFile);
    scene.files.outside.unlink(lockFile);
    expect([locks.acquire(lockFile), pidOfLock(scene)]).toEqual([true, 1]);
    scene.files.outside.unlink(lockFile);
    expect([locksOf(scene, 2).acquire(lockFile), locks.acquire(lockFile)]).toEqual([true, false]);
  });

  it("passes guards whose holders were killed, and leaves none", () => {
    const scene = createScene(JSON.stringify(deadOwner));
    for (const guard of [`${lockFile}.guard`, `${lockFile}.guard.guard`]) {
      scene.files.outside.writeFile(guard, JSON.stringify(deadOwner));
    }
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(true);
    expect(namesOf(scene)).toEqual([".waybill.lock"]);
  });

  it("is refused while another one takes over", () => {
    const scene = createScene(JSON.stringify(deadOwner));
    scene.processes.start(2);
    scene.files.outside.writeFile(
      `${lockFile}.guard`,
      JSON.stringify({ ...deadOwner, pid: 2, started: "s2" }),
    );
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(false);
    expect(namesOf(scene)).toEqual([".waybill.lock", ".waybill.lock.guard"]);
  });

  it("gives up behind more guards than there ever are", () => {
    const scene = createScene(JSON.stringify(deadOwner));
    for (let guards = 1; guards <= 8; guards++) {
      scene.files.outside.writeFile(lockFile + ".guard".repeat(guards), JSON.stringify(deadOwner));
    }
    expect(locksOf(scene, 1).acquire(lockFile)).toBe(false);
  });

  it("gives up when others take and release the lock all the time", () => {
    const scene = createScene();
    const files: FileSystem = {
      ...scene.files,
      link: () => {
        throw Object.assign(new Error("exists"), { code: "EEXIST" });
      },
    };
    expect([locksOf(scene, 1, files).acquire(lockFile), namesOf(scene)]).toEqual([false, []]);
  });
});

describe("releasing locks", () => {
  it("removes those that this object took, and no others", () => {
    const scene = createScene();
    const [own, foreign] = [locksOf(scene, 1), locksOf(scene, 2)];
    own.acquire(lockFile);
    own.acquire("/logs/second");
    foreign.acquire("/logs/foreign");
    own.acquire("/logs/foreign");
    own.releaseAll();
    expect(namesOf(scene)).toEqual(["foreign"]);
    expect(foreign.acquire(lockFile)).toBe(true);
  });

  it("leaves a lock that was replaced from outside", () => {
    const scene = createScene();
    const locks = locksOf(scene, 1);
    locks.acquire(lockFile);
    scene.files.outside.replaceFile(lockFile, JSON.stringify({ ...deadOwner, host: "h2" }));
    locks.releaseAll();
    expect(pidOfLock(scene)).toBe(999);
  });

  it("leaves a lock of another holder of its process", () => {
    const scene = createScene();
    const locks = locksOf(scene, 1);
    locks.acquire(lockFile);
    scene.files.outside.unlink(lockFile);
    locksOf(scene, 1, scene.files, "q").acquire(lockFile);
    locks.releaseAll();
    expect(namesOf(scene)).toEqual([".waybill.lock"]);
  });

  it("does not throw when it fails, and can be tried again", () => {
    const scene = createScene();
    const locks = locksOf(scene, 1);
    locks.acquire(lockFile);
    scene.files.inject({ error: "EIO", times: Number.POSITIVE_INFINITY });
    expect(() => locks.releaseAll()).not.toThrow();
    scene.files.clearFaults();
    expect(namesOf(scene)).toEqual([".waybill.lock"]);
    locks.releaseAll();
    locks.releaseAll();
    expect(namesOf(scene)).toEqual([]);
  });

  it("removes a guard that could not be removed after a takeover", () => {
    const scene = createScene(JSON.stringify(deadOwner));
    scene.files.inject({ verb: "unlink", path: /guard$/, error: "EIO" });
    const locks = locksOf(scene, 1);
    expect([locks.acquire(lockFile), namesOf(scene)]).toEqual([
      true,
      [".waybill.lock", ".waybill.lock.guard"],
    ]);
    locks.releaseAll();
    expect(namesOf(scene)).toEqual([]);
  });
});

describe("several contenders", () => {
  const starts: readonly (readonly [string, string | undefined, number])[] = [
    ["a free lock", undefined, 0],
    ["a stale lock", JSON.stringify(deadOwner), 0],
    ["an unreadable lock", "", 0],
    ["a stale lock and a stale guard", JSON.stringify(deadOwner), 1],
  ];

  function begin(content: string | undefined, guards: number): Scene {
    const scene = createScene(content);
    if (guards > 0) scene.files.outside.writeFile(`${lockFile}.guard`, JSON.stringify(deadOwner));
    return scene;
  }

  /** File-system calls of one that is not disturbed. */
  function callsOf(content: string | undefined, guards: number): number {
    const scene = begin(content, guards);
    locksOf(scene, 1).acquire(lockFile);
    return scene.files.operations.length;
  }

  function check(scene: Scene, outcomes: readonly boolean[], where: string): void {
    const owners = outcomes.flatMap((isOwner, index) => (isOwner ? [index + 1] : []));
    expect({ where, owners, names: namesOf(scene) }).toEqual({
      where,
      owners: [pidOfLock(scene)],
      names: [".waybill.lock"],
    });
  }

  it.each(starts)("have one owner wherever the second runs within the first: %s", (_, content, guards) => {
    const calls = callsOf(content, guards);
    expect(calls).toBeGreaterThan(5);
    for (let at = 1; at <= calls; at++) {
      const scene = begin(content, guards);
      let second = false;
      const files = interleave(scene.files, (call) => {
        if (call === at) second = locksOf(scene, 2).acquire(lockFile);
      });
      const first = locksOf(scene, 1, files).acquire(lockFile);
      check(scene, [first, second], `${at}`);
    }
  });

  it.each(starts)("have one owner wherever the third runs within both others: %s", (_, content, guards) => {
    // A disturbed one makes more calls; what lies behind its last is the case of no disturbance.
    const calls = callsOf(content, guards) + 6;
    for (let at = 1; at <= calls; at++) {
      for (let within = 1; within <= calls; within++) {
        for (const isNested of [true, false]) {
          const scene = begin(content, guards);
          const outcomes = [false, false, false];
          const runThird = () => {
            outcomes[2] = locksOf(scene, 3).acquire(lockFile);
          };
          const runSecond = () => {
            const files = interleave(scene.files, (call) => {
              if (isNested && call === within) runThird();
            });
            outcomes[1] = locksOf(scene, 2, files).acquire(lockFile);
          };
          const files = interleave(scene.files, (call) => {
            if (call === at) runSecond();
            if (!isNested && call === at + within) runThird();
          });
          outcomes[0] = locksOf(scene, 1, files).acquire(lockFile);
          check(scene, outcomes, `${at} ${within} ${isNested}`);
        }
      }
    }
  });

  it.each(starts)(
    "have at most one owner though one is killed in the midst of it: %s",
    (_, content, guards) => {
      const calls = callsOf(content, guards) + 6;
      for (let at = 1; at <= calls; at++) {
        for (let death = 1; death <= calls; death++) {
          const scene = begin(content, guards);
          let second = false;
          const runSecond = () => {
            const dying = interleave(scene.files, (call) => {
              if (call >= death) throw new SimulatedCrash(call);
            });
            const outcome = codeOf(() => locksOf(scene, 2, dying).acquire(lockFile));
            second = outcome === true && death > calls;
            scene.processes.end(2);
          };
          const files = interleave(scene.files, (call) => {
            if (call === at) runSecond();
          });
          const first = locksOf(scene, 1, files).acquire(lockFile);
          const third = locksOf(scene, 3).acquire(lockFile);
          expect({ at, death, owners: [first, second, third].filter(Boolean).length }).toEqual({
            at,
            death,
            owners: 1,
          });
          expect(pidOfLock(scene)).toBe(first ? 1 : 3);
        }
      }
    },
  );
});

describe("every call to the file system, failed and killed once", () => {
  it.each([
    ["a free lock", undefined],
    ["a stale lock", JSON.stringify(deadOwner)],
  ])("leaves the old owner or the new one, and the next process takes over: %s", async (_, content) => {
    const scenes = new Map<FaultyFileSystem, { scene: Scene; outcome: unknown }>();
    const report = await forEachFaultPoint(
      (files) => {
        const scene = { files, processes: createFakeProcesses() };
        const run = { scene, outcome: undefined as unknown };
        scenes.set(files, run);
        run.outcome = locksOf(scene, 1).acquire(lockFile);
      },
      {
        create: (seed) => createScene(content, createFaultyFileSystem({ seed })).files,
        verify: (files, { mode }) => {
          const { scene, outcome } = scenes.get(files) as { scene: Scene; outcome: unknown };
          const hasLock = namesOf(scene).includes(".waybill.lock");
          const owner = hasLock ? pidOfLock(scene) : undefined;
          expect([content === undefined ? undefined : 999, 1]).toContain(owner);
          // Whoever was told that it owns the lock does so.
          expect(outcome !== true || owner === 1).toBe(true);
          const isKilled = mode === "crash" || mode === "torn";
          const litter = namesOf(scene).filter((name) => name.includes(".draft-"));
          expect(isKilled || mode === "stuck" ? 0 : litter.length).toBeLessThanOrEqual(1);
          expect(files.openDescriptors).toBe(0);
          scene.processes.end(1);
          expect(locksOf(scene, 2).acquire(lockFile)).toBe(true);
          expect(pidOfLock(scene)).toBe(2);
          expect(namesOf(scene).filter((name) => name.endsWith("guard"))).toEqual([]);
        },
      },
    );
    expect(report.runs).toBeGreaterThan(15);
  });

  it("keeps the lock in the process that failed once and tries again", async () => {
    const report = await forEachFaultPoint(
      (files) => {
        const scene = { files, processes: createFakeProcesses() };
        const locks = locksOf(scene, 1);
        codeOf(() => locks.acquire(lockFile));
        files.clearFaults();
        expect([locks.acquire(lockFile), locksOf(scene, 2).acquire(lockFile)]).toEqual([true, false]);
        locks.releaseAll();
        expect(locksOf(scene, 2).acquire(lockFile)).toBe(true);
      },
      {
        modes: ["once"],
        create: (seed) => createScene(JSON.stringify(deadOwner), createFaultyFileSystem({ seed })).files,
        verify: (files) => expect(pidOfLock({ files })).toBe(2),
      },
    );
    expect(report.operations).toBeGreaterThan(20);
  });
});

it("lies in the directory by default", () => {
  expect(defaultLockFile("/logs/c1").replaceAll("\\", "/")).toBe("/logs/c1/.waybill.lock");
});
