import { openTree, openTreeLedger } from "@waybill/log-tree";
import { createFakeClock, createFaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { sweepLeftLocks, sweepLeftState } from "./left-state.ts";

const root = "/logs";
const dead = JSON.stringify({ host: "other", pid: 999_999, started: "", holder: "p" });

function createScene() {
  const clock = createFakeClock();
  const fileSystem = createFaultyFileSystem({ clock });
  const { layout } = openTree(root, { coordinatorId: "main", fileSystem, clock });
  return { clock, fileSystem, layout, ports: { clock, fileSystem, signal: new AbortController().signal } };
}

describe("sweepLeftLocks", () => {
  it("removes unreadable old locks of directories that are gone, and leaves those of directories that stand", async () => {
    const { clock, fileSystem, layout, ports } = createScene();
    fileSystem.mkdir(`${root}/containers/stands`, 0o750);
    for (const name of [
      "containers%2Fstands",
      "containers%2Fgone",
      "%2E",
      `${"x".repeat(111)}~0123456789abcdef`,
    ])
      fileSystem.outside.writeFile(`${layout.locks}/${name}`, "damaged");
    fileSystem.outside.writeFile(`${layout.locks}/containers%2Felsewhere`, dead);
    clock.advance(3_600_001);
    await sweepLeftLocks(layout, ports);
    expect(
      fileSystem
        .readdir(layout.locks)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual([
      "%2E",
      "containers%2Felsewhere",
      "containers%2Fstands",
      `${"x".repeat(111)}~0123456789abcdef`,
    ]);
  });
});

describe("sweepLeftState", () => {
  it("removes floors of containers that are gone, and tells the ledger", async () => {
    const { clock, fileSystem, layout, ports } = createScene();
    fileSystem.outside.writeFile(layout.floorFile(`${root}/containers/gone/main.log`), "12345");
    const ledger = await openTreeLedger(root, { fileSystem });
    const before = ledger.totals.bytes;
    clock.advance(31 * 86_400_000);
    await sweepLeftState(ledger, ports);
    expect(ledger.totals.bytes).toBe(before - 5);
  });
});
