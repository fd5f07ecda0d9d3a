import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { createTreeLayout, readEntries } from "@waybill/log-tree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { archiveSegment, bundleLogs, restoreArchive, verifyArchive } from "../src/index.ts";
import { createWorkplace, type Workplace } from "./support/real-tree.ts";
import {
  idsOf,
  lineOf,
  linesOf,
  readIds,
  type SegmentPlan,
  sealedSegments,
  startMs,
} from "./support/sealed-tree.ts";

const sealedMs = startMs + 3_600_000;
const c1: readonly SegmentPlan[] = [
  { container: "c1", component: "app", firstSeq: 1, count: 40, seal: { sealedMs, number: 1 } },
  {
    container: "c1",
    component: "app",
    firstSeq: 41,
    count: 40,
    seal: { sealedMs, number: 2 },
    compressed: true,
  },
  { container: "c1", component: "app", firstSeq: 81, count: 20, seal: { sealedMs, number: 3 } },
  { container: "c1", component: "app", firstSeq: 101, count: 7 },
  { container: "c1", component: "risk", firstSeq: 1, count: 3 },
];
const c2: readonly SegmentPlan[] = [
  { container: "c2", component: "app", firstSeq: 1, count: 30, seal: { sealedMs, number: 1 } },
  { container: "c2", component: "app", firstSeq: 31, count: 30 },
];

let place: Workplace;
let target = "";
beforeEach(async () => {
  place = createWorkplace();
  place.place([...c1, ...c2]);
  target = path.join(place.directory, "out");
  mkdirSync(target);
  // One archived, one compressed, one plain, one active.
  const [first] = await sealedSegments(place.root);
  if (first !== undefined) await archiveSegment(first, { layout: createTreeLayout(place.root) });
});
afterEach(() => place.remove());

describe.each(["tar.gz", "zip"])("a bundle as .%s", (ending) => {
  it("of a container holds its live, sealed and archived segments, and restores to them", async () => {
    const bundle = await bundleLogs(place.root, { container: "c1" }, path.join(target, `c1.${ending}`));
    expect(bundle.problems).toEqual([]);
    expect(bundle.files.map((file) => file.path).sort()).toEqual([
      ".waybill/tree.json",
      "archived/containers/2026-01-15/c1/app.20260115T110000000Z-000001.log.gz",
      "containers/c1/app.20260115T110000000Z-000002.log.gz",
      "containers/c1/app.20260115T110000000Z-000003.log",
      "containers/c1/app.log",
      "containers/c1/risk.log",
    ]);
    const restored = await restoreArchive(bundle.path, path.join(target, "restored"));
    expect(restored.files).toBe(6);
    expect(await readIds(restored.root)).toEqual(idsOf(c1));
    expect(readdirSync(target).sort()).toEqual([`c1.${ending}`, "restored"]);
  });

  it("of a correlation id holds its entries of all containers, byte for byte and in order", async () => {
    const bundle = await bundleLogs(
      place.root,
      { correlationId: "trade_1" },
      path.join(target, `t.${ending}`),
    );
    const { root } = await restoreArchive(bundle.path, path.join(target, "restored"));
    const lines: string[] = [];
    for await (const { line } of readEntries(root)) lines.push(line);
    const expected = [...c1, ...c2].flatMap(({ container, component, firstSeq, count }) =>
      Array.from({ length: count }, (_, at) => firstSeq + at)
        .filter((seq) => seq % 3 === 1)
        .map((seq) => lineOf(container, component, seq).trimEnd()),
    );
    expect(lines.toSorted()).toEqual(expected.toSorted());
    expect(bundle.files.find((file) => file.path === "containers/c1/app.log")?.entries).toBe(36);
  });

  it("verifies deeply, with the number of its entries", async () => {
    const bundle = await bundleLogs(place.root, { container: "c1" }, path.join(target, `c1.${ending}`));
    const found = await verifyArchive(bundle.path, { deep: true });
    expect(found).toMatchObject({ ok: true, kind: "bundle", files: 6, entries: 110, problems: [] });
  });
});

/** The ids in a bundle, by restoring it. */
async function idsIn(bundle: string): Promise<readonly string[]> {
  const { root } = await restoreArchive(bundle, path.join(target, "restored"));
  return readIds(root);
}

/** What a promise was rejected with. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
}

describe("bundleLogs", () => {
  it("takes the entries of one day, in UTC, from all containers", async () => {
    const day = await bundleLogs(place.root, { day: "2026-01-15" }, path.join(target, "day.tar.gz"));
    expect(day.files.length).toBe(4);
    expect(await idsIn(day.path)).toEqual(idsOf([...c1, ...c2]));
    const other = await bundleLogs(place.root, { day: "2026-01-16" }, path.join(target, "other.tar.gz"));
    expect(other.files.map((file) => file.path)).toEqual([".waybill/tree.json"]);
  });

  it("takes the entries of a time range, its start included and its end not, of one container if told", async () => {
    const timeRange = { fromMs: startMs + 38_000, toMs: startMs + 103_000 };
    const bundle = await bundleLogs(
      place.root,
      { timeRange, container: "c1" },
      path.join(target, "range.zip"),
    );
    const expected = idsOf([{ container: "c1", component: "app", firstSeq: 38, count: 65 }]);
    expect(await idsIn(bundle.path)).toEqual(expected);
  });

  it("finds a correlation id that stands escaped in the file", async () => {
    const id = 'order "7"/\u2028é';
    const layout = createTreeLayout(place.root);
    const line = lineOf("c1", "risk", 4).replace('"trade_1"', JSON.stringify(id).replace("/", "\\/"));
    appendFileSync(layout.activeFile({ kind: "container", container: "c1", component: "risk" }), line);
    const bundle = await bundleLogs(place.root, { correlationId: id }, path.join(target, "id.tar.gz"));
    expect(await idsIn(bundle.path)).toEqual(["c1/risk/4"]);
  });

  it("takes flows of a correlation id, and leaves the copies in master and correlations out", async () => {
    const layout = createTreeLayout(place.root);
    const flow = layout.activeFile({ kind: "flow", coordinator: "main", tier: "fast" });
    writeFileSync(flow, lineOf("c9", "event_flow", 1));
    writeFileSync(layout.activeFile({ kind: "master" }), lineOf("c1", "app", 1));
    writeFileSync(layout.activeFile({ kind: "correlation", prefix: "trade" }), lineOf("c1", "app", 1));
    const bundle = await bundleLogs(place.root, { correlationId: "trade_1" }, path.join(target, "id.tar.gz"));
    expect(bundle.files.map((file) => file.path)).toContain("flows/main_fast_event_flows.log");
    const ids = await idsIn(bundle.path);
    expect(ids.filter((id) => id === "c1/app/1")).toHaveLength(1);
    expect(ids).toContain("c9/event_flow/1");
  });

  it("leaves a torn line out, and takes no more than stood there when it came to the file", async () => {
    const file = path.join(place.root, "containers/c1/app.log");
    appendFileSync(file, lineOf("c1", "app", 108).slice(0, -20));
    // It goes on growing while it is read.
    const onProgress = ({ file: current }: { file: string }): void => {
      if (current === file) appendFileSync(file, `\n${lineOf("c1", "app", 109)}`);
    };
    const bundle = await bundleLogs(place.root, { container: "c1" }, path.join(target, "c1.tar.gz"), {
      onProgress,
    });
    const bundled = bundle.files.find(({ path: name }) => name === "containers/c1/app.log");
    expect(bundle.problems).toEqual([]);
    expect(bundled?.bytes).toBe(
      linesOf({ container: "c1", component: "app", firstSeq: 101, count: 7 }).length,
    );
    expect((await idsIn(bundle.path)).filter((id) => id.startsWith("c1/app/"))).toEqual(
      idsOf(c1.filter(({ component }) => component === "app")),
    );
  });

  it("takes each entry once when the active segment is sealed and begun anew while it packs", async () => {
    const active = path.join(place.root, "containers/c1/app.log");
    let isSealed = false;
    const onProgress = ({ file }: { file: string }): void => {
      if (isSealed || !file.includes("000001")) return;
      isSealed = true;
      renameSync(active, active.replace(".log", ".20260115T120000000Z-000004.log"));
      writeFileSync(active, lineOf("c1", "app", 108));
    };
    const bundle = await bundleLogs(place.root, { container: "c1" }, path.join(target, "c1.tar.gz"), {
      onProgress,
    });
    expect(bundle.problems).toEqual([]);
    const more = { container: "c1", component: "app", firstSeq: 108, count: 1 };
    expect(await idsIn(bundle.path)).toEqual(idsOf([...c1, more]));
  });

  it("takes no entry twice when what it took as active is sealed, while it looks for another segment again", async () => {
    const [second] = (await sealedSegments(place.root)).filter(({ container }) => container === "c1");
    const active = path.join(place.root, "containers/c1/app.log");
    const done = new Set<string>();
    const once = (name: string, file: string, act: () => void): void => {
      if (!file.endsWith(name) || done.has(name)) return;
      done.add(name);
      act();
    };
    const address = { kind: "container", container: "c1", component: "app" } as const;
    const moved = createTreeLayout(place.root).archivedFile(address, { sealedMs, number: 2 });
    const onProgress = ({ file }: { file: string }): void => {
      once("000001.log.gz", file, () => renameSync(second?.path ?? "", moved));
      once("app.log", file, () => {
        renameSync(active, active.replace(".log", ".20260115T120000000Z-000004.log"));
        writeFileSync(active, lineOf("c1", "app", 108));
      });
    };
    const bundle = await bundleLogs(place.root, { container: "c1" }, path.join(target, "c1.tar.gz"), {
      onProgress,
    });
    expect([...done]).toEqual(["000001.log.gz", "app.log"]);
    expect(bundle.problems).toEqual([]);
    expect(await idsIn(bundle.path)).toEqual(idsOf(c1));
  });

  it("finds a segment that is archived while it packs, and tells of one that is deleted", async () => {
    const [second, third] = (await sealedSegments(place.root)).filter(({ container }) => container === "c1");
    const layout = createTreeLayout(place.root);
    const address = { kind: "container", container: "c1", component: "app" } as const;
    let isMoved = false;
    const onProgress = ({ file }: { file: string }): void => {
      if (isMoved || !file.includes("000001")) return;
      isMoved = true;
      renameSync(second?.path ?? "", layout.archivedFile(address, { sealedMs, number: 2 }));
      unlinkSync(third?.path ?? "");
    };
    const bundle = await bundleLogs(place.root, { container: "c1" }, path.join(target, "c1.tar.gz"), {
      onProgress,
    });
    expect(bundle.problems).toMatchObject([{ code: "vanished", path: expect.stringContaining("000003") }]);
    expect(await idsIn(bundle.path)).toEqual(idsOf(c1.filter(({ firstSeq }) => firstSeq !== 81)));
  });

  it("finds what is archived while it looks for an incident, in any stream, and tells of what is deleted", async () => {
    const layout = createTreeLayout(place.root);
    const sealed = await sealedSegments(place.root);
    const isDeleted = (file: string): boolean => file.endsWith("c1/app.20260115T110000000Z-000003.log");
    let isMoved = false;
    const onProgress = ({ file }: { file: string }): void => {
      if (isMoved || file !== "containers/c1/app") return;
      isMoved = true;
      for (const { path: file, container = "", component = "", name } of sealed) {
        const seal = name.seal ?? { sealedMs, number: 1 };
        const archived = layout.archivedFile({ kind: "container", container, component }, seal);
        const bytes = readFileSync(file);
        mkdirSync(path.dirname(archived), { recursive: true });
        if (!isDeleted(file)) writeFileSync(archived, name.compressed ? bytes : gzipSync(bytes));
        unlinkSync(file);
      }
    };
    const bundle = await bundleLogs(place.root, { day: "2026-01-15" }, path.join(target, "day.tar.gz"), {
      onProgress,
    });
    expect(sealed.map(({ path: file }) => isDeleted(file)).toSorted()).toEqual([false, false, true]);
    expect(bundle.problems).toMatchObject([{ code: "vanished", path: expect.stringContaining("000003") }]);
    const left = [...c1.filter(({ firstSeq }) => firstSeq !== 81), ...c2];
    expect(await idsIn(bundle.path)).toEqual(idsOf(left));
    const { root } = await restoreArchive(bundle.path, path.join(target, "again"));
    const lines = readFileSync(path.join(root, "containers/c1/app.log"), "utf8").trimEnd().split("\n");
    const seqs = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  });

  it("finds what is sealed and archived at once while it looks for an incident", async () => {
    const layout = createTreeLayout(place.root);
    const active = path.join(place.root, "containers/c1/app.log");
    const address = { kind: "container", container: "c1", component: "app" } as const;
    const archived = layout.archivedFile(address, { sealedMs, number: 4 });
    let isMoved = false;
    const onProgress = ({ file }: { file: string }): void => {
      if (isMoved || file !== "containers/c1/app") return;
      isMoved = true;
      writeFileSync(archived, gzipSync(readFileSync(active)));
      unlinkSync(active);
    };
    const bundle = await bundleLogs(place.root, { day: "2026-01-15" }, path.join(target, "day.zip"), {
      onProgress,
    });
    expect(bundle.problems).toEqual([]);
    expect(await idsIn(bundle.path)).toEqual(idsOf([...c1, ...c2]));
  });

  it("tells of damage that it met while it looked for entries", async () => {
    const [second] = await sealedSegments(place.root);
    truncateSync(second?.path ?? "", 60);
    const bundle = await bundleLogs(place.root, { correlationId: "trade_1" }, path.join(target, "id.zip"));
    expect(bundle.problems).toMatchObject([
      { code: "gzip_cut", path: expect.stringContaining("000002.log.gz") },
    ]);
    const { manifest } = await restoreArchive(bundle.path, path.join(target, "restored"));
    expect(manifest.problems).toEqual(bundle.problems);
  });

  it.each(["tar.gz", "zip"])("makes a .%s that common tools unpack", async (ending) => {
    const bundle = await bundleLogs(place.root, { container: "c2" }, path.join(target, `c2.${ending}`));
    const script =
      "import sys,tarfile,zipfile; p=sys.argv[1]; a=zipfile.ZipFile(p) if p.endswith('zip') else tarfile.open(p); print(','.join(sorted(a.namelist() if p.endswith('zip') else a.getnames())))";
    const { stdout, status } = spawnSync("python3", ["-c", script, bundle.path], { encoding: "utf8" });
    const names = [
      ".waybill/tree.json",
      "containers/c2/app.20260115T110000000Z-000001.log",
      "containers/c2/app.log",
      "manifest.json",
    ];
    expect([status, stdout.trim()]).toEqual([0, names.join(",")]);
  });

  it.each(["tar.gz", "zip"])("takes an empty active segment into a .%s", async (ending) => {
    writeFileSync(path.join(place.root, "containers/c2/idle.log"), "");
    const { path: bundle } = await bundleLogs(
      place.root,
      { container: "c2" },
      path.join(target, `c2.${ending}`),
    );
    const { root } = await restoreArchive(bundle, path.join(target, "restored"));
    expect(readFileSync(path.join(root, "containers/c2/idle.log"), "utf8")).toBe("");
    expect(await readIds(root)).toEqual(idsOf(c2));
  });

  it("leaves what stands at its target alone", async () => {
    const file = path.join(target, "there.zip");
    writeFileSync(file, "mine");
    const failure = await failureOf(bundleLogs(place.root, { container: "c1" }, file));
    expect(failure).toMatchObject({ code: "WAYBILL_ARCHIVE_CONFLICT" });
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  it.each([
    ["nothing", {}],
    ["a day that is none", { day: "2026-02-30" }],
    ["an empty range", { timeRange: { fromMs: 5, toMs: 5 } }],
    ["a range of no numbers", { timeRange: { fromMs: Number.NaN, toMs: 5 } }],
  ])("refuses to select %s", async (_, selection) => {
    const failure = await failureOf(bundleLogs(place.root, selection, path.join(target, "x.zip")));
    expect(failure).toBeInstanceOf(RangeError);
    expect(readdirSync(target)).toEqual([]);
  });

  it("refuses a target within the tree, another ending, another level, and what is no tree", async () => {
    const selection = { container: "c1" };
    const failures = await Promise.all([
      failureOf(bundleLogs(place.root, selection, path.join(place.root, "archived", "x.zip"))),
      failureOf(bundleLogs(place.root, selection, path.join(target, "x.rar"))),
      failureOf(bundleLogs(place.root, selection, path.join(target, "x.zip"), { level: 0 })),
      failureOf(bundleLogs(target, selection, path.join(target, "x.zip"))),
    ]);
    expect(failures).toMatchObject([
      { name: "RangeError" },
      { code: "WAYBILL_ARCHIVE_REFUSED", details: { reason: "format" } },
      { name: "RangeError" },
      { code: "WAYBILL_TREE_NOT_FOUND" },
    ]);
    expect(readdirSync(target)).toEqual([]);
  });

  it.each(["pack", "verify"])(
    "ends with the reason of its signal while it does %s, and leaves nothing",
    async (step) => {
      for (const selection of [{ container: "c1" }, { correlationId: "trade_1" }]) {
        const controller = new AbortController();
        const onProgress = (progress: { step: string }): void => {
          if (progress.step === step) controller.abort("enough");
        };
        const options = { signal: controller.signal, onProgress };
        expect(
          await failureOf(bundleLogs(place.root, selection, path.join(target, "c1.tar.gz"), options)),
        ).toBe("enough");
        expect(readdirSync(target)).toEqual([]);
      }
    },
  );

  it("ends with what its listener throws, and leaves nothing", async () => {
    const onProgress = (): void => {
      throw new Error("listener");
    };
    const bundling = bundleLogs(place.root, { container: "c1" }, path.join(target, "c1.zip"), { onProgress });
    expect(await failureOf(bundling)).toEqual(new Error("listener"));
    expect(readdirSync(target)).toEqual([]);
  });
});

describe("restoreArchive", () => {
  it("restores into an empty directory, but into no other", async () => {
    const { path: bundle } = await bundleLogs(place.root, { container: "c2" }, path.join(target, "c2.zip"));
    const [empty, used, file] = ["empty", "used", "file"].map((name) => path.join(target, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(empty);
    mkdirSync(used);
    writeFileSync(path.join(used, "mine"), "mine");
    writeFileSync(file, "mine");
    expect(await readIds((await restoreArchive(bundle, empty)).root)).toEqual(idsOf(c2));
    for (const into of [used, file])
      expect(await failureOf(restoreArchive(bundle, into))).toMatchObject({
        code: "WAYBILL_ARCHIVE_CONFLICT",
      });
    expect(readdirSync(used)).toEqual(["mine"]);
    expect(readdirSync(target).toSorted()).toEqual(["c2.zip", "empty", "file", "used"]);
  });

  it("ends with the reason of its signal, and leaves nothing", async () => {
    const { path: bundle } = await bundleLogs(
      place.root,
      { container: "c1" },
      path.join(target, "c1.tar.gz"),
    );
    const controller = new AbortController();
    const onProgress = (): void => controller.abort("enough");
    const into = path.join(target, "restored");
    expect(await failureOf(restoreArchive(bundle, into, { signal: controller.signal, onProgress }))).toBe(
      "enough",
    );
    expect(readdirSync(target)).toEqual(["c1.tar.gz"]);
  });

  it("tells the error of the system for a bundle that is not there", async () => {
    const failure = await failureOf(
      restoreArchive(path.join(target, "no.zip"), path.join(target, "restored")),
    );
    expect(failure).toMatchObject({ code: "ENOENT" });
    expect(readdirSync(target)).toEqual([]);
  });
});
