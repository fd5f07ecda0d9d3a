import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { formatSegmentName, type SegmentLocation, type TreeLayout } from "@waybill/log-tree";

/**
 * Where the archived copy of a sealed segment stands:
 * `archived/<kind>/<YYYY-MM-DD>/[<container>/]<component>.<stamp>-<n>.log.gz`, by the UTC date of its seal.
 *
 * Made from the names on disk and not from ids, as `TreeLayout.archivedFile` does, because an id that is too long
 * stands in no path.
 *
 * @returns undefined for a segment that is not sealed.
 */
export function archivePlaceOf(segment: SegmentLocation, layout: TreeLayout): string | undefined {
  const { seal } = segment.name;
  if (seal === undefined || segment.archivedOn !== undefined || segment.name.temporary) return undefined;
  const date = new Date(seal.sealedMs).toISOString().slice(0, 10);
  const directories = segment.stream.split("/").slice(0, -1);
  const [kind = "master", ...containers] = directories;
  const file = formatSegmentName({ ...segment.name, compressed: true });
  return path.join(layout.archived, kind, date, ...containers, file);
}

/**
 * The name under which a file is made that will stand at `place`: a temporary segment by its name, so that inventories
 * count it and readers pass it over. Its own for each try: two runs at once never write to one file.
 */
export function partPathOf(place: string, name: SegmentLocation["name"]): string {
  const run = randomBytes(6).toString("hex");
  const writer = name.writer === undefined ? run : `${name.writer.slice(0, 48)}~${run}`;
  const file = formatSegmentName({ ...name, writer, compressed: true, temporary: true });
  return path.join(path.dirname(place), file);
}

/** A path below the root, with `/` on every system, as manifests name files. */
export function pathInTree(layout: TreeLayout, file: string): string {
  return path.relative(layout.root, file).split(path.sep).join("/");
}
