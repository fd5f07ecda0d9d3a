import { gzipSync } from "node:zlib";
import { createTreeLayout, listSegments, readEntries, type Seal, type Segment } from "@waybill/log-tree";
import type { FileSystem } from "@waybill/protocols";

/** What is needed to lay out a tree: the other process of a faulty file system, or real files. */
export interface TreePlace {
  writeFile(path: string, content: Uint8Array | string): void;
  makeDirectory(path: string): void;
}

/** A segment of the tests: `count` entries from `firstSeq` on. */
export interface SegmentPlan {
  readonly container: string;
  readonly component: string;
  readonly firstSeq: number;
  readonly count: number;
  /** Undefined for the active segment. */
  readonly seal?: Seal | undefined;
  readonly compressed?: boolean;
}

export const startMs = Date.parse("2026-01-15T10:00:00.000Z");

/** One entry as a line; its time and id follow from its number. */
export function lineOf(container: string, component: string, seq: number): string {
  const correlation_id = `trade_${seq % 3}`;
  const header = { container_id: container, component_name: component, event_scope: "internal_bus" };
  const timestamp = new Date(startMs + seq * 1000).toISOString();
  return `${JSON.stringify({ timestamp, level: "INFO", message: `entry ${seq}`, ...header, correlation_id, seq })}\n`;
}

export function linesOf({ container, component, firstSeq, count }: SegmentPlan): string {
  return Array.from({ length: count }, (_, at) => lineOf(container, component, firstSeq + at)).join("");
}

/** Lays out a tree with a marker and these segments. @returns the paths of its files. */
export function placeTree(place: TreePlace, root: string, segments: readonly SegmentPlan[]): string[] {
  const layout = createTreeLayout(root);
  for (const directory of layout.directories) place.makeDirectory(directory);
  const marker = { format: 1, coordinator_id: "main", created_at: new Date(startMs).toISOString() };
  const written = [layout.marker];
  place.writeFile(layout.marker, `${JSON.stringify(marker)}\n`);
  for (const plan of segments) {
    const address = { kind: "container", ...plan } as const;
    const file =
      plan.seal === undefined
        ? layout.activeFile(address)
        : layout.sealedFile(address, plan.seal, plan.compressed);
    const lines = linesOf(plan);
    place.writeFile(file, plan.compressed === true ? gzipSync(lines) : lines);
    written.push(file);
  }
  return written;
}

/** The sealed segments that could be archived. */
export async function sealedSegments(root: string, fileSystem?: FileSystem): Promise<readonly Segment[]> {
  const { segments } = await listSegments(root, fileSystem === undefined ? {} : { fileSystem });
  return segments.filter(({ state, shadowed }) => state === "sealed" && !shadowed);
}

/** `container/component/seq` of every entry that a reader finds, in order, twice what is there twice. */
export async function readIds(root: string, fileSystem?: FileSystem): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { entry } of readEntries(root, fileSystem === undefined ? {} : { fileSystem }))
    ids.push(`${entry.containerId}/${entry.componentName}/${entry.seq}`);
  return ids.sort();
}

/** What {@link readIds} has to find of these segments. */
export function idsOf(segments: readonly SegmentPlan[]): readonly string[] {
  return segments
    .flatMap(({ container, component, firstSeq, count }) =>
      Array.from({ length: count }, (_, at) => `${container}/${component}/${firstSeq + at}`),
    )
    .sort();
}
