import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkTarball, contentProblems } from "../src/check-tarball.ts";
import { cleanEnvironment, packAll } from "../src/pack.ts";

const good = {
  "package.json": JSON.stringify({
    name: "planted",
    version: "1.0.0",
    license: "MIT",
    type: "module",
    files: ["dist", "src"],
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  }),
  "README.md": "# planted",
  LICENSE: "MIT",
  "src/index.ts": "export const a = 1;",
  "dist/index.js": "export const a = 1;",
  "dist/index.d.ts": "export declare const a = 1;",
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-pack-check-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function pack(files: Readonly<Record<string, string>>): Promise<string> {
  const all = {
    ...prefixed("packages/planted/", files),
    "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
  };
  for (const [path, text] of Object.entries({ ...all, "package.json": "{}" })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const target = join(root, "tarballs");
  mkdirSync(target);
  const pnpm = fileURLToPath(new URL("../../../node_modules/.bin/pnpm", import.meta.url));
  const [tarball] = await packAll(root, target, pnpm);
  return tarball ?? "";
}

function prefixed(prefix: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [prefix + path, text]));
}

test("passes a sound tarball", { timeout: 60_000 }, async () => {
  expect(await checkTarball(await pack(good))).toEqual([]);
});

test("reports an export without a file, by publint and by attw", { timeout: 60_000 }, async () => {
  const manifest = good["package.json"].replace("./dist/index.d.ts", "./dist/other.d.ts");
  const problems = await checkTarball(await pack({ ...good, "package.json": manifest }));
  expect(problems).toContainEqual(expect.stringMatching(/^planted-1\.0\.0\.tgz: publint: .*other\.d\.ts/));
  expect(problems).toContainEqual(expect.stringMatching(/^planted-1\.0\.0\.tgz: attw:/));
});

test.each(["README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"])("misses %s", (path) => {
  const files = new Map(Object.entries(good));
  files.delete(path);
  expect(contentProblems(files)).toContain(`${path} is missing`);
});

test.each(["workspace:^", "catalog:", "@waybill/source"])("refuses a manifest that says %s", (word) => {
  const files = new Map(Object.entries({ ...good, "package.json": JSON.stringify({ x: word }) }));
  expect(contentProblems(files)).toEqual([expect.stringContaining("package.json still says")]);
});

test.each([
  ["src/a.test.ts", "is a test"],
  ["dist/a.test-d.js.map", "is a test"],
  ["dist/.tsbuildinfo", "is for the compiler only"],
  ["dist/old/gone.js", "has no source src/old/gone.ts"],
])("refuses %s in the tarball", (path, reason) => {
  const files = new Map(Object.entries({ ...good, [path]: "" }));
  expect(contentProblems(files)).toEqual([expect.stringContaining(`${path} ${reason}`)]);
});

test("keeps the variables of a surrounding npm or pnpm from a nested one", () => {
  process.env.npm_config_planted = "1";
  process.env.PNPM_planted = "1";
  try {
    expect(Object.keys(cleanEnvironment()).filter((name) => /planted/.test(name))).toEqual([]);
  } finally {
    delete process.env.npm_config_planted;
    delete process.env.PNPM_planted;
  }
});
