import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEntries } from "../src/merge-entries.ts";
import { collect, sampleLine } from "./support/sample-lines.ts";
import { useTemporaryDirectories } from "./support/temporary-directory.ts";

const temporaryDirectory = useTemporaryDirectories();
const recorded = { recorded: true };

interface Line {
  readonly atMs: number;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** A tree with one component per container, whose lines have the given times. */
function treeOf(containers: Readonly<Record<string, readonly Line[]>>): string {
  const root = temporaryDirectory();
  for (const [container, lines] of Object.entries(containers)) {
    const directory = path.join(root, "containers", container);
    mkdirSync(directory, { recursive: true });
    const text = lines.map((line, index) => sampleLine(index + 1, { container, ...line })).join("");
    writeFileSync(path.join(directory, "x.log"), text);
  }
  return root;
}

async function orderOf(root: string, readAheadMax: number, chunkBytes = 4096): Promise<string[]> {
  const entries = await collect(readEntries(root, { readAheadMax, chunkBytes }));
  return entries.map(({ entry }) => `${entry.containerId}${entry.timestampMs}`);
}

describe("reading ahead", () => {
  it("puts what was written late in its place among all streams", async () => {
    const root = treeOf({
      a: [{ atMs: 10 }, { atMs: 40 }, { atMs: 20, context: recorded }, { atMs: 30, context: recorded }],
      b: [{ atMs: 15 }, { atMs: 35 }, { atMs: 25, context: { repeated: { count: 3 } } }, { atMs: 45 }],
    });
    expect(await orderOf(root, 8)).toEqual(["a10", "b15", "a20", "b25", "a30", "b35", "a40", "b45"]);
    expect(await orderOf(root, 0)).toEqual(["a10", "b15", "b35", "b25", "a40", "a20", "a30", "b45"]);
  });

  it("leaves alone what no stage has written late: the clock went back", async () => {
    const root = treeOf({
      a: [{ atMs: 10 }, { atMs: 40 }, { atMs: 20 }, { atMs: 30, context: { recorded: "yes", repeated: 1 } }],
    });
    expect(await orderOf(root, 8)).toEqual(["a10", "a40", "a20", "a30"]);
  });

  it("puts what is later than the window reaches as early as it does", async () => {
    const early = Array.from({ length: 10 }, (_, index) => ({ atMs: 100 + index }));
    const root = treeOf({ a: [...early, { atMs: 50, context: recorded }, { atMs: 200 }] });
    const order = await orderOf(root, 3);
    expect(order.indexOf("a50")).toBe(7);
    expect(order.filter((entry) => entry !== "a50")).toEqual(
      [...early, { atMs: 200 }].map(({ atMs }) => `a${atMs}`),
    );
  });

  it("gives each entry once, and sorts all that is late by less than the window, whatever the pieces", async () => {
    const line = fc.record({ atMs: fc.integer({ min: 1, max: 60 }), isLate: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(line, { maxLength: 20 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 100, max: 2000 }),
        async (streams, chunkBytes) => {
          const containers = streams.map((lines, index): [string, Line[]] => {
            let nowMs = 1;
            return [
              `c${index}`,
              lines.map(({ atMs, isLate }) => {
                if (isLate) return { atMs: Math.min(atMs, nowMs), context: recorded };
                nowMs += atMs;
                return { atMs: nowMs };
              }),
            ];
          });
          const order = await orderOf(treeOf(Object.fromEntries(containers)), 20, chunkBytes);
          const all = containers.flatMap(([name, lines]) => lines.map(({ atMs }) => ({ name, atMs })));
          all.sort((one, other) => one.atMs - other.atMs || (one.name < other.name ? -1 : 1));
          expect(order).toEqual(all.map(({ name, atMs }) => `${name}${atMs}`));
        },
      ),
      { seed: 20261123, numRuns: 60 },
    );
  });
});
