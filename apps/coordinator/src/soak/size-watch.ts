/** What was seen of the size of a tree. */
export interface SeenSize {
  /** At the last look. */
  readonly bytes: number;
  readonly mostBytes: number;
  /** Milliseconds from the beginning to the look that saw the most. */
  readonly mostAtMs: number;
  readonly looks: number;
  /** The most by which the size was above what it may be; 0 = never. */
  readonly excessBytes: number;
}

/** Looks at the size of a tree again and again. */
export interface SizeWatch {
  look(): void;
  readonly seen: SeenSize;
}

/** What a {@link SizeWatch} works with. */
export interface SizeWatchPorts {
  /** Asks the disk. */
  readonly measure: () => number;
  /** Bytes that the tree may take now. */
  readonly limitBytes: () => number;
  /** Milliseconds since the beginning. */
  readonly elapsedMs: () => number;
}

/** A limit that was lowered while running needs somebody to make room. */
const lowerAfterMs = 10_000;

/** Nothing is seen yet. */
export function createSizeWatch({ measure, limitBytes, elapsedMs }: SizeWatchPorts): SizeWatch {
  let seen: SeenSize = { bytes: 0, mostBytes: 0, mostAtMs: 0, looks: 0, excessBytes: 0 };
  const limits: { readonly bytes: number; lastMs: number }[] = [];

  /** The largest of the limits that held within the last seconds. */
  const allowedBytes = (nowMs: number): number => {
    const bytes = limitBytes();
    const last = limits.at(-1);
    if (last?.bytes === bytes) last.lastMs = nowMs;
    else limits.push({ bytes, lastMs: nowMs });
    while (limits[0] !== undefined && nowMs - limits[0].lastMs > lowerAfterMs) limits.shift();
    return Math.max(...limits.map((limit) => limit.bytes));
  };

  return {
    look() {
      const nowMs = elapsedMs();
      const bytes = measure();
      const isMost = bytes > seen.mostBytes;
      seen = {
        bytes,
        mostBytes: isMost ? bytes : seen.mostBytes,
        mostAtMs: isMost ? nowMs : seen.mostAtMs,
        looks: seen.looks + 1,
        excessBytes: Math.max(seen.excessBytes, bytes - allowedBytes(nowMs)),
      };
    },
    get seen() {
      return seen;
    },
  };
}
