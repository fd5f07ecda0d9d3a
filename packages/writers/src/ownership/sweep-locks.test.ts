import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createFakeProcesses } from "../../test/support/fake-processes.ts";
import { createDirectoryLocks } from "./directory-lock.ts";
import { sweepLocks } from "./sweep-locks.ts";

const directory = "/locks";
const draft = "containers%2Fa.draft-0123456789abcdef";
const guard = "containers%2Fa.guard";
const hourMs = 3_600_000;
const dead = JSON.stringify({ host: "h1", pid: 999, started: "s999", holder: "p" });
const living = JSON.stringify({ host: "h1", pid: 2, started: "s2", holder: "p" });
const elsewhere = JSON.stringify({ host: "h2", pid: 999, started: "s999", holder: "p" });

function createScene(names: Readonly<Record<string, string>>) {
  const clock = createFakeClock();
  const files = createFaultyFileSystem({ clock });
  files.outside.makeDirectory(directory);
  for (const [name, content] of Object.entries(names))
    files.outside.writeFile(`${directory}/${name}`, content);
  const table = createFakeProcesses();
  table.start(2);
  const processes = table.start(1);
  const left = (): string[] => files.readdir(directory).map(({ name }) => name);
  return { clock, files, left, options: { fileSystem: files, processes, clock } };
}

describe("sweepLocks", () => {
  it("removes drafts and guards of processes that have ended, guards of guards too, and leaves nothing itself", async () => {
    const { left, options } = createScene({ [draft]: dead, [guard]: dead, [`${guard}.guard`]: dead });
    const removed = await sweepLocks(directory, options);
    // The guard of a guard goes while that one is taken over.
    expect(removed).toEqual([draft, guard].map((name) => `${directory}/${name}`));
    expect(left()).toEqual([]);
  });

  it.each<[string, string]>([
    ["runs", living],
    ["is of another host, of which nobody can tell", elsewhere],
  ])("leaves what belongs to a process that %s", async (_, owner) => {
    const { left, options } = createScene({ [draft]: owner, [guard]: owner, "containers%2Fb": owner });
    expect(await sweepLocks(directory, { ...options, isUseless: () => true })).toEqual([]);
    expect(left()).toHaveLength(3);
  });

  it("leaves a draft that is being written, and takes it for left behind after an hour", async () => {
    const { clock, left, options } = createScene({ [draft]: "" });
    clock.advance(hourMs);
    expect(await sweepLocks(directory, options)).toEqual([]);
    clock.advance(1);
    await sweepLocks(directory, options);
    expect(left()).toEqual([]);
  });

  it("leaves stale locks for those who take them over, but for those that are told to be useless", async () => {
    const { left, options } = createScene({ "containers%2Fa": dead, "containers%2Fgone": dead });
    expect(await sweepLocks(directory, options)).toEqual([]);
    const isUseless = (name: string): boolean => name === "containers%2Fgone";
    await sweepLocks(directory, { ...options, isUseless });
    expect(left()).toEqual(["containers%2Fa"]);
  });

  it("does not give back what this process has taken, or takes at this moment", async () => {
    const { files, left, options } = createScene({ "containers%2Fb": dead });
    const locks = createDirectoryLocks(files, options.processes, "pool");
    locks.acquire(`${directory}/containers%2Fa`);
    const isUseless = (name: string): boolean => {
      if (name === "containers%2Fb") locks.acquire(`${directory}/${name}`);
      return true;
    };
    expect(await sweepLocks(directory, { ...options, isUseless })).toEqual([]);
    expect(left()).toEqual(["containers%2Fa", "containers%2Fb"]);
  });

  it("goes on after a file that cannot be removed, and does nothing where there is no directory", async () => {
    const { files, options } = createScene({ [draft]: dead, [guard]: dead });
    files.inject({ verb: "rename", path: draft, error: "EACCES" });
    expect(await sweepLocks(directory, options)).toEqual([`${directory}/${guard}`]);
    expect(await sweepLocks("/none", options)).toEqual([]);
  });

  it("ends at its signal", async () => {
    const { options } = createScene({ [draft]: dead });
    await expect(sweepLocks(directory, { ...options, signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
