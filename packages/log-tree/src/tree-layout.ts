import * as path from "node:path";
import { decodePathPart, encodePathPart } from "./path-part.ts";
import { formatSegmentName, parseSegmentName, type Seal, type SegmentName } from "./segment-name.ts";
import { kindDirectories, type StreamAddress, type StreamKind, streamKinds } from "./stream-address.ts";
import { parseStreamName, type StreamNameIds } from "./stream-name.ts";
import { plainTreeNames, type TreeNames } from "./tree-names.ts";

/** What the path of a segment says. An id is undefined when it does not apply, or was too long to stand in a path. */
export interface SegmentLocation {
  readonly kind: StreamKind;
  /**
   * Names the stream within its tree, wherever its segments lie: `containers/strategy_001/momentum`. A part file is a
   * stream of its own (`…/momentum@4711`), as it has its own `seq`.
   */
  readonly stream: string;
  /** Id; `container` streams only. */
  readonly container: string | undefined;
  /** Id; `container` and `system` streams only. */
  readonly component: string | undefined;
  /** Id; `flow` streams only. */
  readonly coordinator: string | undefined;
  /** Id; `flow` streams only. */
  readonly tier: string | undefined;
  /** Of the correlation ids; `correlation` streams only. */
  readonly prefix: string | undefined;
  /** `YYYY-MM-DD` of the archive directory; undefined outside the archive. */
  readonly archivedOn: string | undefined;
  readonly name: SegmentName;
}

/** Every path of a log tree of format 1. Paths are absolute; nothing is created or looked up. */
export interface TreeLayout {
  readonly root: string;
  /** The directories that every tree has, parents first, without the root. */
  readonly directories: readonly string[];
  /** `.waybill/tree.json` */
  readonly marker: string;
  readonly locks: string;
  readonly indexes: string;
  readonly holds: string;
  readonly manifests: string;
  readonly floors: string;
  /** `.waybill/usage.json`: what the tree took when it was last looked at. */
  readonly usage: string;
  readonly archived: string;
  /** `.waybill/floors/…`: see `StreamFloor`. @param activeFile - of the stream. */
  floorFile(activeFile: string): string;
  /** `containers/<container>` */
  containerDirectory(container: string): string;
  /** The directory of a stream's active and sealed segments. */
  directoryOf(address: StreamAddress): string;
  /** @param writer - path part of a second process, for its part file. */
  activeFile(address: StreamAddress, writer?: string): string;
  /** @param compressed - default false. @throws {RangeError} as `formatSegmentName`. */
  sealedFile(address: StreamAddress, seal: Seal, compressed?: boolean, writer?: string): string;
  /** `archived/<kind>/<YYYY-MM-DD>/…/<component>.<stamp>-<n>.log.gz`; the date is that of the seal, UTC. */
  archivedFile(address: StreamAddress, seal: Seal, writer?: string): string;
  /** What a path says, or undefined when format 1 has no segment there. */
  locate(file: string): SegmentLocation | undefined;
}

/**
 * The paths of the tree at `root`.
 *
 * @param names - how ids become names. Default: by `encodePathPart` alone; `createTreeNames` also keeps names apart
 *   that differ in case only, and whoever creates files uses that.
 */
export function createTreeLayout(root: string, names: TreeNames = plainTreeNames): TreeLayout {
  const base = path.resolve(root);
  const below = (...parts: string[]): string => path.join(base, ...parts);
  const state = (name: string): string => below(".waybill", name);
  const containerDirectory = (container: string): string =>
    below(kindDirectories.container, names.containerName(container));
  const directoryOf = (address: StreamAddress): string => {
    if (address.kind === "container") return containerDirectory(address.container);
    return address.kind === "master" ? base : below(kindDirectories[address.kind]);
  };
  return {
    root: base,
    directories: [
      ...["containers", "flows", "correlations", "system", "archived", ".waybill"].map((name) => below(name)),
      ...["locks", "indexes", "holds", "manifests", "floors"].map(state),
    ],
    marker: state("tree.json"),
    locks: state("locks"),
    indexes: state("indexes"),
    holds: state("holds"),
    manifests: state("manifests"),
    floors: state("floors"),
    usage: state("usage.json"),
    archived: below("archived"),
    floorFile: (activeFile) => path.join(state("floors"), encodePathPart(path.relative(base, activeFile))),
    containerDirectory,
    directoryOf,
    activeFile: (address, writer) =>
      path.join(directoryOf(address), formatSegmentName({ component: names.streamName(address), writer })),
    sealedFile: (address, seal, compressed, writer) =>
      path.join(
        directoryOf(address),
        formatSegmentName({ component: names.streamName(address), writer, seal, compressed }),
      ),
    archivedFile(address, seal, writer) {
      const file = formatSegmentName({
        component: names.streamName(address),
        writer,
        seal,
        compressed: true,
      });
      const container = address.kind === "container" ? [names.containerName(address.container)] : [];
      const date = new Date(seal.sealedMs).toISOString().slice(0, 10);
      return below("archived", kindDirectories[address.kind], date, ...container, file);
    },
    locate: (file) => locateParts(path.relative(base, path.resolve(base, file)).split(path.sep)),
  };
}

/** What the path parts below the root say, or undefined when format 1 has no segment there. */
export function locateParts(parts: readonly string[]): SegmentLocation | undefined {
  if (parts.length === 1) return describe("master", [], parts[0] ?? "", undefined);
  const [top, ...rest] = parts;
  if (top !== "archived") return locateBelowKind(top, rest, undefined);
  const [directory, date, ...inner] = rest;
  if (date === undefined || !isDate(date)) return undefined;
  if (directory === kindDirectories.master) {
    return inner.length === 1 ? describe("master", [], inner[0] ?? "", date) : undefined;
  }
  return locateBelowKind(directory, inner, date);
}

function locateBelowKind(
  directory: string | undefined,
  inner: readonly string[],
  date: string | undefined,
): SegmentLocation | undefined {
  const kind = streamKinds.find((candidate) => kindDirectories[candidate] === directory);
  if (kind === undefined || kind === "master") return undefined;
  const containers = inner.slice(0, -1);
  if (containers.length !== (kind === "container" ? 1 : 0)) return undefined;
  return describe(kind, containers, inner.at(-1) ?? "", date);
}

function describe(
  kind: StreamKind,
  containers: readonly string[],
  fileName: string,
  archivedOn: string | undefined,
): SegmentLocation | undefined {
  const name = parseSegmentName(fileName);
  if (name === undefined || (archivedOn !== undefined && name.seal === undefined)) return undefined;
  const ids: StreamNameIds | undefined = parseStreamName(kind, name.component);
  if (ids === undefined) return undefined;
  const stem = name.writer === undefined ? name.component : `${name.component}@${name.writer}`;
  const directories = kind === "master" ? [] : [kindDirectories[kind], ...containers];
  return {
    kind,
    stream: [...directories, stem].join("/"),
    container: containers[0] === undefined ? undefined : decodePathPart(containers[0]),
    component: ids.component,
    coordinator: ids.coordinator,
    tier: ids.tier,
    prefix: ids.prefix,
    archivedOn,
    name,
  };
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${text}T`);
}
