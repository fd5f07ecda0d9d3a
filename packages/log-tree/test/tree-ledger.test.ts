import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { nodeFileSystem } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { openTreeLedger } from "../src/tree-ledger.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();

function treeOf(files: Readonly<Record<string, number>>): string {
  const root = temporaryDirectory();
  for (const [file, bytes] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), "x".repeat(bytes));
  }
  return root;
}

const active = "containers/c/app.log";

describe("openTreeLedger", () => {
  it("counts segments by state and kind, and our own state", async () => {
    const root = treeOf({
      [active]: 10,
      "containers/c/app.20261122T103001123Z-000001.log.gz": 4,
      "master.log": 3,
      ".waybill/manifests/a.ndjson": 2,
      "foreign.txt": 100,
    });
    const ledger = await openTreeLedger(root);
    expect(ledger.totals).toEqual({
      bytes: 19,
      bytesByState: { active: 13, sealed: 4, archived: 0, temporary: 0, aside: 0 },
      filesByState: { active: 2, sealed: 1, archived: 0, temporary: 0, aside: 0 },
      bytesByKind: { container: 14, flow: 0, correlation: 0, system: 0, master: 3 },
      stateBytes: 2,
    });
    expect([ledger.containerBytes("c"), ledger.containerBytes("none")]).toEqual([14, 0]);
    expect(ledger.containers()).toEqual([{ container: "c", bytes: 14, files: 2, activeFiles: ["app.log"] }]);
  });

  it("counts what writers set aside to its container and to the total, and follows it when it goes", async () => {
    const aside = "containers/c/app.20261122T103001123Z.quarantine";
    const root = treeOf({ [aside]: 3_000_000, "containers/c/app.log": 10 });
    const ledger = await openTreeLedger(root);
    expect(ledger.totals).toMatchObject({ bytes: 3_000_010, bytesByState: { aside: 3_000_000 } });
    expect(ledger.containerBytes("c")).toBe(3_000_010);
    expect(ledger.containers()).toMatchObject([{ files: 2, activeFiles: ["app.log"] }]);
    rmSync(path.join(root, aside));
    ledger.note(aside);
    expect(ledger.totals).toMatchObject({ bytes: 10, filesByState: { active: 1, aside: 0 } });
  });

  it("knows the active segments of a container after it has grown and shrunk", async () => {
    const other = "containers/c/other.log";
    const root = treeOf({ [active]: 10, [other]: 1 });
    const ledger = await openTreeLedger(root);
    ledger.noteBytes(path.join(root, active), 25);
    const grown = ledger.containers();
    rmSync(path.join(root, other));
    ledger.note(path.join(root, other));
    const shrunk = ledger.containers();
    rmSync(path.join(root, active));
    ledger.note(path.join(root, active));
    expect([grown, shrunk, ledger.containers()]).toEqual([
      [{ container: "c", bytes: 26, files: 2, activeFiles: ["app.log", "other.log"] }],
      [{ container: "c", bytes: 25, files: 1, activeFiles: ["app.log"] }],
      [],
    ]);
  });

  it("takes a size it is told without looking, and looks at a file it does not know", async () => {
    const root = treeOf({ [active]: 10 });
    const ledger = await openTreeLedger(root);
    ledger.noteBytes(path.join(root, active), 25);
    writeFileSync(path.join(root, "master.log"), "12345");
    ledger.noteBytes(path.join(root, "master.log"), 7);
    expect([ledger.containerBytes("c"), ledger.totals.bytesByKind.master]).toEqual([25, 5]);
  });

  it("ignores paths outside the tree and files that are none of the format", async () => {
    const root = treeOf({ [active]: 10, "containers/c/readme.md": 5 });
    const ledger = await openTreeLedger(root);
    for (const file of ["/etc/hostname", path.join(root, "containers/c/readme.md"), path.join(root, "..")]) {
      ledger.note(file);
    }
    expect(ledger.totals.bytes).toBe(10);
  });

  it("keeps what it knew of a directory that cannot be read, and names it", async () => {
    const root = treeOf({ [active]: 5 });
    const blocked = path.join(root, "containers/c");
    let isBlocked = false;
    const readdir = (directory: string) => {
      if (isBlocked && directory === blocked) throw Object.assign(new Error("denied"), { code: "EACCES" });
      return nodeFileSystem.readdir(directory);
    };
    const ledger = await openTreeLedger(root, { fileSystem: { ...nodeFileSystem, readdir } });
    isBlocked = true;
    const drift = await ledger.rescan();
    expect(drift).toMatchObject({ removed: 0, bytes: 0, problems: [{ path: blocked, code: "EACCES" }] });
    expect(ledger.containerBytes("c")).toBe(5);
  });

  it("walks once for several who ask", async () => {
    const ledger = await openTreeLedger(treeOf({ [active]: 10 }));
    const [first, second] = [ledger.rescan(), ledger.rescan()];
    expect(first).toBe(second);
    await first;
    expect(ledger.rescan()).not.toBe(first);
  });
});
