import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packAll, runCommand } from "@waybill/tooling-pack-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly waybill: { readonly layer: number };
  readonly dependencies?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const manifests = readdirSync(join(root, "packages"))
  .map((folder) => join(root, "packages", folder, "package.json"))
  .filter((file) => existsSync(file))
  .map(readManifest);
const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));

let work: string;

beforeAll(async () => {
  // The resolved path: a folder under a link would be another module to Node than the one npm wrote down.
  work = realpathSync(mkdtempSync(join(tmpdir(), "waybill-solo-")));
  mkdirSync(join(work, "tarballs"));
  await packAll(root, join(work, "tarballs"));
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}

/** The workspace packages that come with a package, itself included. */
function closureOf({ name, dependencies }: Manifest): Set<string> {
  const below = Object.keys(dependencies ?? {}).flatMap((each) => {
    const manifest = byName.get(each);
    return manifest === undefined ? [] : [...closureOf(manifest)];
  });
  return new Set([name, ...below]);
}

/** What npm installs instead of asking a registry: our tarballs, and the outside packages of this workspace. */
function localSources(names: Iterable<string>): Record<string, string> {
  const sources: Record<string, string> = {};
  for (const name of names) {
    sources[name] = `file:${tarballOf(name)}`;
    const short = name.replace("@waybill/", "");
    for (const dependency of Object.keys(byName.get(name)?.dependencies ?? {})) {
      if (byName.has(dependency)) continue;
      sources[dependency] = `file:${realpathSync(join(root, "packages", short, "node_modules", dependency))}`;
    }
  }
  return sources;
}

function tarballOf(name: string): string {
  return join(work, "tarballs", `${name.slice(1).replace("/", "-")}-${byName.get(name)?.version}.tgz`);
}

/** The first block of a README that is fenced as TypeScript. */
function firstSnippet(readme: string): string | undefined {
  return /^```ts\r?\n([\s\S]*?)^```/m.exec(readme)?.[1];
}

async function run(folder: string, command: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(command, args, { cwd: folder });
  expect(code, `${command} ${args.join(" ")} ended with ${code}:\n${output}`).toBe(0);
  return output;
}

describe.each(manifests)("$name, installed alone", (manifest) => {
  const { name } = manifest;
  const expected = closureOf(manifest);
  let folder: string;

  beforeAll(async () => {
    folder = join(work, name.replace("@waybill/", ""));
    mkdirSync(folder);
    const sources = localSources(expected);
    const { [name]: own, ...overrides } = sources;
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ private: true, type: "module", dependencies: { [name]: own }, overrides }),
    );
    await run(folder, "npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]);
  });

  test("brings only workspace packages of lower layers", () => {
    const installed = readdirSync(join(folder, "node_modules", "@waybill")).map((each) => `@waybill/${each}`);
    expect(new Set(installed)).toEqual(expected);
    const others = installed
      .filter((each) => each !== name)
      .map((each) => readManifest(join(folder, "node_modules", each, "package.json")).waybill.layer);
    expect(Math.max(-1, ...others)).toBeLessThan(manifest.waybill.layer);
  });

  test("loads by import() and by require(), with the same exports and without a word", async () => {
    const show = `console.log(JSON.stringify(Object.keys(loaded).sort()))`;
    const [imported, required] = await Promise.all([
      run(folder, process.execPath, [
        "--input-type=module",
        "-e",
        `const loaded = await import("${name}"); ${show}`,
      ]),
      run(folder, process.execPath, [
        "--input-type=commonjs",
        "-e",
        `const loaded = require("${name}"); ${show}`,
      ]),
    ]);
    expect(JSON.parse(imported)).not.toEqual([]);
    expect(required).toBe(imported);
  });

  test("runs the first TypeScript snippet of its README", async () => {
    const readme = readFileSync(join(folder, "node_modules", name, "README.md"), "utf8");
    const snippet = firstSnippet(readme);
    expect(
      snippet,
      `packages/${name.replace("@waybill/", "")}/README.md has no \`\`\`ts block`,
    ).toBeDefined();
    writeFileSync(join(folder, "snippet.ts"), snippet ?? "");
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2023",
          lib: ["es2023"],
          module: "nodenext",
          strict: true,
          types: ["node"],
          typeRoots: [join(root, "node_modules", "@types")],
          outDir: "out",
        },
        files: ["snippet.ts"],
      }),
    );
    await run(folder, join(root, "node_modules", ".bin", "tsc"), []);
    await run(folder, process.execPath, [join("out", "snippet.js")]);
  });
});
