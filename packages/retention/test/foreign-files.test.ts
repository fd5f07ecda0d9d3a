import { spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { openTree } from "@waybill/log-tree";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  applyRetention,
  planRetention,
  type RetentionOutcome,
  type RetentionPorts,
  readRetentionState,
  resolveRetentionPolicy,
} from "../src/index.ts";
import { readMountPoints } from "../src/mount-points.ts";
import { lineOf, sealedName } from "./support/trees.ts";

const oldMs = Date.now() - 40 * 86_400_000;
const commands = { mount: "mount", unmount: "umount" };

let base = "";
let root = "";
beforeEach(() => {
  base = realpathSync(mkdtempSync(path.join(tmpdir(), "waybill-foreign-")));
  root = path.join(base, "logs");
  openTree(root, { coordinatorId: "main" });
});
afterEach(() => rmSync(base, { recursive: true }));

/** An expired segment, as a writer would have left it. */
function expired(directory: string, number = 1): string {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, sealedName(oldMs, number));
  writeFileSync(file, lineOf(oldMs, number));
  return file;
}

async function clean(ports: RetentionPorts = {}): Promise<RetentionOutcome> {
  // Everything is over every limit.
  const policy = resolveRetentionPolicy({ maxTotalBytes: 1 });
  return applyRetention(root, planRetention(await readRetentionState(root), policy), ports);
}

async function whileMounted<T>(args: readonly string[], at: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(at, { recursive: true });
  expect(spawnSync(commands.mount, [...args, at]).status).toBe(0);
  try {
    return await work();
  } finally {
    spawnSync(commands.unmount, [at]);
  }
}

function tryMount(): boolean {
  const at = mkdtempSync(path.join(tmpdir(), "waybill-mount-"));
  const isMounted = spawnSync(commands.mount, ["-t", "tmpfs", "tmpfs", at]).status === 0;
  if (isMounted) spawnSync(commands.unmount, [at]);
  rmSync(at, { recursive: true });
  return isMounted;
}
const canMount = process.platform === "linux" && tryMount();

describe("everything that the format does not name", () => {
  it("stays, whatever is missing", async () => {
    const ours = expired(path.join(root, "containers/a"));
    const foreign = [
      "notes.txt",
      "containers/a/notes.txt",
      "containers/a/core.20260101T000000000Z-000001.log.bak",
      "containers/a/deep/main.20260101T000000000Z-000001.log",
      "containers/main.20260101T000000000Z-000001.log",
      "archived/main.20260101T000000000Z-000001.log.gz",
      "archived/containers/someday/a/main.20260101T000000000Z-000001.log.gz",
      "other/a/main.20260101T000000000Z-000001.log",
      ".waybill/indexes/main.20260101T000000000Z-000001.log",
    ].map((name) => path.join(root, name));
    for (const file of foreign) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, "not ours");
    }
    const outcome = await clean();
    expect(outcome).toMatchObject({ deleted: 1, failed: 0 });
    expect(existsSync(ours)).toBe(false);
    expect(foreign.filter((file) => !existsSync(file))).toEqual([]);
  });

  it("stays when it is reached through links", async () => {
    const outside = path.join(base, "outside");
    const precious = expired(path.join(outside, "containers/x"));
    symlinkSync(path.join(outside, "containers/x"), path.join(root, "containers/x"));
    symlinkSync("/", path.join(root, "containers/root"));
    mkdirSync(path.join(root, "containers/y"));
    const link = path.join(root, "containers/y", sealedName(oldMs, 1));
    symlinkSync(precious, link);
    const outcome = await clean();
    expect(outcome.deleted).toBe(0);
    expect(readFileSync(precious, "utf8")).toBe(lineOf(oldMs, 1));
    expect(existsSync(link)).toBe(true);
  });

  it("keeps its bytes under its other name when a hard link of it lies in the tree, and none is told as freed", async () => {
    const mine = path.join(base, "mine.log");
    const file = expired(path.join(root, "containers/a"));
    linkSync(file, mine);
    const outcome = await clean();
    expect(outcome).toMatchObject({ deleted: 1, bytesFreed: 0 });
    expect(readFileSync(mine, "utf8")).toBe(lineOf(oldMs, 1));
  });

  it("stays when the whole tree is reached through a link", async () => {
    expired(path.join(root, "containers/a"));
    const state = await readRetentionState(root);
    const plan = planRetention(state, resolveRetentionPolicy());
    const link = path.join(base, "link");
    symlinkSync(root, link);
    await expect(applyRetention(link, plan)).rejects.toMatchObject({ code: "WAYBILL_TREE_NOT_FOUND" });
  });
});

describe("mount points below the tree (skipped where nobody may mount)", () => {
  it.skipIf(!canMount)("are not entered when they are another disk", async () => {
    const at = path.join(root, "containers/a");
    const left = await whileMounted(["-t", "tmpfs", "tmpfs"], at, async () => {
      expired(at);
      // By its device number alone, as where nobody lists mount points.
      const outcome = await clean({ mountPoints: () => [] });
      return [outcome.skips.map(({ reason }) => reason), readdirSync(at).length];
    });
    expect(left).toEqual([["mount_point"], 1]);
  });

  it.skipIf(!canMount)("are not entered when they are a directory of the same disk", async () => {
    const precious = path.join(base, "precious");
    expired(precious);
    const at = path.join(root, "containers/a b\\c");
    const encoded = path.join(root, "containers/a%20b%5Cc");
    const seen = await whileMounted(["--bind", precious], at, async () => readMountPoints(root));
    expect(seen).toEqual([at]);
    const left = await whileMounted(["--bind", precious], encoded, async () => {
      const outcome = await clean();
      return [outcome.skips.map(({ reason }) => reason), readdirSync(precious).length];
    });
    expect(left).toEqual([["mount_point"], 1]);
  });
});
