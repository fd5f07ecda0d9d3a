import type { Candidate } from "./candidates.ts";

/**
 * Gives out candidates from the oldest to the newest. A binary heap: of 60,000 that could go usually some hundreds
 * have to, and sorting all of them would hold up the event loop.
 *
 * @param candidates - taken over and reordered.
 */
export function* oldestFirst(candidates: Candidate[]): Generator<Candidate, undefined, undefined> {
  for (let at = (candidates.length >> 1) - 1; at >= 0; at--) sink(candidates, at);
  for (let first = candidates[0]; first !== undefined; first = candidates[0]) {
    const last = candidates.pop();
    if (last !== undefined && last !== first) {
      candidates[0] = last;
      sink(candidates, 0);
    }
    yield first;
  }
  return undefined;
}

function sink(heap: Candidate[], start: number): void {
  const moving = heap[start];
  if (moving === undefined) return;
  let at = start;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let child = heap[left];
    let childAt = left;
    const other = heap[right];
    if (child === undefined) break;
    if (other !== undefined && isBefore(other, child)) {
      child = other;
      childAt = right;
    }
    if (!isBefore(child, moving)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = moving;
}

/** By time, then by stream and number, so that the same state always gives the same plan. */
function isBefore(a: Candidate, b: Candidate): boolean {
  if (a.orderMs !== b.orderMs) return a.orderMs < b.orderMs;
  if (a.stream !== b.stream) return a.stream < b.stream;
  return a.number < b.number;
}
