import { createEventLoopTurn } from "./event-loop-turn.ts";
import { isLogFile, type Segment } from "./segment.ts";
import { compareSegments, compareText } from "./segment-name.ts";

/** Segments between two places where ordering may pause. */
const pieceSegments = 64;

/**
 * Puts the segments of a tree in order, stream by stream and from the oldest to the newest, and marks those whose
 * entries stand in another one as shadowed: of a plain file, its `.gz` and its archived copy the first that exists is
 * read, since only the plain one is known to be whole. An active file that is also a sealed one (both names on one
 * inode: a crash between `link` and `unlink`) is read as the sealed one.
 */
export function markShadowed(found: Iterable<Segment>): Segment[] {
  const ordering = orderStepwise(found);
  for (;;) {
    const piece = ordering.next();
    if (piece.done === true) return piece.value;
  }
}

/** The same, and lets the event loop turn every few milliseconds: all at once it takes 200 ms for 75,000 segments. */
export async function markShadowedInSlices(found: readonly Segment[]): Promise<Segment[]> {
  const turn = createEventLoopTurn();
  const ordering = orderStepwise(found);
  for (;;) {
    const piece = ordering.next();
    if (piece.done === true) return piece.value;
    await turn();
  }
}

function* orderStepwise(found: Iterable<Segment>): Generator<undefined, Segment[], undefined> {
  const streams = new Map<string, Segment[]>();
  let seen = 0;
  for (const segment of found) {
    const segments = streams.get(segment.stream);
    if (segments === undefined) streams.set(segment.stream, [segment]);
    else segments.push(segment);
    seen += 1;
    if (seen % pieceSegments === 0) yield;
  }
  const names = [...streams.keys()].sort(compareText);
  yield;
  const ordered: Segment[] = [];
  const active: number[] = [];
  const sealedInodes = new Set<string>();
  for (const name of names) {
    const before = ordered.length;
    for (const segment of orderStream(streams.get(name) ?? [])) {
      if (isLogFile(segment)) {
        if (segment.name.seal === undefined) active.push(ordered.length);
        else sealedInodes.add(inodeOf(segment));
      }
      ordered.push(segment);
    }
    if (Math.floor(before / pieceSegments) !== Math.floor(ordered.length / pieceSegments)) yield;
  }
  for (const at of active) {
    const segment = ordered[at];
    if (segment !== undefined && sealedInodes.has(inodeOf(segment)))
      ordered[at] = { ...segment, shadowed: true };
    if (at % pieceSegments === 0) yield;
  }
  return ordered;
}

/** The segments of one stream; the active ones are not judged yet. @param segments - taken over and reordered. */
function orderStream(segments: Segment[]): readonly Segment[] {
  if (segments.length < 2) return segments;
  segments.sort((a, b) => compareSegments(a.name, b.name) || preference(a) - preference(b));
  const chosen = new Map<string, Segment>();
  for (const segment of segments) {
    if (!isLogFile(segment) || segment.name.seal === undefined) continue;
    const key = keyOf(segment);
    const known = chosen.get(key);
    if (known === undefined || preference(segment) < preference(known)) chosen.set(key, segment);
  }
  return segments.map((segment) => {
    const isSealed = isLogFile(segment) && segment.name.seal !== undefined;
    return isSealed && chosen.get(keyOf(segment)) !== segment ? { ...segment, shadowed: true } : segment;
  });
}

function keyOf({ name }: Segment): string {
  return `${name.seal?.number} ${name.seal?.sealedMs}`;
}

function inodeOf({ device, inode }: Segment): string {
  return `${device}:${inode}`;
}

function preference(segment: Segment): number {
  return (segment.state === "archived" ? 2 : 0) + Number(segment.name.compressed);
}
