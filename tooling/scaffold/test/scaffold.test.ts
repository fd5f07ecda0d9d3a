import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPackage, planFiles, refusalOf } from "../src/scaffold.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-scaffold-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test("writes a whole package and nothing beside it", () => {
  const folder = createPackage(root, { name: "event-log", layer: 2 });
  expect(folder).toBe("packages/event-log");
  expect(readdirSync(root)).toEqual(["packages"]);
  const files = readdirSync(join(root, folder), { recursive: true }).map(String).sort();
  expect(files).toEqual([
    "README.md",
    "package.json",
    "src",
    join("src", "index.ts"),
    join("src", "package-name.ts"),
    "test",
    join("test", "package-name.test.ts"),
    "tsconfig.json",
  ]);
});

test("gives the manifest the layer, the description and no source condition when published", () => {
  const text = planFiles({ name: "x", layer: 3, description: "Does one thing" }).get("package.json") ?? "";
  const manifest = JSON.parse(text);
  expect(manifest).toMatchObject({
    name: "@waybill/x",
    waybill: { layer: 3 },
    description: "Does one thing",
  });
  expect(manifest.exports["."]).toHaveProperty(["@waybill/source"], "./src/index.ts");
  expect(JSON.stringify(manifest.publishConfig)).not.toContain("@waybill/source");
});

test("shapes the manifest as the packages of the workspace are shaped", () => {
  const read = (path: string) =>
    JSON.parse(readFileSync(new URL(`../../../packages/${path}`, import.meta.url), "utf8"));
  const { name, description, waybill, devDependencies, ...planned } = JSON.parse(
    planFiles({ name: "x", layer: 0 }).get("package.json") ?? "",
  );
  expect(read("protocols/package.json")).toMatchObject(planned);
  expect(read("writers/package.json")).toMatchObject(planned);
});

test.each(["Upper", "two words", "-x", "x-", "x--y", "../x", "1x", ""])("refuses the name %j", (name) => {
  expect(refusalOf({ name, layer: 1 })).toContain("is not a package name");
  expect(() => createPackage(root, { name, layer: 1 })).toThrow("is not a package name");
  expect(existsSync(join(root, "packages"))).toBe(false);
});

test.each(["errors", "types", "utils", "common", "core"])("refuses the empty name %s", (name) => {
  expect(refusalOf({ name, layer: 1 })).toContain("says nothing");
});

test.each([-1, 1.5, Number.NaN])("refuses the layer %d", (layer) => {
  expect(refusalOf({ name: "x", layer })).toContain("whole number");
});

test("leaves an existing package as it is", () => {
  createPackage(root, { name: "x", layer: 1 });
  expect(() => createPackage(root, { name: "x", layer: 2 })).toThrow("packages/x exists already");
  expect(readFileSync(join(root, "packages/x/package.json"), "utf8")).toContain('"layer": 1');
});
