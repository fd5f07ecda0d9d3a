import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createTreeLayout, listSegments } from "@waybill/log-tree";
import { afterEach, describe, expect, it } from "vitest";
import { archiveSegment, recoverArchive, verifyArchive } from "../src/index.ts";
import { createWorkplace, type Workplace } from "./support/real-tree.ts";
import { idsOf, readIds, type SegmentPlan, sealedSegments, startMs } from "./support/sealed-tree.ts";

// A process of its own runs what was built.
const packageRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = path.join(packageRoot, "test/support/archive-child.mjs");
const dist = pathToFileURL(path.join(packageRoot, "dist")).href;

const sealedMs = startMs + 3_600_000;
const plans: readonly SegmentPlan[] = [
  { container: "c1", component: "app", firstSeq: 1, count: 50, seal: { sealedMs, number: 1 } },
  {
    container: "c1",
    component: "app",
    firstSeq: 51,
    count: 50,
    seal: { sealedMs, number: 2 },
    compressed: true,
  },
  { container: "c1", component: "app", firstSeq: 101, count: 9 },
];

async function run(root: string, killAt: number) {
  const child = spawn(process.execPath, [program, dist, root, String(killAt)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const [status, signal] = (await once(child, "close")) as [number | null, string | null];
  return { status, signal, calls: Number(told) };
}

const places: Workplace[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

function createTree(): string {
  const place = createWorkplace();
  places.push(place);
  place.place(plans);
  return place.root;
}

/** @returns the signals that ended the two runs. */
async function killTwice(killAt: number): Promise<readonly (string | null)[]> {
  const root = createTree();
  const when = `killed at ${killAt}`;
  const ends: (string | null)[] = [];
  for (let times = 0; times < 2; times += 1) {
    ends.push((await run(root, killAt)).signal);
    expect(await readIds(root), when).toEqual(idsOf(plans));
  }
  const layout = createTreeLayout(root);
  await recoverArchive({ layout });
  for (const segment of await sealedSegments(root)) await archiveSegment(segment, { layout });
  expect(await readIds(root), when).toEqual(idsOf(plans));
  const { summary } = await listSegments(root);
  expect(summary.filesByState, when).toEqual({ active: 1, sealed: 0, archived: 2, temporary: 0, aside: 0 });
  expect((await verifyArchive(root, { deep: true })).problems, when).toEqual([]);
  return ends;
}

describe("archiving, killed with SIGKILL before each of its calls to the operating system", () => {
  it("loses no entry and shows none twice, also when the next run is killed at the same call", async () => {
    const { calls, status } = await run(createTree(), 0);
    const waiting = Array.from({ length: calls }, (_, at) => at + 1);
    const ends: (string | null)[] = [];
    const work = async (): Promise<void> => {
      for (let killAt = waiting.pop(); killAt !== undefined; killAt = waiting.pop())
        ends.push(...(await killTwice(killAt)));
    };
    await Promise.all([work(), work(), work()]);
    expect(status).toBe(0);
    expect(calls).toBeGreaterThan(50);
    expect(ends.filter((signal) => signal === "SIGKILL").length).toBeGreaterThan(calls);
  }, 180_000);
});
