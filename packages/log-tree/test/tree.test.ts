import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { type FileSystem, nodeFileSystem, systemClock } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import { openTree } from "../src/open-tree.ts";
import { readTree } from "../src/read-tree.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();
const clock = { ...systemClock, now: () => Date.UTC(2026, 10, 22) };
const options = { coordinatorId: "main", clock };

/** The file system of this machine, but the call number `failing` fails. */
function failingAt(failing: number, code: string): { fileSystem: FileSystem; calls: () => number } {
  let calls = 0;
  const spared = new Set(["close", "rmdir", "unlink"]);
  const fileSystem = new Proxy(nodeFileSystem, {
    get(target, key, receiver) {
      const method: unknown = Reflect.get(target, key, receiver);
      if (typeof method !== "function" || spared.has(String(key))) return method;
      return (...args: unknown[]): unknown => {
        calls += 1;
        if (calls === failing) throw Object.assign(new Error(`${code}: injected, ${String(key)}`), { code });
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { fileSystem, calls: () => calls };
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}

describe("openTree", () => {
  it("creates directories, missing parents and the marker", () => {
    const root = path.join(temporaryDirectory(), "a", "b", "logs");
    const { layout, marker, created } = openTree(root, options);
    expect(created).toBe(true);
    expect(marker).toEqual({ format: 1, coordinatorId: "main", createdMs: clock.now() });
    expect(readFileSync(layout.marker, "utf8")).toBe(
      '{"format":1,"coordinator_id":"main","created_at":"2026-11-22T00:00:00.000Z"}\n',
    );
    expect([layout.root, ...layout.directories].map((directory) => modeOf(directory) & 0o007)).toEqual(
      new Array(layout.directories.length + 1).fill(0),
    );
    expect(modeOf(layout.marker) & 0o137).toBe(0);
  });

  it("takes up an existing tree and leaves its marker and nothing else behind", () => {
    const root = temporaryDirectory();
    const first = openTree(root, options);
    const second = openTree(root, { ...options, coordinatorId: "other" });
    expect(second).toMatchObject({ created: false, marker: first.marker });
    expect(readdirSync(path.join(root, ".waybill")).sort()).toEqual([
      "floors",
      "holds",
      "indexes",
      "locks",
      "manifests",
      "tree.json",
    ]);
  });

  it("lets the first of two processes win that create the marker at once", () => {
    const root = temporaryDirectory();
    const link = (existing: string, added: string): void => {
      if (!existsSync(added)) openTree(root, { ...options, coordinatorId: "faster" });
      nodeFileSystem.link(existing, added);
    };
    const tree = openTree(root, { ...options, fileSystem: { ...nodeFileSystem, link } });
    expect(tree).toMatchObject({ created: false, marker: { coordinatorId: "faster" } });
  });

  it("works where the disk has no hard links", () => {
    const link = (): void => {
      throw Object.assign(new Error("EPERM: no links"), { code: "EPERM" });
    };
    const root = temporaryDirectory();
    expect(openTree(root, { ...options, fileSystem: { ...nodeFileSystem, link } }).created).toBe(true);
    expect(readTree(root).marker?.coordinatorId).toBe("main");
  });

  it.each([
    ["a file", (target: string) => writeFileSync(target, "")],
    ["a link", (target: string) => symlinkSync(path.dirname(target), target)],
  ])("refuses a root that is %s", (_what, make) => {
    const root = path.join(temporaryDirectory(), "logs");
    make(root);
    expect(() => openTree(root, options)).toThrow(
      expect.objectContaining({ code: "WAYBILL_TREE_UNWRITABLE" }),
    );
  });

  it("refuses a containers directory that is a link", () => {
    const root = temporaryDirectory();
    const outside = temporaryDirectory();
    symlinkSync(outside, path.join(root, "containers"));
    expect(() => openTree(root, options)).toThrow(/containers is a link/);
    expect(readdirSync(root)).toEqual(["containers"]);
  });

  it("tells cause and fix in one sentence when a part of the path is a file", () => {
    const base = temporaryDirectory();
    writeFileSync(path.join(base, "file"), "");
    expect(() => openTree(path.join(base, "file", "logs"), options)).toThrow(
      expect.objectContaining({
        code: "WAYBILL_TREE_UNWRITABLE",
        message: expect.stringMatching(/ENOTDIR.*; a part of the path is a file/),
      }),
    );
  });

  it("names the version of a later format before it looks at anything else", () => {
    const root = temporaryDirectory();
    mkdirSync(path.join(root, ".waybill"));
    writeFileSync(path.join(root, ".waybill", "tree.json"), '{"format":2,"shape":["all","new"]}');
    const expected = expect.objectContaining({
      code: "WAYBILL_TREE_FORMAT_UNKNOWN",
      message: expect.stringMatching(/format 2, this release knows format 1/),
      details: expect.objectContaining({ found: 2, known: 1 }),
    });
    expect(() => openTree(root, options)).toThrow(expected);
    expect(() => readTree(root)).toThrow(expected);
    expect(readdirSync(root)).toEqual([".waybill"]);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    '{"format":"1"}',
    '{"format":1}',
    '{"format":1,"coordinator_id":"a","created_at":"x"}',
  ])("calls the marker %j damaged, not unknown", (text) => {
    const root = temporaryDirectory();
    mkdirSync(path.join(root, ".waybill"));
    writeFileSync(path.join(root, ".waybill", "tree.json"), text);
    expect(() => openTree(root, options)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/damaged/),
        details: expect.objectContaining({ damaged: true }),
      }),
    );
  });

  it("leaves nothing behind, whichever call of the file system fails", () => {
    const base = temporaryDirectory();
    const measured = failingAt(0, "");
    openTree(path.join(base, "measured"), { ...options, fileSystem: measured.fileSystem });
    const outcomes = Array.from({ length: measured.calls() }, (_unused, index) => {
      const root = path.join(base, `failing-${index}`, "logs");
      const { fileSystem } = failingAt(index + 1, "EIO");
      let code: unknown;
      try {
        openTree(root, { ...options, fileSystem });
      } catch (error) {
        code = (error as { code?: unknown }).code;
      }
      return { code, left: existsSync(path.dirname(root)) };
    });
    expect(outcomes.length).toBeGreaterThan(30);
    // The one call that may fail unseen is the look for a left temporary file at the very end.
    const unseen = outcomes.filter(({ code }) => code === undefined);
    expect(unseen.length).toBeLessThanOrEqual(1);
    expect(outcomes.filter(({ code }) => code !== undefined)).toEqual(
      new Array(outcomes.length - unseen.length).fill({ code: "WAYBILL_TREE_UNWRITABLE", left: false }),
    );
  });

  it.each([
    ["EACCES", false],
    ["EROFS", false],
    ["ENOSPC", true],
  ])("opens an existing tree that answers a write with %s: %s", (code, opens) => {
    const root = temporaryDirectory();
    openTree(root, options);
    const open: FileSystem["open"] = (file, flags, mode) => {
      if (file.endsWith(".part")) throw Object.assign(new Error(code), { code });
      return nodeFileSystem.open(file, flags, mode);
    };
    const attempt = (): boolean => {
      try {
        return !openTree(root, { ...options, fileSystem: { ...nodeFileSystem, open } }).created;
      } catch {
        return false;
      }
    };
    expect(attempt()).toBe(opens);
  });
});

describe("readTree", () => {
  it.each(["containers", "master.log"])("reads a tree without marker that has %s, and says so", (name) => {
    const root = temporaryDirectory();
    mkdirSync(path.join(root, name));
    expect(readTree(root).marker).toBeUndefined();
  });

  it("says that an empty, a missing and a plain file are no tree", () => {
    const base = temporaryDirectory();
    writeFileSync(path.join(base, "file"), "");
    for (const root of [base, path.join(base, "none"), path.join(base, "file")]) {
      expect(() => readTree(root)).toThrow(expect.objectContaining({ code: "WAYBILL_TREE_NOT_FOUND" }));
    }
  });
});
