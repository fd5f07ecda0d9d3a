import { type Segment, segmentStateOf, type TreeLayout, type TreeLedger } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";

/** All files below a directory, with their sizes. */
export function* listFiles(
  files: FileSystem,
  directory: string,
): Generator<readonly [file: string, bytes: number]> {
  for (const { name, kind } of files.readdir(directory)) {
    const inner = `${directory}/${name}`;
    if (kind === "directory") yield* listFiles(files, inner);
    else yield [inner, files.lstat(inner)?.size ?? 0];
  }
}

/** Where a ledger differs from what lies there. At one moment: what is sealed while somebody walks would be a difference. */
export function faultsOfLedger(
  ledger: TreeLedger,
  layout: TreeLayout,
  files: FileSystem,
  isCompared: (segment: Segment) => boolean,
): string[] {
  const compared = ledger.segments().filter(isCompared);
  const known = new Set(compared.map(({ path, bytes }) => `${path} ${bytes}`));
  const found = new Set<string>();
  for (const [path, bytes] of listFiles(files, layout.root)) {
    const location = layout.locate(path);
    if (location === undefined) continue;
    const facts = { bytes, inode: 0n, device: 0n, modifiedMs: 0, shadowed: false };
    const segment = { ...location, ...facts, path, state: segmentStateOf(location) };
    if (isCompared(segment)) found.add(`${path} ${bytes}`);
  }
  return [
    ...[...found].filter((text) => !known.has(text)).map((text) => `not in the ledger: ${text}`),
    ...[...known].filter((text) => !found.has(text)).map((text) => `only in the ledger: ${text}`),
  ];
}
