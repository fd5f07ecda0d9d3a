import type { Segment } from "./segment.ts";
import { compareSegments, compareText } from "./segment-name.ts";

/**
 * Puts the segments of a tree in order, stream by stream and from the oldest to the newest, and marks those whose
 * entries stand in another one as shadowed: of a plain file, its `.gz` and its archived copy the first that exists is
 * read, since only the plain one is known to be whole. An active file that is also a sealed one (both names on one
 * inode: a crash between `link` and `unlink`) is read as the sealed one.
 */
export function markShadowed(found: readonly Segment[]): Segment[] {
  const ordered = [...found].sort(
    (a, b) =>
      compareText(a.stream, b.stream) || compareSegments(a.name, b.name) || preference(a) - preference(b),
  );
  const chosen = new Map<string, Segment>();
  const sealedInodes = new Set<string>();
  for (const segment of ordered) {
    if (segment.state === "temporary" || segment.name.seal === undefined) continue;
    const key = keyOf(segment);
    const known = chosen.get(key);
    if (known === undefined || preference(segment) < preference(known)) chosen.set(key, segment);
    sealedInodes.add(`${segment.device}:${segment.inode}`);
  }
  return ordered.map((segment) => {
    if (segment.state === "temporary") return segment;
    const shadowed =
      segment.name.seal === undefined
        ? sealedInodes.has(`${segment.device}:${segment.inode}`)
        : chosen.get(keyOf(segment)) !== segment;
    return shadowed ? { ...segment, shadowed } : segment;
  });
}

function keyOf({ stream, name }: Segment): string {
  return `${stream}\u0000${name.seal?.number}\u0000${name.seal?.sealedMs}`;
}

function preference(segment: Segment): number {
  return (segment.state === "archived" ? 2 : 0) + Number(segment.name.compressed);
}
