import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a new package is. */
export interface PackagePlan {
  /** The part after `@waybill/`: lower-case words with hyphens. */
  readonly name: string;
  /** Whole number from 0; the package may depend on lower layers only. */
  readonly layer: number;
  /** One sentence without a full stop. Default: "The <name> package of Waybill". */
  readonly description?: string | undefined;
}

// Such a package has no one job, so everything ends up in it.
const emptyNames = new Set(["common", "core", "errors", "helpers", "shared", "types", "utils"]);

/**
 * Says why a package cannot be created as planned.
 *
 * @returns one sentence, or undefined when the plan is good.
 */
export function refusalOf({ name, layer }: PackagePlan): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    return `"${name}" is not a package name: use lower-case words with hyphens, such as log-tree`;
  }
  if (emptyNames.has(name)) return `"${name}" says nothing: name the one job of the package`;
  if (!Number.isInteger(layer) || layer < 0) return `the layer must be a whole number from 0, not ${layer}`;
  return undefined;
}

/** The files of a new package: path from its folder → text. */
export function planFiles({ name, layer, description }: PackagePlan): ReadonlyMap<string, string> {
  const purpose = description ?? `The ${name} package of Waybill`;
  const entry = (source: boolean): Record<string, unknown> => ({
    ".": {
      ...(source ? { "@waybill/source": "./src/index.ts" } : {}),
      types: "./dist/index.d.ts",
      default: "./dist/index.js",
    },
    "./package.json": "./package.json",
  });
  const manifest = {
    name: `@waybill/${name}`,
    version: "0.1.0",
    description: purpose,
    license: "MIT",
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.19" },
    waybill: { layer },
    files: ["dist", "!dist/**/*.tsbuildinfo", "src", "!src/**/*.test*.ts"],
    exports: entry(true),
    publishConfig: { access: "public", exports: entry(false) },
    scripts: { build: "tsc" },
    devDependencies: { vitest: "catalog:" },
  };
  return new Map([
    ["package.json", `${JSON.stringify(manifest, null, 2)}\n`],
    ["tsconfig.json", `${JSON.stringify({ extends: "../../tsconfig.base.json" }, null, 2)}\n`],
    ["README.md", readmeOf(name, purpose)],
    ["src/index.ts", 'export { packageName } from "./package-name.ts";\n'],
    [
      "src/package-name.ts",
      `/** The name under which this package is installed. */\nexport const packageName = "@waybill/${name}";\n`,
    ],
    ["test/package-name.test.ts", testText],
  ]);
}

/**
 * Writes a new package under `packages/` and changes no other file.
 *
 * @param root - absolute path of the workspace.
 * @returns the folder of the package, from the root.
 * @throws {Error} when the plan is refused or the folder exists already.
 */
export function createPackage(root: string, plan: PackagePlan): string {
  const refusal = refusalOf(plan);
  if (refusal !== undefined) throw new Error(refusal);
  const folder = `packages/${plan.name}`;
  if (existsSync(join(root, folder))) throw new Error(`${folder} exists already`);
  for (const [path, text] of planFiles(plan)) {
    const file = join(root, folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
  }
  return folder;
}

function readmeOf(name: string, purpose: string): string {
  return `# @waybill/${name}

${purpose}.

## Install

\`\`\`sh
npm install @waybill/${name}
\`\`\`

## Example

\`\`\`ts
import { packageName } from "@waybill/${name}";

console.log(packageName);
\`\`\`
`;
}

const testText = `import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { packageName } from "../src/index.ts";

test("tells the name it is installed under", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(packageName).toBe(manifest.name);
});
`;
