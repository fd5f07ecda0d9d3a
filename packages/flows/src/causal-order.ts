import type { FlowRecord } from "@waybill/protocols";
import type { Delivery } from "./deliveries.ts";
import { compareRecords, elapsedUs } from "./instant.ts";

/** A delivery with its place in the flow. */
export interface PlacedDelivery extends Delivery {
  /** Its earliest phase on record. */
  readonly first: FlowRecord;
  /** Its latest phase on record. */
  readonly last: FlowRecord;
  /** The target on record; undefined for a publication to nobody. */
  readonly target: string | undefined;
  readonly parentEventId: string | undefined;
  readonly orphan: boolean;
  /** Position of its parent in the list, always before its own. */
  readonly parent: number | undefined;
}

interface Node {
  readonly delivery: Delivery;
  readonly first: FlowRecord;
  readonly last: FlowRecord;
  readonly target: string | undefined;
  readonly parentEventId: string | undefined;
  readonly children: Node[];
  readonly rank: number;
  parent: Node | undefined;
}

/**
 * Puts deliveries into causal order by parent event id: parents before children, depth first, siblings by time.
 * Time alone would be wrong across processes. Loops, which only wrong ids can make, are cut at their earliest member.
 */
export function orderCausally(deliveries: readonly Delivery[]): readonly PlacedDelivery[] {
  const nodes = deliveries
    .map(toNode)
    .filter((node) => node !== undefined)
    .sort(compareNodes)
    .map((node, rank): Node => ({ ...node, rank }));
  linkParents(nodes);
  cutLoops(nodes);
  for (const node of nodes) node.parent?.children.push(node);
  const roots = nodes.filter((node) => node.parent === undefined);
  // Stable: true starts come before orphans, each in the order of time.
  roots.sort((a, b) => Number(isOrphan(a)) - Number(isOrphan(b)));
  return walk(roots);
}

function toNode(delivery: Delivery): Node | undefined {
  const { publish, receive, finish } = delivery;
  const first = publish ?? receive ?? finish;
  const last = finish ?? receive ?? publish;
  if (first === undefined || last === undefined) return undefined;
  return {
    delivery,
    first,
    last,
    target: (receive ?? finish ?? publish)?.target,
    parentEventId: publish?.parentEventId ?? receive?.parentEventId ?? finish?.parentEventId,
    children: [],
    rank: 0,
    parent: undefined,
  };
}

function compareNodes(a: Node, b: Node): number {
  return (
    compareRecords(a.first, b.first) ||
    compareRecords(a.last, b.last) ||
    (a.target ?? "").localeCompare(b.target ?? "", "en") ||
    a.delivery.delivery - b.delivery.delivery
  );
}

function isOrphan(node: Node): boolean {
  return node.parent === undefined && node.parentEventId !== undefined;
}

function linkParents(nodes: readonly Node[]): void {
  const byEvent = new Map<string, Map<string | undefined, Node[]>>();
  for (const node of nodes) {
    let byTarget = byEvent.get(node.first.eventId);
    if (byTarget === undefined) {
      byTarget = new Map();
      byEvent.set(node.first.eventId, byTarget);
    }
    const sameTarget = byTarget.get(node.target);
    if (sameTarget === undefined) byTarget.set(node.target, [node]);
    else sameTarget.push(node);
  }
  for (const node of nodes) {
    if (node.parentEventId === undefined) continue;
    const candidates = byEvent.get(node.parentEventId);
    // In a fan-out the cause is the delivery to the container that published; of several, the last one before.
    const atSource = candidates?.get(node.first.source);
    node.parent =
      atSource?.findLast(
        (candidate) => elapsedUs(candidate.delivery.receive ?? candidate.first, node.first) >= 0,
      ) ??
      atSource?.[0] ??
      candidates?.values().next().value?.[0];
  }
}

function cutLoops(nodes: readonly Node[]): void {
  const settled = new Set<Node>();
  for (const start of nodes) {
    const path = new Set<Node>();
    let node: Node | undefined = start;
    while (node !== undefined && !settled.has(node) && !path.has(node)) {
      path.add(node);
      node = node.parent;
    }
    if (node !== undefined && path.has(node)) earliestOfLoop(node).parent = undefined;
    for (const passed of path) settled.add(passed);
  }
}

function earliestOfLoop(member: Node): Node {
  let earliest = member;
  for (let node = member.parent; node !== undefined && node !== member; node = node.parent) {
    if (node.rank < earliest.rank) earliest = node;
  }
  return earliest;
}

/** Depth first with an own stack: a chain may be longer than the call stack is deep. */
function walk(roots: readonly Node[]): readonly PlacedDelivery[] {
  const placed: PlacedDelivery[] = [];
  const indexes = new Map<Node, number>();
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    indexes.set(node, placed.length);
    const { delivery, first, last, target, parentEventId } = node;
    const parent = node.parent && indexes.get(node.parent);
    placed.push({ ...delivery, first, last, target, parentEventId, orphan: isOrphan(node), parent });
    for (let index = node.children.length - 1; index >= 0; index -= 1) {
      const child = node.children[index];
      if (child !== undefined) stack.push(child);
    }
  }
  return placed;
}
