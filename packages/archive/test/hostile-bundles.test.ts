import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleLogs, restoreArchive, verifyArchive } from "../src/index.ts";
import { createWorkplace, type Workplace } from "./support/real-tree.ts";
import { linesOf } from "./support/sealed-tree.ts";
import { zipOf } from "./support/zip-bytes.ts";

const lines = linesOf({ container: "c1", component: "app", firstSeq: 1, count: 3 });
const good = "containers/c1/app.log";

interface Member {
  readonly name: string;
  readonly content?: Uint8Array | string;
  readonly type?: Header["type"];
  readonly linkname?: string;
  readonly mode?: number;
  readonly pax?: Record<string, string>;
}

async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const packing = pack();
  for (const { content = "", ...header } of members) packing.entry(header, Buffer.from(content));
  packing.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packing) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** A manifest that lists these members truly: no bundle is to be refused for its manifest alone. */
function manifestOf(members: readonly Member[]): Member {
  const files = members
    .filter(({ content }) => content !== undefined)
    .map(({ name, content = "" }) => ({
      path: name,
      bytes: Buffer.from(content).length,
      sha256: createHash("sha256").update(content).digest("hex"),
    }));
  const fields = { format: 1, kind: "waybill_bundle", created_at: "2026-01-15T10:00:00.000Z", selection: {} };
  return { name: "manifest.json", content: JSON.stringify({ ...fields, files, problems: [] }) };
}

let place: Workplace;
let inside = "";
beforeEach(() => {
  place = createWorkplace();
  inside = path.join(place.directory, "inside");
  mkdirSync(inside);
});
afterEach(() => place.remove());

const target = (): string => path.join(inside, "restored");

/** Tries to restore bytes, and proves that nothing came of it, here or elsewhere. */
async function restoreBytes(bytes: Uint8Array, ending: string, options = {}): Promise<unknown> {
  const bundle = path.join(inside, `bundle.${ending}`);
  writeFileSync(bundle, bytes);
  const outcome = await restoreArchive(bundle, target(), options).then(
    () => "restored",
    (error: unknown) => error,
  );
  const left = { inside: readdirSync(inside).toSorted(), outside: readdirSync(place.directory).toSorted() };
  const verified = await verifyArchive(bundle, { deep: true, ...options });
  return { outcome, left, ok: verified.ok };
}

const refusedFor = (reason: string, ending: string) => ({
  outcome: { code: "WAYBILL_ARCHIVE_REFUSED", details: { reason } },
  left: { inside: [`bundle.${ending}`], outside: ["inside"] },
  ok: false,
});

const hostileNames: readonly string[] = [
  "../escaped.log",
  "../../escaped.log",
  "containers/../../escaped.log",
  "containers/c1/../../../escaped.log",
  "ok/../../../up",
  "/etc/escaped.log",
  "//host/share.log",
  "C:\\escaped.log",
  "C:/escaped.log",
  "..\\escaped.log",
  "containers\\c1\\app.log",
  "containers/c1/app\u0000.log",
  "containers/c1/a\nb.log",
  "containers//app.log",
  "containers/./app.log",
  "containers/c1/app.exe",
  "containers/c1/.ssh",
  ".bashrc",
  ".waybill/locks/x",
  ".waybill/tree.json/x",
  "archived/containers/2026-02-30/c1/app.20260115T110000000Z-000001.log.gz",
  "containers/c1/app.20260115T110000000Z-000001.log.gz.part",
  `containers/c1/${"x".repeat(300)}.log`,
  `containers/${"x/".repeat(600)}app.log`,
  "containers/c1/ä.log",
  " ",
];

describe("restoring a hostile bundle", () => {
  it.each(hostileNames)("refuses the name %j in a tar, and makes nothing", async (name) => {
    const members = [{ name, content: lines }];
    const bytes = gzipSync(await tarOf([...members, manifestOf(members)]));
    expect(await restoreBytes(bytes, "tar.gz")).toMatchObject(refusedFor("name", "tar.gz"));
  });

  it.each(hostileNames)("refuses the name %j in a zip, and makes nothing", async (name) => {
    const members = [{ name, content: lines }];
    const bytes = zipOf(
      [...members, manifestOf(members)].map(({ name: n, content = "" }) => ({ name: n, content })),
    );
    expect(await restoreBytes(bytes, "zip")).toMatchObject(refusedFor("name", "zip"));
  });

  const types: readonly (readonly [string, Member])[] = [
    ["a symbolic link", { name: good, type: "symlink", linkname: "/etc/passwd" }],
    ["a hard link", { name: good, type: "link", linkname: "/etc/passwd" }],
    ["a device", { name: good, type: "character-device" }],
    ["a block device", { name: good, type: "block-device" }],
    ["a pipe", { name: good, type: "fifo" }],
    ["a contiguous file", { name: good, type: "contiguous-file", content: lines }],
  ];
  it.each(types)("refuses %s in a tar", async (_, member) => {
    const bytes = gzipSync(await tarOf([member, manifestOf([])]));
    expect(await restoreBytes(bytes, "tar.gz")).toMatchObject(refusedFor("type", "tar.gz"));
  });

  it("writes through no link that came before in the bundle", async () => {
    const members: Member[] = [
      { name: "containers", type: "symlink", linkname: place.directory },
      { name: good, content: lines },
    ];
    const bytes = gzipSync(await tarOf([...members, manifestOf(members)]));
    expect(await restoreBytes(bytes, "tar.gz")).toMatchObject(refusedFor("type", "tar.gz"));
  });

  it.each([
    ["a symbolic link", 0o120777],
    ["a device", 0o020666],
    ["a socket", 0o140777],
  ])("refuses %s in a zip", async (_, mode) => {
    const bytes = zipOf([{ name: good, content: "/etc/passwd", mode }]);
    expect(await restoreBytes(bytes, "zip")).toMatchObject(refusedFor("type", "zip"));
  });

  it("refuses an encrypted member", async () => {
    const bytes = zipOf([{ name: good, content: lines, flags: 0x0801 }]);
    expect(await restoreBytes(bytes, "zip")).toMatchObject(refusedFor("type", "zip"));
  });

  it.each([
    ["the same name", good],
    ["a name that differs in case", "containers/C1/app.log"],
    ["the same name behind a dot", `./${good}`],
  ])("refuses two members with %s", async (_, name) => {
    const members = [
      { name: good, content: lines },
      { name, content: "other\n" },
    ];
    const bytes = await tarOf([...members, manifestOf(members)]);
    expect(await restoreBytes(gzipSync(bytes), "tar.gz")).toMatchObject(refusedFor("duplicate", "tar.gz"));
  });

  it.each(["tar.gz", "zip"])(
    "refuses a .%s that unpacks to more than 200 times its bytes",
    async (ending) => {
      const members = [{ name: good, content: Buffer.alloc(64 * 1024 * 1024) }];
      const all = [...members, manifestOf(members)].map(({ name, content = "" }) => ({ name, content }));
      const bytes = ending === "zip" ? zipOf(all) : gzipSync(await tarOf(all));
      expect(bytes.length).toBeLessThan(100_000);
      expect(await restoreBytes(bytes, ending)).toMatchObject(refusedFor("limit", ending));
    },
  );

  it("refuses more bytes or members than it is told to take", async () => {
    const members = [
      { name: good, content: lines },
      { name: "containers/c1/risk.log", content: lines },
    ];
    const bytes = gzipSync(await tarOf([...members, manifestOf(members)]));
    for (const limits of [{ bytesMax: 1000 }, { membersMax: 2 }])
      expect(await restoreBytes(bytes, "tar.gz", { limits })).toMatchObject(refusedFor("limit", "tar.gz"));
    for (const limits of [{ bytesMax: 0 }, { membersMax: Number.NaN }, { ratioMax: -1 }])
      await expect(restoreArchive(path.join(inside, "bundle.tar.gz"), target(), { limits })).rejects.toThrow(
        RangeError,
      );
  });

  it("refuses a header that wants gigabytes of memory", async () => {
    const bytes = await tarOf([{ name: good, content: "x", pax: { path: good } }]);
    // The length of the first header, which is the pax one, and its checksum.
    bytes.write("77777777777\u0000", 124);
    const sum = bytes
      .subarray(0, 512)
      .reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148);
    expect(await restoreBytes(gzipSync(bytes), "tar.gz")).toMatchObject(refusedFor("damaged", "tar.gz"));
  });

  it("finds a bomb within a compressed segment, when it verifies deeply", async () => {
    const name = "containers/c1/app.20260115T110000000Z-000001.log.gz";
    const members = [{ name, content: gzipSync(Buffer.alloc(64 * 1024 * 1024)) }];
    const bundle = path.join(inside, "bomb.tar.gz");
    writeFileSync(bundle, gzipSync(await tarOf([...members, manifestOf(members)])));
    const { problems } = await verifyArchive(bundle, { deep: true });
    expect(problems).toMatchObject([
      { path: name, code: "damaged", message: expect.stringContaining("200 times") },
    ]);
  });

  it("refuses a zip whose headers lie about lengths", async () => {
    for (const claimedBytes of [1, lines.length + 1]) {
      const members = [{ name: good, content: lines, claimedBytes }];
      const bytes = zipOf([...members, { ...manifestOf([{ name: good, content: lines }]) }] as never);
      expect(await restoreBytes(bytes, "zip")).toMatchObject(refusedFor("damaged", "zip"));
    }
  });
});

describe("restoring a damaged bundle", () => {
  const bundleBytes = async (ending: string): Promise<Buffer> => {
    place.place([{ container: "c1", component: "app", firstSeq: 1, count: 300 }]);
    const file = path.join(place.directory, `source.${ending}`);
    await bundleLogs(place.root, { container: "c1" }, file);
    const bytes = readFileSync(file);
    place.remove();
    mkdirSync(inside, { recursive: true });
    return bytes;
  };

  it.each(["tar.gz", "zip"])(
    "refuses a .%s that is cut off at any of 40 places",
    async (ending) => {
      const bytes = await bundleBytes(ending);
      const outcomes = new Set<unknown>();
      for (let at = 0; at < 40; at += 1) {
        const cut = bytes.subarray(0, Math.floor((bytes.length * at) / 40));
        const { outcome, left } = (await restoreBytes(cut, ending)) as {
          outcome: { code: string };
          left: unknown;
        };
        outcomes.add(outcome.code);
        expect(left).toEqual({ inside: [`bundle.${ending}`], outside: ["inside"] });
      }
      expect([...outcomes]).toEqual(["WAYBILL_ARCHIVE_REFUSED"]);
    },
    60_000,
  );

  it.each(["tar.gz", "zip"])(
    "restores a .%s with a flipped bit whole, or refuses it, at any of 60 places",
    async (ending) => {
      const bytes = await bundleBytes(ending);
      const expected = Buffer.from(linesOf({ container: "c1", component: "app", firstSeq: 1, count: 300 }));
      let refusals = 0;
      for (let n = 0; n < 60; n += 1) {
        const at = Math.floor((bytes.length * n) / 60);
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (n % 8));
        writeFileSync(path.join(inside, `flipped.${ending}`), flipped);
        const into = path.join(inside, `restored-${n}`);
        const code = await restoreArchive(path.join(inside, `flipped.${ending}`), into).then(
          () => "restored",
          (error: { code: string }) => error.code,
        );
        refusals += Number(code === "WAYBILL_ARCHIVE_REFUSED");
        const isRestored = existsSync(into);
        expect(["restored", "WAYBILL_ARCHIVE_REFUSED"]).toContain(code);
        expect(isRestored).toBe(code === "restored");
        expect(expected.equals(isRestored ? readFileSync(path.join(into, good)) : expected)).toBe(true);
      }
      expect(refusals).toBeGreaterThan(40);
    },
    60_000,
  );

  it.each<readonly [string, Member[], Member[], string]>([
    ["lists a file that is not there", [], [{ name: good, content: lines }], "manifest"],
    ["does not list a file that is there", [{ name: good, content: lines }], [], "manifest"],
    ["lists other bytes", [{ name: good, content: lines }], [{ name: good, content: "other" }], "damaged"],
  ])("refuses a manifest that %s", async (_, members, listed, reason) => {
    const bytes = gzipSync(await tarOf([...members, manifestOf(listed)]));
    expect(await restoreBytes(bytes, "tar.gz")).toMatchObject(refusedFor(reason, "tar.gz"));
  });

  it.each([
    ["no manifest", undefined],
    ["one that is no JSON", "{"],
    ["one of another kind", '{"format":1,"kind":"other"}'],
    ["one of a later format", '{"format":2,"kind":"waybill_bundle"}'],
    ["one without files", '{"format":1,"kind":"waybill_bundle","created_at":"2026-01-01T00:00:00Z"}'],
  ])("refuses a bundle with %s", async (_, content) => {
    const manifest = content === undefined ? [] : [{ name: "manifest.json", content }];
    const bytes = gzipSync(await tarOf([{ name: good, content: lines }, ...manifest]));
    expect(await restoreBytes(bytes, "tar.gz")).toMatchObject(refusedFor("manifest", "tar.gz"));
  });

  it("takes a bundle that somebody has unpacked and packed again with another tar", async () => {
    const members: Member[] = [{ name: `./${good}`, content: lines }];
    const listed = manifestOf([{ name: good, content: lines }]);
    const directories: Member[] = ["./", "./containers/", "./containers/c1/"].map((name) => ({
      name,
      type: "directory",
    }));
    const bytes = gzipSync(await tarOf([...directories, { ...listed, name: "./manifest.json" }, ...members]));
    expect(await restoreBytes(bytes, "tar.gz")).toMatchObject({ outcome: "restored", ok: true });
    expect(readFileSync(path.join(target(), good), "utf8")).toBe(lines);
    expect(gunzipSync(readFileSync(path.join(inside, "bundle.tar.gz"))).length).toBeGreaterThan(0);
  });
});
