/** A binary heap that hands out its smallest item first. */
export interface MinHeap<T> {
  push(item: T): void;
  /** The smallest item, which stays. */
  peek(): T | undefined;
  /** Puts the smallest item back in order after its own value rose: cheaper than pop and push. */
  settle(): void;
  pop(): T | undefined;
}

/** @param compare - negative when `a` comes first. */
export function createMinHeap<T>(compare: (a: T, b: T) => number): MinHeap<T> {
  const items: T[] = [];
  const swap = (a: number, b: number): void => {
    const held = items[a] as T;
    items[a] = items[b] as T;
    items[b] = held;
  };
  const isBefore = (a: number, b: number): boolean => compare(items[a] as T, items[b] as T) < 0;
  const settle = (): void => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= items.length) return;
      const child = left + 1 < items.length && isBefore(left + 1, left) ? left + 1 : left;
      if (!isBefore(child, at)) return;
      swap(at, child);
      at = child;
    }
  };
  return {
    settle,
    peek: () => items[0],
    push(item) {
      items.push(item);
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!isBefore(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        settle();
      }
      return first;
    },
  };
}
