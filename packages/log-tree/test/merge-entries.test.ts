import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { type FileSystem, nodeFileSystem } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { listSegments } from "../src/inventory.ts";
import { readEntries } from "../src/merge-entries.ts";
import { collect, sampleLine, sampleLines } from "./support/sample-lines.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();

function treeOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryDirectory();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
  return root;
}

const stamp = (number: number): string => `20261122T103001123Z-${String(number).padStart(6, "0")}`;

/** Counts descriptors, and refuses more than a limit with EMFILE. */
function limitedFileSystem(limit: number): {
  fileSystem: FileSystem;
  most: () => number;
  open: () => number;
} {
  let held = 0;
  let most = 0;
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    open(file, flags, mode) {
      if (held >= limit) throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
      const fd = nodeFileSystem.open(file, flags, mode);
      held += 1;
      most = Math.max(most, held);
      return fd;
    },
    close(fd) {
      nodeFileSystem.close(fd);
      held -= 1;
    },
  };
  return { fileSystem, most: () => most, open: () => held };
}

/** 300 components whose entries interleave in time: component k writes at k, k + 300, k + 600, … ms. */
function manyFiles(entriesEach: number): string {
  const files: Record<string, string> = {};
  for (let index = 0; index < 300; index += 1) {
    let text = "";
    for (let seq = 1; seq <= entriesEach; seq += 1) {
      text += sampleLine(seq, { atMs: 1_000_000 + (seq - 1) * 300 + index, container: `c${index}` });
    }
    files[`containers/c${index}/d.log`] = text;
  }
  return treeOf(files);
}

describe("readEntries", () => {
  it("reads nothing that a writer has set aside, though whole entries stand in it", async () => {
    const root = treeOf({
      "containers/c/d.log": sampleLine(2),
      "containers/c/d.20261122T103001123Z.torn": sampleLine(1),
      "containers/c/d.20261122T103001123Z.quarantine": sampleLine(3),
    });
    expect((await collect(readEntries(root))).map(({ entry }) => entry.seq)).toEqual([2]);
  });

  it("puts the segments of one stream, plain, compressed and archived, one after the other", async () => {
    const root = treeOf({
      "containers/c/d.log": sampleLines(7, 8),
      [`containers/c/d.${stamp(3)}.log`]: sampleLines(5, 6),
      [`containers/c/d.${stamp(2)}.log.gz`]: gzipSync(sampleLines(3, 4)),
      [`archived/containers/2026-11-22/c/d.${stamp(1)}.log.gz`]: gzipSync(sampleLines(1, 2)),
      [`containers/c/d.${stamp(2)}.log.gz.part`]: "half",
    });
    const reading = readEntries(root);
    expect((await collect(reading)).map(({ entry }) => entry.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(reading.report).toMatchObject({ files: 4, filesWhole: 4, entries: 8 });
  });

  it("orders by time, then container, component and seq", async () => {
    const root = treeOf({
      "containers/b/x.log":
        sampleLine(1, { atMs: 5, container: "b", component: "x" }) +
        sampleLine(2, { atMs: 5, container: "b", component: "x" }),
      "containers/a/y.log": sampleLine(1, { atMs: 5, container: "a", component: "y" }),
      "containers/a/x.log": sampleLine(9, { atMs: 5, container: "a", component: "x" }),
      "containers/a/x@7.log": sampleLine(3, { atMs: 5, container: "a", component: "x" }),
      "system/s.log": sampleLine(1, { atMs: 4, container: "z", component: "s" }),
    });
    const order = (await collect(readEntries(root))).map(
      ({ entry }) => `${entry.containerId}${entry.componentName}${entry.seq}`,
    );
    expect(order).toEqual(["zs1", "ax3", "ax9", "ay1", "bx1", "bx2"]);
  });

  it("keeps the order of seq in a stream whose clock went back", async () => {
    const root = treeOf({
      "containers/a/x.log":
        sampleLine(1, { atMs: 10, container: "a" }) +
        sampleLine(2, { atMs: 3, container: "a" }) +
        sampleLine(3, { atMs: 30, container: "a" }),
      "containers/b/x.log":
        sampleLine(1, { atMs: 5, container: "b" }) + sampleLine(2, { atMs: 20, container: "b" }),
    });
    const order = (await collect(readEntries(root))).map(({ entry }) => entry.containerId + entry.seq);
    expect(order).toEqual(["b1", "a1", "a2", "b2", "a3"]);
  });

  it("reads containers, flows and system, and what repeats their entries only when asked", async () => {
    const root = treeOf({
      "containers/c/d.log": sampleLine(1, { message: "container" }),
      "flows/m_fast_event_flows.log": sampleLine(1, { message: "flow" }),
      "system/s.log": sampleLine(1, { message: "system" }),
      "master.log": sampleLine(1, { message: "master" }),
      "correlations/trade_correlations.log": sampleLine(1, { message: "correlation" }),
    });
    const messages = async (kinds?: Parameters<typeof readEntries>[1]): Promise<string[]> =>
      (await collect(readEntries(root, kinds))).map(({ entry }) => entry.message).sort();
    expect(await messages()).toEqual(["container", "flow", "system"]);
    expect(await messages({ kinds: ["master", "correlation"] })).toEqual(["correlation", "master"]);
  });

  it("hands out only what the filter takes", async () => {
    const root = treeOf({ "containers/c/d.log": sampleLines(1, 10) });
    const reading = readEntries(root, { filter: (entry) => entry.seq % 5 === 0 });
    expect((await collect(reading)).map(({ entry }) => entry.seq)).toEqual([5, 10]);
    expect(reading.report.entries).toBe(10);
  });

  it("merges 300 interleaved files through 8 descriptors, reading each again where it stopped", async () => {
    const { fileSystem, most, open } = limitedFileSystem(1000);
    const reading = readEntries(manyFiles(20), { fileSystem, openFilesMax: 8, chunkBytes: 1000 });
    const times = (await collect(reading)).map(({ entry }) => entry.timestampMs - 1_000_000);
    expect(times).toEqual(Array.from({ length: 6000 }, (_unused, index) => index));
    expect(reading.report).toMatchObject({ files: 300, filesWhole: 300 });
    // One more for the moment in which a file is opened: the pool makes room first.
    expect([most(), open()]).toEqual([8, 0]);
  });

  it("gives back descriptors when the system has no more", async () => {
    const { fileSystem, open } = limitedFileSystem(5);
    const reading = readEntries(manyFiles(3), { fileSystem });
    expect(await collect(reading)).toHaveLength(900);
    expect([reading.report.problems, open()]).toEqual([[], 0]);
  });

  it("closes what is open when the loop is left early", async () => {
    const { fileSystem, open } = limitedFileSystem(1000);
    for await (const { entry } of readEntries(manyFiles(3), { fileSystem })) {
      if (entry.seq === 2) break;
    }
    expect(open()).toBe(0);
  });

  it("goes on in a sealed file that lost its descriptor, and finds what was compressed before it was opened", async () => {
    const root = treeOf({
      "containers/a/d.log": sampleLines(1, 200, { container: "a" }),
      "containers/b/d.log": sampleLines(1, 200, { container: "b" }),
      [`containers/c/d.${stamp(1)}.log`]: sampleLines(1, 100, { container: "c" }),
      "containers/c/d.log": sampleLines(101, 200, { container: "c" }),
    });
    const reading = readEntries(root, { openFilesMax: 1, chunkBytes: 1000 });
    const iterator = reading[Symbol.asyncIterator]();
    await iterator.next();
    renameSync(path.join(root, "containers/a/d.log"), path.join(root, `containers/a/d.${stamp(1)}.log`));
    writeFileSync(path.join(root, "containers/a/d.log"), sampleLine(201, { container: "a" }));
    rmSync(path.join(root, "containers/c/d.log"));
    writeFileSync(
      path.join(root, `containers/c/d.${stamp(2)}.log.gz`),
      gzipSync(sampleLines(101, 200, { container: "c" })),
    );
    writeFileSync(path.join(root, "containers/c/d.log"), sampleLine(201, { container: "c" }));
    const rest = await collect({ [Symbol.asyncIterator]: () => iterator });
    expect(rest).toHaveLength(599);
    expect(reading.report.problems).toEqual([]);
  });

  it("reports a file that vanished between two readings of it, and reads all others", async () => {
    const root = treeOf({
      "containers/a/d.log": sampleLines(1, 200, { container: "a" }),
      "containers/b/d.log": sampleLines(1, 200, { container: "b" }),
    });
    const reading = readEntries(root, { openFilesMax: 1, chunkBytes: 1000 });
    const iterator = reading[Symbol.asyncIterator]();
    await iterator.next();
    rmSync(path.join(root, "containers/a/d.log"));
    const rest = await collect({ [Symbol.asyncIterator]: () => iterator });
    expect(rest.filter(({ entry }) => entry.containerId === "b")).toHaveLength(200);
    expect(reading.report.problems).toMatchObject([
      { code: "vanished", file: path.join(root, "containers/a/d.log") },
    ]);
  });

  it("reads listed segments, and an empty tree", async () => {
    const root = treeOf({ "containers/c/d.log": sampleLines(1, 2) });
    const { segments } = await listSegments(root);
    expect(await collect(readEntries(segments))).toHaveLength(2);
    expect(await collect(readEntries([]))).toEqual([]);
  });

  it("refuses what is no tree instead of reading nothing", async () => {
    const failure = await collect(readEntries("/nowhere/at/all")).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "WAYBILL_TREE_NOT_FOUND" });
  });
});
