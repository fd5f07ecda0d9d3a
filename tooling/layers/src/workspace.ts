import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parse } from "yaml";

/** The parts of a package.json that the layer check reads. */
interface Manifest {
  readonly name: string;
  readonly waybill?: { readonly layer?: unknown };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Path from the root of the workspace, with `/`. */
  readonly path: string;
  readonly manifest: Manifest;
}

/**
 * Reads every package that pnpm-workspace.yaml names. Knows the two forms in use there: `folder` and `folder/*`.
 *
 * @param root - absolute path of the folder with pnpm-workspace.yaml.
 * @throws {Error} when pnpm-workspace.yaml or a package.json cannot be read, or a pattern has another form.
 */
export function readWorkspace(root: string): WorkspacePackage[] {
  const { packages } = parse(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")) as {
    packages: string[];
  };
  return packages
    .flatMap((pattern) => foldersOf(root, pattern))
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => ({
      folder,
      path: relative(root, folder).split(sep).join("/"),
      manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest,
    }));
}

function foldersOf(root: string, pattern: string): string[] {
  if (!pattern.includes("*")) return [join(root, pattern)];
  if (!/^[^*]+\/\*$/.test(pattern)) {
    throw new Error(`pnpm-workspace.yaml: pattern "${pattern}" is neither "folder" nor "folder/*"`);
  }
  const parent = join(root, pattern.slice(0, -2));
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(parent, entry.name))
    .sort();
}
