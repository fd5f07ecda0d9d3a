import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isWaybillError, nodeFileSystem } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { listSegments } from "../src/inventory.ts";
import { isLogFile } from "../src/segment.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();

function treeOf(files: readonly string[]): string {
  const root = temporaryDirectory();
  for (const file of files) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), "12345");
  }
  return root;
}

const first = "momentum.20261122T103001123Z-000001.log";
const second = "momentum.20261122T103001124Z-000002.log";

describe("listSegments", () => {
  it("finds every state and kind, in order of stream and number, and decodes the ids", async () => {
    const root = treeOf([
      "master.log",
      "containers/strategy%2F1/momentum.log",
      `containers/strategy%2F1/${second}`,
      `containers/strategy%2F1/${first}.gz`,
      `containers/strategy%2F1/${second}.gz.part`,
      "containers/strategy%2F1/momentum@4711.log",
      "flows/main_fast_event_flows.log",
      "correlations/trade_correlations.log",
      "system/coordinator.log",
      `archived/containers/2026-11-22/strategy%2F1/momentum.20261122T103001122Z-000000000.log.gz`,
      `archived/containers/2026-11-22/old/${first}.gz`,
    ]);
    const { segments, summary } = await listSegments(root);
    expect(
      segments.map(({ stream, state, name }) => `${stream} ${state} ${name.seal?.number ?? "-"}`),
    ).toEqual([
      "containers/old/momentum archived 1",
      "containers/strategy%2F1/momentum sealed 1",
      "containers/strategy%2F1/momentum sealed 2",
      "containers/strategy%2F1/momentum temporary 2",
      "containers/strategy%2F1/momentum active -",
      "containers/strategy%2F1/momentum@4711 active -",
      "correlations/trade_correlations active -",
      "flows/main_fast_event_flows active -",
      "master active -",
      "system/coordinator active -",
    ]);
    expect(segments[1]).toMatchObject({
      kind: "container",
      container: "strategy/1",
      component: "momentum",
      bytes: 5,
    });
    expect(summary).toEqual({
      bytesByKind: { container: 30, flow: 5, correlation: 5, system: 5, master: 5 },
      filesByState: { active: 6, sealed: 2, archived: 1, temporary: 1, aside: 0 },
      streams: 7,
      containers: 2,
      shadowed: 0,
      foreign: 1,
    });
  });

  it("finds what writers set aside, counts its bytes, and takes it for no active segment", async () => {
    const stamp = "20261122T103001123Z";
    const root = treeOf([
      "containers/c/app.log",
      `containers/c/app.${stamp}.quarantine`,
      `containers/c/app@7.${stamp}.torn`,
      `system/coordinator.${stamp}.torn`,
      `master.${stamp}.torn`,
      `archived/containers/2026-11-22/c/app.${stamp}.torn`,
      `containers/c/app.${stamp}.other`,
    ]);
    const { segments, summary } = await listSegments(root);
    expect(segments.map(({ stream, state, name }) => [stream, state, name.aside?.reason])).toEqual([
      ["containers/c/app", "active", undefined],
      ["containers/c/app", "aside", "quarantine"],
      ["containers/c/app@7", "aside", "torn"],
      ["master", "aside", "torn"],
      ["system/coordinator", "aside", "torn"],
    ]);
    expect(segments.every(({ shadowed }) => !shadowed)).toBe(true);
    expect(segments.filter(isLogFile).map(({ path: file }) => path.basename(file))).toEqual(["app.log"]);
    expect(summary).toMatchObject({
      bytesByKind: { container: 15, system: 5, master: 5 },
      filesByState: { active: 1, aside: 4 },
      foreign: 2,
    });
  });

  it("counts foreign files, links and directories, and passes over our own state", async () => {
    const root = treeOf([
      "notes.txt",
      ".waybill/holds/h.json",
      "containers/a/x.tmp",
      "containers/a/deep/x.log",
      "elsewhere/x.log",
      "containers/x.log",
    ]);
    symlinkSync("/etc/passwd", path.join(root, "containers/a/y.log"));
    const { segments, summary } = await listSegments(root);
    expect(segments).toEqual([]);
    expect(summary.foreign).toBe(6);
  });

  it("refuses a tree of another format before it looks at anything", async () => {
    const root = treeOf(["containers/a/x.log"]);
    mkdirSync(path.join(root, ".waybill"));
    writeFileSync(path.join(root, ".waybill/tree.json"), JSON.stringify({ format: 2 }));
    const failure = await listSegments(root).catch((error: unknown) => error);
    expect(isWaybillError(failure, "WAYBILL_TREE_FORMAT_UNKNOWN")).toBe(true);
  });

  it("reads the plain file while its .gz or archived copy is there too", async () => {
    const root = treeOf([
      `containers/a/${first}`,
      `containers/a/${first}.gz`,
      `containers/a/${second}.gz`,
      `archived/containers/2026-11-22/a/${second}.gz`,
    ]);
    const { segments, summary } = await listSegments(root);
    const read = segments
      .filter((segment) => !segment.shadowed)
      .map((segment) => path.relative(root, segment.path));
    expect(read).toEqual([path.join("containers/a", first), path.join("containers/a", `${second}.gz`)]);
    expect(summary.shadowed).toBe(2);
  });

  it("reads a file once that a crash left under its active and its sealed name", async () => {
    const root = treeOf([`containers/a/${first}`]);
    linkSync(path.join(root, "containers/a", first), path.join(root, "containers/a/momentum.log"));
    const { segments } = await listSegments(root);
    expect(segments.map(({ state, shadowed }) => [state, shadowed])).toEqual([
      ["sealed", false],
      ["active", true],
    ]);
  });

  it("can be limited to kinds and to what is not archived", async () => {
    const root = treeOf(["master.log", "system/a.log", `archived/system/2026-11-22/${first}.gz`]);
    const { segments } = await listSegments(root, { kinds: ["system"], archived: false });
    expect(segments.map((segment) => segment.stream)).toEqual(["system/a"]);
  });

  it("lists the rest when one directory cannot be read, and says which", async () => {
    const root = treeOf(["containers/a/x.log", "containers/b/x.log"]);
    const readdir = (directory: string) => {
      if (directory.endsWith("a")) throw Object.assign(new Error("EACCES: denied"), { code: "EACCES" });
      return nodeFileSystem.readdir(directory);
    };
    const { segments, problems } = await listSegments(root, { fileSystem: { ...nodeFileSystem, readdir } });
    expect(segments.map((segment) => segment.container)).toEqual(["b"]);
    expect(problems).toEqual([
      { path: path.join(root, "containers", "a"), code: "EACCES", message: "EACCES: denied" },
    ]);
  });

  it("lets the event loop turn while it lists a large tree", async () => {
    const fileSystem = {
      ...nodeFileSystem,
      readdir: (directory: string) =>
        directory.endsWith("system")
          ? Array.from({ length: 30_000 }, (_unused, index) => ({
              name: `c${index}.log`,
              kind: "file" as const,
            }))
          : directory === "/tree"
            ? [{ name: "system", kind: "directory" as const }]
            : [],
      lstat: (file: string) =>
        file.endsWith("tree.json")
          ? undefined
          : { kind: "file" as const, size: 1, inode: 1n, device: 1n, links: 1, modifiedMs: 0 },
    };
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    const { segments } = await listSegments("/tree", { fileSystem });
    clearInterval(counting);
    expect(segments).toHaveLength(30_000);
    expect(turns).toBeGreaterThan(0);
  });
});
