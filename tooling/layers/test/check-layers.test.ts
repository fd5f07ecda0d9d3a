import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkLayers } from "../src/check-layers.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-layers-"));
  write("pnpm-workspace.yaml", "packages:\n  - packages/*\n  - tests\n");
  pack("low", { layer: 0 });
  pack("middle", { layer: 1, dependencies: { "@x/low": "workspace:^" } });
  pack("high", { layer: 2, dependencies: { "@x/middle": "workspace:^" } });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function pack(name: string, { layer, ...rest }: { layer?: unknown } & Record<string, unknown>): void {
  write(`packages/${name}/package.json`, JSON.stringify({ name: `@x/${name}`, waybill: { layer }, ...rest }));
}

test("finds nothing where every package imports from lower layers only", () => {
  write("packages/middle/src/a.ts", 'import type { B } from "./b.ts";\nexport { low } from "@x/low";\n');
  write(
    "packages/middle/src/b.ts",
    'export type B = 1; // import "@x/high"\nexport const s = `import "@x/high"`;\n',
  );
  expect(checkLayers(root)).toEqual([]);
});

test.each([undefined, "1", -1, 1.5])("refuses the layer %j", (layer) => {
  pack("odd", { layer });
  expect(checkLayers(root)).toEqual([
    expect.stringMatching(/^packages\/odd\/package\.json: .* whole number/),
  ]);
});

test("refuses a dependency on a higher layer", () => {
  pack("low", { layer: 0, dependencies: { "@x/side": "workspace:^" } });
  pack("side", { layer: 1 });
  expect(checkLayers(root)).toEqual([
    "packages/low/package.json: layer 0 depends on @x/side of layer 1; it must be lower",
  ]);
});

test("refuses a dependency on a package of the same layer", () => {
  pack("side", { layer: 1, dependencies: { "@x/middle": "workspace:^" } });
  expect(checkLayers(root)).toEqual([
    "packages/side/package.json: layer 1 depends on @x/middle of layer 1; it must be lower",
  ]);
});

test.each(["peerDependencies", "optionalDependencies"])("refuses a workspace package in %s", (kind) => {
  pack("high", { layer: 2, [kind]: { "@x/low": "workspace:^" } });
  expect(checkLayers(root)).toEqual([
    `packages/high/package.json: @x/low belongs in dependencies, not in ${kind}`,
  ]);
});

test("refuses a version range other than workspace:^", () => {
  pack("high", { layer: 2, dependencies: { "@x/low": "workspace:*" } });
  expect(checkLayers(root)).toEqual([
    'packages/high/package.json: @x/low must be "workspace:^", not "workspace:*"',
  ]);
});

test("refuses a dependency on a workspace without a layer", () => {
  write("tests/package.json", JSON.stringify({ name: "@x/tests" }));
  pack("high", { layer: 2, dependencies: { "@x/tests": "workspace:^" } });
  expect(checkLayers(root)).toEqual([
    "packages/high/package.json: depends on @x/tests, which stands in no layer",
  ]);
});

test("allows development dependencies sideways, but not in a circle", () => {
  pack("side", { layer: 1, devDependencies: { "@x/middle": "workspace:^" } });
  expect(checkLayers(root)).toEqual([]);
  pack("low", { layer: 0, devDependencies: { "@x/side": "workspace:^" } });
  expect(checkLayers(root)).toEqual([
    "packages/middle/package.json: circle @x/middle → @x/low → @x/side → @x/middle",
  ]);
});

test.each([
  'import { a } from "@x/low";',
  'import type { A } from "@x/low/deep";',
  'export * from "@x/low";',
  'const a = await import("@x/low");',
])("refuses the undeclared import %s", (line) => {
  pack("high", { layer: 2 });
  write("packages/high/src/a.ts", `// first line\n${line}\n`);
  expect(checkLayers(root)).toEqual([
    "packages/high/src/a.ts:2: imports @x/low, which packages/high/package.json does not name in dependencies",
  ]);
});

test("refuses a development dependency in shipped source, not in a test", () => {
  pack("high", { layer: 2, devDependencies: { "@x/low": "workspace:^" } });
  const line = 'import { a } from "@x/low";\n';
  write("packages/high/src/a.test.ts", line);
  write("packages/high/test/support/b.ts", line);
  expect(checkLayers(root)).toEqual([]);
  write("packages/high/src/a.ts", line);
  expect(checkLayers(root)).toEqual([expect.stringContaining("packages/high/src/a.ts:1: imports @x/low")]);
});

test("refuses a relative import of another package's file", () => {
  write("packages/high/src/a.ts", 'import { b } from "../../low/src/b.ts";\n');
  expect(checkLayers(root)).toEqual([
    'packages/high/src/a.ts:1: "../../low/src/b.ts" leaves the package @x/high',
  ]);
});

test("lets a private workspace import what it declares for development", () => {
  write(
    "tests/package.json",
    JSON.stringify({ name: "@x/tests", devDependencies: { "@x/high": "workspace:^" } }),
  );
  write("tests/a.test.ts", 'import "@x/high";\nimport "@x/low";\n');
  expect(checkLayers(root)).toEqual([
    "tests/a.test.ts:2: imports @x/low, which tests/package.json does not name in dependencies or devDependencies",
  ]);
});
