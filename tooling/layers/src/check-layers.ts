import { dirname, relative, resolve, sep } from "node:path";
import { readImports, type SourceImport } from "./source-imports.ts";
import { readWorkspace, type WorkspacePackage } from "./workspace.ts";

/** A broken rule, in one sentence that starts with the place. */
export type Problem = string;

/**
 * Checks the borders between the packages of a workspace:
 *
 * 1. every package under packages/ and apps/ carries a whole number `waybill.layer` ≥ 0;
 * 2. its workspace dependencies are `dependencies` with `workspace:^`, of strictly lower layers;
 * 3. development dependencies included, no package depends on itself in a circle;
 * 4. a file imports only workspace packages that its package declares, development dependencies only outside `src`
 *    or in a test, and no file of another package by a relative path.
 *
 * @param root - absolute path of the workspace.
 * @returns the broken rules, none when all is well.
 */
export function checkLayers(root: string): Problem[] {
  const workspace = readWorkspace(root);
  const byName = new Map(workspace.map((each) => [each.manifest.name, each]));
  const layered = workspace.filter(({ path }) => path.startsWith("packages/") || path.startsWith("apps/"));
  return [
    ...layered.flatMap(layerProblems),
    ...layered.flatMap((each) => dependencyProblems(each, byName)),
    ...circles(workspace, byName),
    ...workspace.flatMap((each) => importProblems(each, byName, root)),
  ];
}

function layerOf({ manifest }: WorkspacePackage): number | undefined {
  const layer = manifest.waybill?.layer;
  return Number.isInteger(layer) && (layer as number) >= 0 ? (layer as number) : undefined;
}

function layerProblems(pkg: WorkspacePackage): Problem[] {
  if (layerOf(pkg) !== undefined) return [];
  const given = JSON.stringify(pkg.manifest.waybill?.layer);
  return [`${pkg.path}/package.json: "waybill": { "layer": n } must be a whole number from 0, not ${given}`];
}

function dependencyProblems(pkg: WorkspacePackage, byName: ReadonlyMap<string, WorkspacePackage>): Problem[] {
  const place = `${pkg.path}/package.json`;
  const problems: Problem[] = [];
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"] as const) {
    for (const [name, range] of Object.entries(pkg.manifest[kind] ?? {})) {
      const dependency = byName.get(name);
      if (dependency === undefined) continue;
      if (kind !== "dependencies") problems.push(`${place}: ${name} belongs in dependencies, not in ${kind}`);
      if (range !== "workspace:^") problems.push(`${place}: ${name} must be "workspace:^", not "${range}"`);
      const [own, other] = [layerOf(pkg), layerOf(dependency)];
      if (other === undefined) {
        problems.push(`${place}: depends on ${name}, which stands in no layer`);
      } else if (own !== undefined && other >= own) {
        problems.push(`${place}: layer ${own} depends on ${name} of layer ${other}; it must be lower`);
      }
    }
  }
  return problems;
}

function circles(
  workspace: readonly WorkspacePackage[],
  byName: ReadonlyMap<string, WorkspacePackage>,
): Problem[] {
  const done = new Set<string>();
  const problems: Problem[] = [];
  const visit = (pkg: WorkspacePackage, trail: readonly string[]): void => {
    const { name } = pkg.manifest;
    const start = trail.indexOf(name);
    if (start !== -1) {
      problems.push(`${pkg.path}/package.json: circle ${[...trail.slice(start), name].join(" → ")}`);
      return;
    }
    if (done.has(name)) return;
    for (const dependency of declared(pkg, true)) {
      const next = byName.get(dependency);
      if (next !== undefined) visit(next, [...trail, name]);
    }
    done.add(name);
  };
  for (const pkg of workspace) visit(pkg, []);
  return problems;
}

function declared({ manifest }: WorkspacePackage, development: boolean): Set<string> {
  return new Set(
    [
      manifest.dependencies,
      manifest.peerDependencies,
      manifest.optionalDependencies,
      development ? manifest.devDependencies : {},
    ].flatMap((dependencies) => Object.keys(dependencies ?? {})),
  );
}

function importProblems(
  pkg: WorkspacePackage,
  byName: ReadonlyMap<string, WorkspacePackage>,
  root: string,
): Problem[] {
  const shipped = declared(pkg, false);
  const all = declared(pkg, true);
  const problemOf = ({ file, line, specifier }: SourceImport): Problem[] => {
    const place = `${relative(root, file).split(sep).join("/")}:${line}`;
    if (specifier.startsWith(".")) {
      const inside = relative(pkg.folder, resolve(dirname(file), specifier));
      return inside.startsWith("..")
        ? [`${place}: "${specifier}" leaves the package ${pkg.manifest.name}`]
        : [];
    }
    const name = packageNameOf(specifier);
    if (!byName.has(name) || name === pkg.manifest.name) return [];
    const isShipped = relative(pkg.folder, file).startsWith(`src${sep}`) && !/\.test(-d)?\.ts$/.test(file);
    if ((isShipped ? shipped : all).has(name)) return [];
    const section = isShipped ? "dependencies" : "dependencies or devDependencies";
    return [`${place}: imports ${name}, which ${pkg.path}/package.json does not name in ${section}`];
  };
  // Private workspaces ship nothing: their development dependencies are as good as any.
  if (layerOf(pkg) === undefined) for (const name of all) shipped.add(name);
  return readImports(pkg.folder).flatMap(problemOf);
}

function packageNameOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}
