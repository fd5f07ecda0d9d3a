import * as path from "node:path";
import { nodeFileSystem } from "@waybill/protocols";
import { describe, expect, it } from "vitest";
import type { StreamAddress } from "./stream-address.ts";
import { createTreeLayout } from "./tree-layout.ts";
import { createTreeNames } from "./tree-names.ts";

const root = path.resolve("/logs");
const layout = createTreeLayout(root);
const seal = { sealedMs: Date.UTC(2026, 10, 22, 23, 59, 59, 999), number: 7 };
const sealed = "20261122T235959999Z-000007.log";

const addresses: readonly [StreamAddress, string, string][] = [
  [
    { kind: "container", container: "strategy_001", component: "momentum" },
    "containers/strategy_001",
    "momentum",
  ],
  [{ kind: "container", container: "../x", component: "" }, "containers/%2E.%2Fx", "%"],
  [{ kind: "flow", coordinator: "main", tier: "fast" }, "flows", "main_fast_event_flows"],
  [{ kind: "flow", coordinator: "a_b", tier: "c_d" }, "flows", "a_b_c%5Fd_event_flows"],
  [{ kind: "correlation", prefix: "trade" }, "correlations", "trade_correlations"],
  [{ kind: "system", component: "coordinator" }, "system", "coordinator"],
];

describe("createTreeLayout", () => {
  it.each(addresses)("finds the way to %j and back", (address, directory, name) => {
    const { kind, ...ids } = address;
    const found = { kind, ...ids, stream: `${directory}/${name}` };
    expect(layout.activeFile(address)).toBe(path.join(root, directory, `${name}.log`));
    expect(layout.sealedFile(address, seal)).toBe(path.join(root, directory, `${name}.${sealed}`));
    expect(layout.locate(layout.activeFile(address))).toMatchObject(found);
    expect(layout.locate(layout.sealedFile(address, seal, true))).toMatchObject({ ...found, name: { seal } });
    expect(layout.locate(layout.archivedFile(address, seal))).toMatchObject({
      ...found,
      archivedOn: "2026-11-22",
    });
  });

  it("keeps the master stream in the root", () => {
    expect(layout.activeFile({ kind: "master" })).toBe(path.join(root, "master.log"));
    expect(layout.archivedFile({ kind: "master" }, seal)).toBe(
      path.join(root, "archived", "master", "2026-11-22", `master.${sealed}.gz`),
    );
    expect(layout.locate("master.log")).toMatchObject({ kind: "master", stream: "master" });
  });

  it("archives by kind, date of the seal, and container", () => {
    expect(layout.archivedFile({ kind: "container", container: "c", component: "d" }, seal)).toBe(
      path.join(root, "archived", "containers", "2026-11-22", "c", `d.${sealed}.gz`),
    );
  });

  it("treats the part file of a second writer as a stream of its own", () => {
    const file = layout.activeFile({ kind: "container", container: "c", component: "d" }, "4711");
    expect(layout.locate(file)).toMatchObject({
      stream: "containers/c/d@4711",
      component: "d",
      name: { writer: "4711" },
    });
  });

  it("tells coordinator and tier apart wherever the underscore stands", () => {
    const first = layout.activeFile({ kind: "flow", coordinator: "a_b", tier: "c" });
    const second = layout.activeFile({ kind: "flow", coordinator: "a", tier: "b_c" });
    expect(first).not.toBe(second);
  });

  it("keeps every file name below 255 bytes", () => {
    const long = "_é".repeat(300);
    const all: StreamAddress[] = [
      { kind: "container", container: long, component: long },
      { kind: "flow", coordinator: long, tier: "_".repeat(300) },
      { kind: "correlation", prefix: long },
    ];
    for (const address of all) {
      const file = layout.sealedFile(address, { ...seal, number: 999_999_999_999_999 }, true, "w".repeat(64));
      expect(path.basename(`${file}.part`).length).toBeLessThanOrEqual(255);
      expect(layout.locate(file)?.kind).toBe(address.kind);
    }
  });

  it.each([
    "other.log",
    "containers/a.log",
    "containers/a/b/c.log",
    "flows/x.log",
    "flows/a_event_flows.log",
    "correlations/trade.log",
    "system/a/b.log",
    "archived/containers/2026-11-22/c/d.log",
    `archived/containers/2026-02-30/c/d.${sealed}.gz`,
    `archived/flows/d.${sealed}.gz`,
    ".waybill/tree.json",
    "../containers/a/b.log",
    "",
  ])("says that format 1 has no segment at %j", (file) => {
    expect(layout.locate(file)).toBeUndefined();
  });
});

describe("createTreeNames", () => {
  it("keeps containers, components and tiers apart that differ in case only", () => {
    const fileSystem = { ...nodeFileSystem, readdir: () => [] };
    const named = createTreeLayout(root, createTreeNames(root, fileSystem));
    const files = [
      named.activeFile({ kind: "container", container: "A", component: "x" }),
      named.activeFile({ kind: "container", container: "a", component: "x" }),
      named.activeFile({ kind: "container", container: "a", component: "X" }),
      named.activeFile({ kind: "flow", coordinator: "m", tier: "Fast" }),
      named.activeFile({ kind: "flow", coordinator: "m", tier: "fast" }),
    ];
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(files.length);
    expect(named.locate(files[1] ?? "")).toMatchObject({ container: "a", component: "x" });
    expect(named.locate(files[4] ?? "")).toMatchObject({ coordinator: "m", tier: "fast" });
  });

  it("keeps clear of what another run left on disk", () => {
    const fileSystem = {
      ...nodeFileSystem,
      readdir: (directory: string) =>
        directory.endsWith("system") ? [{ name: "Coordinator.log", kind: "file" as const }] : [],
    };
    const named = createTreeLayout(root, createTreeNames(root, fileSystem));
    const file = named.activeFile({ kind: "system", component: "coordinator" });
    expect(path.basename(file).toLowerCase()).not.toBe("coordinator.log");
  });

  it("remembers a bounded number of containers, and lists one again that it has forgotten", () => {
    const listed: string[] = [];
    const fileSystem = {
      ...nodeFileSystem,
      readdir(directory: string) {
        listed.push(directory);
        return [];
      },
    };
    const named = createTreeLayout(root, createTreeNames(root, fileSystem));
    const ask = (n: number) => named.activeFile({ kind: "container", container: `c${n}`, component: "x" });
    for (let n = 0; n <= 4096; n++) ask(n);
    ask(4096);
    expect(listed.filter((directory) => directory.endsWith("/c4096"))).toHaveLength(1);
    ask(0);
    expect(listed.filter((directory) => directory.endsWith("/c0"))).toHaveLength(2);
    expect(listed.filter((directory) => directory.endsWith("/containers"))).toHaveLength(1);
  });
});
