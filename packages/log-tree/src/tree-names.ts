import * as path from "node:path";
import type { FileSystem } from "@waybill/protocols";
import { createNameTable, type NameTable } from "./name-table.ts";
import { encodePathPart, encodePathPartFolded } from "./path-part.ts";
import { parseSegmentName } from "./segment-name.ts";
import { kindDirectories, type StreamAddress } from "./stream-address.ts";
import { type StreamName, streamNameOf } from "./stream-name.ts";

/** Directories whose names are remembered. */
const tablesMax = 4096;

/** Chooses the names of ids in a tree. */
export interface TreeNames {
  /** The directory name of a container. */
  containerName(container: string): string;
  /** The name of a stream's files, without suffixes. */
  streamName(address: StreamAddress): string;
}

/** Names by the rule alone, blind to what else the directory holds. */
export const plainTreeNames: TreeNames = {
  containerName: (container) => encodePathPart(container),
  streamName: (address) => streamNameOf(address).name,
};

/**
 * Names that keep clear of others that differ in case only, be they on disk or given out before. Lists each directory
 * once, when the first name in it is asked for; a directory that cannot be listed counts as empty, as the writer that
 * opens a file in it reports the failure.
 *
 * @param root - of the tree, absolute.
 */
export function createTreeNames(root: string, fileSystem: FileSystem): TreeNames {
  const tables = new Map<string, NameTable>();
  const tableOf = (directory: string, nameIn: (fileName: string) => string | undefined): NameTable => {
    const known = tables.get(directory);
    if (known !== undefined) return known;
    forgetOldest(tables, root);
    const names = listNames(fileSystem, directory).map(nameIn);
    const table = createNameTable(names.filter((name) => name !== undefined));
    tables.set(directory, table);
    return table;
  };
  const containers = path.join(root, kindDirectories.container);
  const containerName = (container: string): string =>
    tableOf(containers, (name) => name).claim(encodePathPart(container), encodePathPartFolded(container));
  const streamName = (address: StreamAddress): string => {
    const { name, alternative }: StreamName = streamNameOf(address);
    if (address.kind === "master") return name;
    const directory = path.join(root, kindDirectories[address.kind]);
    const own =
      address.kind === "container" ? path.join(directory, containerName(address.container)) : directory;
    return tableOf(own, (fileName) => parseSegmentName(fileName)?.component).claim(name, alternative);
  };
  return { containerName, streamName };
}

/**
 * Containers come and go without end (tenants, jobs), so only some directories are remembered; one that is asked for
 * again is listed again. The directories of the tree itself are few and stay.
 */
function forgetOldest(tables: Map<string, NameTable>, root: string): void {
  if (tables.size < tablesMax) return;
  for (const directory of tables.keys()) {
    if (path.dirname(directory) === root) continue;
    tables.delete(directory);
    return;
  }
}

function listNames(fileSystem: FileSystem, directory: string): string[] {
  try {
    return fileSystem.readdir(directory).map((entry) => entry.name);
  } catch {
    return [];
  }
}
