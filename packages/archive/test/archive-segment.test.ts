import { statSync, utimesSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { createTreeLayout, listSegments, type Segment } from "@waybill/log-tree";
import { createFakeClock, createFaultyFileSystem, type FaultyFileSystem } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import {
  type ArchiveProgress,
  archiveSegment,
  readArchiveManifest,
  recordRemoval,
  recoverArchive,
  verifyArchive,
} from "../src/index.ts";
import { createWorkplace } from "./support/real-tree.ts";
import {
  idsOf,
  linesOf,
  placeTree,
  readIds,
  type SegmentPlan,
  sealedSegments,
  startMs,
} from "./support/sealed-tree.ts";

const root = "/logs";
const layout = createTreeLayout(root);
const sealedMs = startMs + 3_600_000;
const plain: SegmentPlan = {
  container: "c1",
  component: "app",
  firstSeq: 1,
  count: 5,
  seal: { sealedMs, number: 1 },
};
const packed: SegmentPlan = { ...plain, compressed: true };
const active: SegmentPlan = { container: "c1", component: "app", firstSeq: 6, count: 2 };
const plainFile = "/logs/containers/c1/app.20260115T110000000Z-000001.log";
const archivedFile = "/logs/archived/containers/2026-01-15/c1/app.20260115T110000000Z-000001.log.gz";

async function treeWith(...plans: SegmentPlan[]) {
  const fileSystem = createFaultyFileSystem();
  placeTree(fileSystem.outside, root, [...plans, active]);
  const [segment] = await sealedSegments(root, fileSystem);
  if (segment === undefined) throw new Error("no sealed segment");
  return { fileSystem, segment, ports: { layout, fileSystem, clock: createFakeClock() } };
}

function unpacked(fileSystem: FaultyFileSystem, file: string): string {
  return gunzipSync(fileSystem.outside.readFile(file)).toString("utf8");
}

/** What a promise was rejected with. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
}

const reason = (text: string) => ({ code: "WAYBILL_SEGMENT_UNARCHIVABLE", details: { reason: text } });

describe("archiveSegment", () => {
  it.each([
    ["plain", plain],
    ["compressed", packed],
  ])("moves a %s segment to its dated place, with its entries as they were", async (_, plan) => {
    const { fileSystem, segment, ports } = await treeWith(plan);
    const archived = await archiveSegment(segment, ports);
    expect(archived).toMatchObject({
      path: archivedFile,
      bytes: fileSystem.lstat(archivedFile)?.size,
      plainBytes: linesOf(plain).length,
      firstMs: startMs + 1000,
      lastMs: startMs + 5000,
      resumed: false,
    });
    expect(unpacked(fileSystem, archivedFile)).toBe(linesOf(plain));
    expect(fileSystem.lstat(segment.path)).toBe(undefined);
    expect(await readIds(root, fileSystem)).toEqual(idsOf([plain, active]));
    expect(fileSystem.openDescriptors).toBe(0);
  });

  it("notes in the manifest what it did, for ages without opening files", async () => {
    const { segment, ports } = await treeWith(plain);
    const { bytes, sha256 } = await archiveSegment(segment, ports);
    expect([...(await readArchiveManifest(ports)).values()]).toEqual([
      {
        path: archivedFile,
        archivedMs: ports.clock.now(),
        bytes,
        sha256,
        plainBytes: linesOf(plain).length,
        firstMs: startMs + 1000,
        lastMs: startMs + 5000,
      },
    ]);
  });

  it("archives a segment whose container id is too long to stand in its path", async () => {
    const long: SegmentPlan = { ...plain, container: "x".repeat(500) };
    const { fileSystem, segment, ports } = await treeWith(long);
    expect(segment.container).toBe(undefined);
    await archiveSegment(segment, ports);
    expect(await readIds(root, fileSystem)).toEqual(idsOf([long, active]));
    const { segments } = await listSegments(root, { fileSystem });
    expect(segments.find(({ state }) => state === "archived")?.stream).toBe(segment.stream);
  });

  it("copies a compressed segment when the archive is on another disk", async () => {
    const { fileSystem, segment, ports } = await treeWith(packed);
    fileSystem.inject({ verb: "rename", path: segment.path, error: "EXDEV" });
    await archiveSegment(segment, ports);
    expect(unpacked(fileSystem, archivedFile)).toBe(linesOf(plain));
    expect(fileSystem.lstat(segment.path)).toBe(undefined);
  });

  it("takes the copy of a run that was cut off, when it holds the same", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.inject({ verb: "unlink", path: plainFile, error: "EIO" });
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject({ code: "EIO" });
    const before = fileSystem.lstat(archivedFile)?.inode;
    expect(await archiveSegment(segment, ports)).toMatchObject({ path: archivedFile, resumed: true });
    expect(fileSystem.lstat(archivedFile)?.inode).toBe(before);
    expect(fileSystem.lstat(plainFile)).toBe(undefined);
  });

  it.each([
    [
      "other entries",
      (files: FaultyFileSystem) => files.outside.link("/logs/other.gz", archivedFile),
      "holds other entries",
    ],
    [
      "damaged bytes",
      (files: FaultyFileSystem) => files.outside.writeFile(archivedFile, "no gzip"),
      "is damaged",
    ],
    ["a link", (files: FaultyFileSystem) => files.outside.symlink("/etc/passwd", archivedFile), "is a link"],
    ["a directory", (files: FaultyFileSystem) => files.outside.makeDirectory(archivedFile), "is a directory"],
  ])("leaves alone what stands at its place with %s, and the source too", async (_, put, message) => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.outside.makeDirectory(path.dirname(archivedFile));
    const other = await treeWith({ ...packed, firstSeq: 100 });
    fileSystem.outside.writeFile("/logs/other.gz", other.fileSystem.outside.readFile(other.segment.path));
    put(fileSystem);
    const before = fileSystem.lstat(archivedFile);
    const failure = await failureOf(archiveSegment(segment, ports));
    expect(failure).toMatchObject({
      code: "WAYBILL_ARCHIVE_CONFLICT",
      message: expect.stringContaining(message),
    });
    expect(fileSystem.lstat(archivedFile)).toEqual(before);
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
  });

  it("makes no directory behind a link", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.outside.makeDirectory("/elsewhere");
    fileSystem.outside.symlink("/elsewhere", "/logs/archived/containers");
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject({
      code: "WAYBILL_ARCHIVE_CONFLICT",
    });
    expect(fileSystem.readdir("/elsewhere")).toEqual([]);
  });

  it.each<readonly [string, (files: FaultyFileSystem, segment: Segment) => void, string]>([
    ["that was removed", (files, { path: file }) => files.outside.unlink(file), "vanished"],
    [
      "that was replaced",
      (files, { path: file }) => files.outside.replaceFile(file, linesOf(plain)),
      "changed",
    ],
    [
      "that has grown",
      (files, { path: file }) => files.outside.writeFile(file, `${linesOf(plain)}more\n`),
      "changed",
    ],
    [
      "that became a link",
      (files, { path: file }) => {
        files.outside.rename(file, "/logs/moved");
        files.outside.symlink("/logs/moved", file);
      },
      "changed",
    ],
    [
      "whose active name still is the same file",
      (files, { path: file }) => {
        files.outside.unlink("/logs/containers/c1/app.log");
        files.outside.link(file, "/logs/containers/c1/app.log");
      },
      "live",
    ],
  ])("refuses a segment %s", async (_, change, expected) => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    change(fileSystem, segment);
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject(reason(expected));
    expect(fileSystem.lstat(archivedFile)).toBe(undefined);
    expect(fileSystem.openDescriptors).toBe(0);
  });

  it("refuses what is active, temporary, archived or shadowed", async () => {
    const { segment, ports } = await treeWith(plain);
    const changes: Partial<Segment>[] = [
      { state: "active" },
      { state: "temporary" },
      { state: "archived" },
      { shadowed: true },
    ];
    const failures = await Promise.all(
      changes.map((change) => failureOf(archiveSegment({ ...segment, ...change }, ports))),
    );
    expect(failures).toMatchObject([...changes.slice(1).map(() => reason("not_sealed")), reason("shadowed")]);
  });

  it.each<readonly [string, (bytes: Uint8Array) => Uint8Array]>([
    ["cut off", (bytes) => bytes.subarray(0, bytes.length - 9)],
    [
      "damaged in the middle",
      (bytes) => bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 0xff : byte)),
    ],
    ["followed by other bytes", (bytes) => Buffer.concat([bytes, Buffer.from("more")])],
    ["followed by the NUL bytes of a power cut", (bytes) => Buffer.concat([bytes, Buffer.alloc(64)])],
  ])("leaves a compressed segment where it is that is %s", async (_, damage) => {
    const { fileSystem, segment } = await treeWith(packed);
    fileSystem.outside.writeFile(segment.path, damage(fileSystem.outside.readFile(segment.path)));
    const [found = segment] = await sealedSegments(root, fileSystem);
    expect(await failureOf(archiveSegment(found, { layout, fileSystem }))).toMatchObject(reason("damaged"));
    expect(fileSystem.lstat(segment.path)?.size).toBe(found.bytes);
    expect(fileSystem.lstat(archivedFile)).toBe(undefined);
  });

  it("keeps the source when the disk does not give back what was written", async () => {
    const { fileSystem, segment } = await treeWith(plain);
    const lying: FaultyFileSystem = {
      ...fileSystem,
      write: (fd, bytes, offset, length) =>
        fileSystem.write(
          fd,
          bytes.map((byte) => byte ^ 1),
          offset,
          length,
        ),
    };
    const failure = await failureOf(archiveSegment(segment, { layout, fileSystem: lying }));
    expect(failure).toMatchObject({ code: "WAYBILL_ARCHIVE_UNVERIFIED" });
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
    expect(fileSystem.readdir(path.dirname(archivedFile))).toEqual([]);
  });

  it("keeps the source when the disk gives back another file, whole as it is", async () => {
    const { fileSystem, segment } = await treeWith(plain);
    const other = gzipSync("other entries");
    let written = 0;
    const lying: FaultyFileSystem = {
      ...fileSystem,
      write(fd, bytes, offset, length) {
        if (written === 0) written = fileSystem.write(fd, other, 0, other.length);
        return bytes.length > 0 ? length : offset;
      },
    };
    const failure = await failureOf(archiveSegment(segment, { layout, fileSystem: lying }));
    expect(failure).toMatchObject({ code: "WAYBILL_ARCHIVE_UNVERIFIED" });
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
  });

  it("keeps the source until the manifest has its line", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.inject({ verb: "write", path: "archive.ndjson", error: "ENOSPC" });
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject({ code: "ENOSPC" });
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
    expect(await archiveSegment(segment, ports)).toMatchObject({ resumed: true });
    expect((await readArchiveManifest(ports)).has(archivedFile)).toBe(true);
  });

  it("makes no copy when the manifest cannot be opened: a copy that is not noted takes room beside its source", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.inject({ verb: "open", path: "archive.ndjson", error: "EACCES" });
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject({ code: "EACCES" });
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
    expect(fileSystem.lstat(archivedFile)).toBeUndefined();
    expect(await archiveSegment(segment, ports)).toMatchObject({ resumed: false });
  });

  it("makes the directory of the manifest where a tree has none", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.outside.removeDirectory("/logs/.waybill");
    await archiveSegment(segment, ports);
    expect((await readArchiveManifest(ports)).has(archivedFile)).toBe(true);
  });

  it("ends with the reason of its signal up to the moment of the rename", async () => {
    const { fileSystem, segment } = await treeWith(plain);
    const controller = new AbortController();
    const aborting: FaultyFileSystem = {
      ...fileSystem,
      sync(fd) {
        fileSystem.sync(fd);
        controller.abort("late");
      },
    };
    const archiving = archiveSegment(
      segment,
      { layout, fileSystem: aborting },
      { signal: controller.signal },
    );
    expect(await failureOf(archiving)).toBe("late");
    expect(fileSystem.readdir(path.dirname(archivedFile))).toEqual([]);
    expect(fileSystem.lstat(plainFile)?.size).toBe(segment.bytes);
  });

  it("writes through short writes, and keeps the source when the device is full", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.setDeviceLimit(linesOf(plain).length + linesOf(active).length + 200);
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject({ code: "ENOSPC" });
    expect((await listSegments(root, { fileSystem })).summary.filesByState.temporary).toBe(0);
    fileSystem.setDeviceLimit(undefined);
    fileSystem.inject({ verb: "write", shortWriteBytes: 1, times: 50 });
    await archiveSegment(segment, ports);
    expect(unpacked(fileSystem, archivedFile)).toBe(linesOf(plain));
  });

  it("archives once when two runs meet on one segment", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    const results = await Promise.all([
      failureOf(archiveSegment(segment, ports)),
      failureOf(archiveSegment(segment, ports)),
    ]);
    expect(results).toContainEqual(expect.objectContaining({ code: "WAYBILL_SEGMENT_UNARCHIVABLE" }));
    expect(results.filter((result) => result === "resolved")).toHaveLength(1);
    const { summary } = await listSegments(root, { fileSystem });
    expect(summary.filesByState).toEqual({ active: 1, sealed: 0, archived: 1, temporary: 0, aside: 0 });
    expect(await readIds(root, fileSystem)).toEqual(idsOf([plain, active]));
  });

  it("ends with the reason of its signal, and leaves nothing half-made", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    for (const step of ["pack", "verify"]) {
      const controller = new AbortController();
      const onProgress = (progress: ArchiveProgress): void => {
        if (progress.step === step) controller.abort(new Error(`enough at ${step}`));
      };
      const failure = await failureOf(
        archiveSegment(segment, ports, { signal: controller.signal, onProgress }),
      );
      expect(failure).toEqual(new Error(`enough at ${step}`));
    }
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
    expect(fileSystem.readdir(path.dirname(archivedFile))).toEqual([]);
    expect(fileSystem.openDescriptors).toBe(0);
  });

  it("does nothing with a signal that is aborted already", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.clearOperations();
    expect(await failureOf(archiveSegment(segment, ports, { signal: AbortSignal.abort("no") }))).toBe("no");
    expect(fileSystem.operations).toEqual([]);
  });

  it("tells how far it is, up to the whole file", async () => {
    const { segment, ports } = await treeWith(plain);
    const told: ArchiveProgress[] = [];
    await archiveSegment(segment, ports, { onProgress: (progress) => told.push(progress) });
    const common = { file: plainFile, files: 0, filesTotal: 1 };
    expect(told).toEqual([
      { step: "pack", bytes: segment.bytes, bytesTotal: segment.bytes, ...common },
      { step: "verify", bytes: told.at(-1)?.bytesTotal, bytesTotal: told.at(-1)?.bytes, ...common },
    ]);
  });

  it("refuses a level that gzip does not have", async () => {
    const { segment, ports } = await treeWith(plain);
    for (const level of [0, 10, 1.5, Number.NaN])
      expect(await failureOf(archiveSegment(segment, ports, { level }))).toBeInstanceOf(RangeError);
  });

  it("keeps the time of the last change, on a real disk", async () => {
    const place = createWorkplace();
    try {
      place.place([plain, active]);
      const real = createTreeLayout(place.root);
      const [listed] = await sealedSegments(place.root);
      const modified = new Date("2026-01-15T11:00:00.123Z");
      utimesSync(listed?.path ?? "", modified, modified);
      const [segment] = await sealedSegments(place.root);
      if (segment === undefined) throw new Error("no sealed segment");
      const archived = await archiveSegment(segment, { layout: real });
      expect(Math.floor(statSync(archived.path).mtimeMs)).toBe(segment.modifiedMs);
      expect(Math.abs(segment.modifiedMs - modified.getTime())).toBeLessThanOrEqual(1);
      expect(statSync(archived.path).mode & 0o777).toBe(0o640 & ~process.umask());
    } finally {
      place.remove();
    }
  });
});

describe("recoverArchive", () => {
  it("removes parts, finishes what stands in both places, and lists what the manifest does not have", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain, {
      ...plain,
      firstSeq: 200,
      component: "risk",
    });
    fileSystem.inject({ verb: "unlink", path: segment.path, error: "EIO" });
    await failureOf(archiveSegment(segment, ports));
    const part = `${path.dirname(archivedFile)}/app@4711.20260115T110000000Z-000001.log.gz.part`;
    fileSystem.outside.writeFile(part, "half");
    fileSystem.outside.unlink("/logs/.waybill/manifests/archive.ndjson");
    expect(await recoverArchive(ports)).toEqual({
      partsRemoved: [part],
      finished: [archivedFile],
      listed: [],
      damagedLines: 0,
      problems: [],
    });
    fileSystem.outside.writeFile(
      "/logs/.waybill/manifests/archive.ndjson",
      '{"crc":"00000000","v":1}\nhalf a li',
    );
    expect(await recoverArchive(ports)).toMatchObject({
      listed: [archivedFile],
      damagedLines: 2,
      problems: [],
    });
    expect(await recoverArchive(ports)).toMatchObject({
      partsRemoved: [],
      finished: [],
      listed: [],
      damagedLines: 0,
    });
    expect(await verifyArchive(root, { deep: true, fileSystem })).toMatchObject({
      ok: true,
      files: 1,
      entries: 5,
    });
  });

  it("shortens a manifest that has grown, to one line for each file that policy has not deleted", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    await archiveSegment(segment, ports);
    const file = "/logs/.waybill/manifests/archive.ndjson";
    const line = fileSystem.outside.readText(file);
    fileSystem.outside.writeFile(file, line.repeat(Math.ceil(1_100_000 / line.length)));
    await recordRemoval(["/logs/archived/gone.gz"], ports);
    expect(await recoverArchive(ports)).toMatchObject({ listed: [], damagedLines: 0, problems: [] });
    expect(fileSystem.outside.readText(file)).toBe(line);
    expect(fileSystem.readdir("/logs/.waybill/manifests")).toHaveLength(1);
  });

  it("leaves the part of a compressor beside its segment, and tells of what it cannot put right", async () => {
    const { fileSystem, ports } = await treeWith(plain);
    fileSystem.outside.writeFile(`${plainFile}.gz.part`, "being made");
    fileSystem.outside.writeFile(archivedFile, "no gzip");
    const { problems, partsRemoved } = await recoverArchive(ports);
    expect(partsRemoved).toEqual([]);
    expect(problems).toMatchObject([
      { file: plainFile, code: "WAYBILL_ARCHIVE_CONFLICT" },
      { file: archivedFile, code: "Z_DATA_ERROR" },
    ]);
    expect(fileSystem.outside.readText(plainFile)).toBe(linesOf(plain));
  });
});

describe("verifyArchive of a tree", () => {
  it("tells what is missing, changed, unlisted, damaged or no entry", async () => {
    const { fileSystem, ports } = await treeWith(
      ...[1, 2, 3, 4].map((number) => ({ ...plain, firstSeq: number * 10, seal: { sealedMs, number } })),
    );
    const archived: string[] = [];
    for (const segment of await sealedSegments(root, fileSystem))
      archived.push((await archiveSegment(segment, ports)).path);
    const [gone = "", changed = "", removed = "", kept = ""] = archived;
    expect((await verifyArchive(root, { fileSystem })).ok).toBe(true);
    fileSystem.outside.unlink(gone);
    fileSystem.outside.writeFile(
      changed,
      fileSystem.outside.readFile(changed).map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
    );
    fileSystem.outside.unlink(removed);
    await recordRemoval([removed], ports);
    const copy = kept.replace("/app.", "/copy.");
    fileSystem.outside.writeFile(copy, fileSystem.outside.readFile(kept));
    const found = await verifyArchive(root, { deep: true, fileSystem });
    const names = (file: string): string => path.posix.relative(root, file);
    expect(found.problems.map(({ path: file, code }) => `${file} ${code}`)).toEqual([
      `${names(changed)} damaged`,
      `${names(changed)} changed`,
      `${names(copy)} unlisted`,
      `${names(gone)} missing`,
    ]);
    expect(found).toMatchObject({ ok: false, kind: "tree", files: 3, problemsTotal: 4 });
  });

  it("misses nothing of what is archived or deleted by policy while it verifies", async () => {
    const { fileSystem, ports } = await treeWith(
      ...[1, 2, 3].map((number) => ({ ...plain, firstSeq: number * 10, seal: { sealedMs, number } })),
    );
    const [first, second, third] = await sealedSegments(root, fileSystem);
    if (first === undefined || second === undefined || third === undefined) throw new Error("no segments");
    await archiveSegment(first, ports);
    const deleted = await archiveSegment(second, ports);
    const archived = await archiveSegment(third, ports);
    fileSystem.outside.unlink(deleted.path);
    await recordRemoval([deleted.path], ports);
    // What two runs at the same time do just now: both lines come when it has begun to verify.
    const manifest = `${root}/.waybill/manifests/archive.ndjson`;
    const whole = fileSystem.outside.readText(manifest);
    const isLate = (line: string): boolean =>
      line.includes(path.basename(archived.path)) || line.includes(`"event":"removed"`);
    const before = whole.split("\n").filter((line) => !isLate(line));
    fileSystem.outside.writeFile(manifest, before.join("\n"));
    const onProgress = (): void => fileSystem.outside.writeFile(manifest, whole);
    const found = await verifyArchive(root, { fileSystem, onProgress });
    expect(found).toMatchObject({ files: 2, problems: [] });
  });

  it("does not miss the line of a copy whose source still stands, as its archiving is not over", async () => {
    const { fileSystem, segment, ports } = await treeWith(plain);
    fileSystem.inject({ verb: "write", path: "archive.ndjson", error: "ENOSPC" });
    expect(await failureOf(archiveSegment(segment, ports))).toMatchObject({ code: "ENOSPC" });
    expect(fileSystem.lstat(archivedFile)?.kind).toBe("file");
    expect(await verifyArchive(root, { fileSystem })).toMatchObject({ ok: true, files: 1 });
  });

  it("throws for a directory that is no tree", async () => {
    const fileSystem = createFaultyFileSystem();
    fileSystem.outside.makeDirectory("/empty");
    expect(await failureOf(verifyArchive("/empty", { fileSystem }))).toMatchObject({
      code: "WAYBILL_TREE_NOT_FOUND",
    });
  });
});
