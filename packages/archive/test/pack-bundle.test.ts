import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemberSource } from "../src/bundle/member-source.ts";
import { packBundle } from "../src/bundle/pack-bundle.ts";
import { bundleLogs } from "../src/index.ts";
import { createWorkplace, type Workplace } from "./support/real-tree.ts";

let place: Workplace;
beforeEach(() => {
  place = createWorkplace();
});
afterEach(() => place.remove());

/** Members of 1 MiB each; the bytes differ, so that they stay that long when packed. */
async function* members(count: number, broken?: number): AsyncGenerator<MemberSource, void, undefined> {
  const stats = statSync(place.directory);
  stats.size = 1024 * 1024;
  for (let n = 0; n < count; n += 1) {
    const chunks = async function* (): AsyncGenerator<Buffer, void, undefined> {
      for (let at = 0; at < 16; at += 1) {
        if (n === broken && at === 5) throw Object.assign(new Error("bad sector"), { code: "EIO" });
        yield Buffer.from(Array.from({ length: 65_536 }, (_, byte) => (byte * byte * (at + n + 7)) >> 5));
      }
    };
    yield { path: `containers/c${n}/app.log`, stats, entries: undefined, chunks };
  }
}

const options = { level: 1, signal: undefined, manifestOf: () => "{}", onBytes: () => undefined };

/** What a promise was rejected with; "resolved" when it was not. */
function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
}

describe.each(["tar.gz", "zip"] as const)("packing a .%s", (format) => {
  it("rejects when the output fails, where finalize() of archiver resolves", async () => {
    let taken = 0;
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length;
        done(taken > 100_000 ? Object.assign(new Error("no space"), { code: "ENOSPC" }) : null);
      },
    });
    expect(await failureOf(packBundle(members(4), output, { ...options, format }))).toMatchObject({
      code: "ENOSPC",
    });
  });

  it("rejects when the output fails with its very last byte", async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(),
      final: (done) => done(Object.assign(new Error("no space"), { code: "ENOSPC" })),
    });
    expect(await failureOf(packBundle(members(2), output, { ...options, format }))).toMatchObject({
      code: "ENOSPC",
    });
  });

  it("rejects when a source fails, where archiver waits for ever", async () => {
    const output = createWriteStream(path.join(place.directory, "out"));
    expect(await failureOf(packBundle(members(3, 1), output, { ...options, format }))).toMatchObject({
      code: "EIO",
    });
    expect(output.closed).toBe(true);
  });

  it("rejects when a source has other bytes than it told", async () => {
    const other = async function* (more: number): AsyncGenerator<MemberSource, void, undefined> {
      for await (const member of members(1)) {
        member.stats.size += more;
        yield member;
      }
    };
    for (const more of [1, -1]) {
      const output = createWriteStream(path.join(place.directory, `out${more}`));
      expect(await failureOf(packBundle(other(more), output, { ...options, format }))).toBeInstanceOf(Error);
    }
  });
});

function mountSmall(point: string): boolean {
  try {
    mkdirSync(point);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", point], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.skipIf(!canMount)("a bundle for a disk that is too small for it", () => {
  let point = "";
  let isMounted = false;
  beforeEach(() => {
    point = path.join(place.directory, "small");
    isMounted = mountSmall(point);
  });
  afterEach(() => {
    if (isMounted) execFileSync("umount", [point]);
  });

  it.each(["tar.gz", "zip"])("is told as ENOSPC for a .%s, and nothing is left of it", async (ending) => {
    place.place([{ container: "c1", component: "app", firstSeq: 1, count: 20_000 }]);
    const noise = `${randomBytes(3_000_000).toString("base64")}\n`;
    writeFileSync(path.join(place.root, "containers/c1/noise.log"), noise);
    const bundling = bundleLogs(place.root, { container: "c1" }, path.join(point, `c1.${ending}`));
    expect(await failureOf(bundling)).toMatchObject({ code: "ENOSPC" });
    expect(readdirSync(point)).toEqual([]);
  });
});
