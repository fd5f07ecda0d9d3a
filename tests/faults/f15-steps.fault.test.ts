import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createWriterPool, type StreamOptions } from "@waybill/writers";
import { describe, expect } from "vitest";
import { readFound } from "./support/check-stream.ts";
import { type FaultCase, faultCase, isLong, until } from "./support/fault-case.ts";
import { type Errand, runErrand, type Work } from "./support/steps.ts";

/** Entries of run 0, before the disturbed ones. */
const earlier = 8;
const small = { mode: "sync", segmentBytesMax: 1024 } as const;

const directoryOf = (root: string): string => join(root, "containers/c0");
const fileOf = (root: string): string => join(directoryOf(root), "load.log");
const sealedIn = (root: string): string[] =>
  readdirSync(directoryOf(root)).filter((name) => /^load\.\d.*\.log$/.test(name));

interface RunToWrite {
  readonly run: number;
  readonly count: number;
  readonly pad?: string;
  readonly stream: StreamOptions;
}

const none = { correlationId: undefined, eventId: undefined, traceId: undefined, spanId: undefined };

async function writeRun(
  root: string,
  { run, count, pad = "x".repeat(100), stream }: RunToWrite,
): Promise<void> {
  const pool = createWriterPool({ placement: "inline" });
  const writer = pool.open(fileOf(root), stream);
  for (let n = 0; n < count; n += 1)
    writer.write({
      timestampMs: Date.now(),
      level: "INFO",
      message: "work",
      source: { containerId: "c0", componentName: "load" },
      scope: "component_internal",
      context: { n, run, pad },
      ...none,
    });
  if (stream.compress === true) await until(() => sealedIn(root).length === 0, 10_000);
  await pool.close();
}

/** Leaves a tree as it stands before the disturbed run. */
const prepare: Record<Work, (root: string) => Promise<void>> = {
  /** One sealed segment, of several reads and writes also when it is packed. */
  async compress(root) {
    const stream = { mode: "sync", segmentBytesMax: 400_000 } as const;
    const pad = randomBytes(48_000).toString("base64");
    await writeRun(root, { run: 0, count: earlier, pad, stream });
  },
  /** Earlier processes ended in a seal, between the last steps of a compression, and in two others; one is archived. */
  async recover(root) {
    await writeRun(root, { run: 0, count: earlier, stream: small });
    const [first = "", second = ""] = sealedIn(root)
      .sort()
      .map((name) => join(directoryOf(root), name));
    const packed = gzipSync(readFileSync(first));
    writeFileSync(`${first}.gz`, packed);
    for (const half of [second, first.replace("-000001.log", "-000004.log")])
      writeFileSync(`${half}.gz.part`, packed.subarray(0, 100));
    linkSync(fileOf(root), second.replace("-000002.log", "-000003.log"));
  },
  rotate: (root) => writeRun(root, { run: 0, count: earlier, stream: small }),
};

async function addTree(fault: FaultCase, work: Work, name: string): Promise<string> {
  const root = join(fault.folder, name);
  mkdirSync(root);
  await prepare[work](root);
  return root;
}

/** What is wrong with a tree of which the first `safe` entries of each run were promised to be there. */
async function wrongIn(root: string, safe: readonly number[]): Promise<string[]> {
  const { keys, inversions, streams } = await readFound(root);
  const promised = safe.flatMap((count, run) => Array.from({ length: count }, (_, n) => `${run}:c0:${n}`));
  return [
    ...promised.filter((key) => !keys.has(key)).map((key) => `lost ${key}`),
    ...[...keys].filter(([, times]) => times > 1).map(([key, times]) => `${times} times ${key}`),
    ...[...streams.keys()].filter((stream) => stream.includes("@")).map((stream) => `a part file: ${stream}`),
    ...(inversions > 0 ? [`${inversions} inversions of seq`] : []),
  ];
}

/** What a restart has left undone. */
async function leftIn(root: string): Promise<string[]> {
  const { damage, inventory } = await readFound(root);
  const { shadowed, filesByState } = inventory.summary;
  return [
    ...damage,
    ...sealedIn(root).map((name) => `not compressed: ${name}`),
    ...(shadowed > 0 ? [`${shadowed} segments stand twice`] : []),
    ...(filesByState.temporary > 0 ? [`${filesByState.temporary} temporary files`] : []),
  ];
}

/** What is wrong after disturbed runs, and after a restart without. */
async function check(root: string, safe: readonly number[], when: string): Promise<string[]> {
  const before = await wrongIn(root, safe);
  const stream = { ...small, compress: true, compressDelayMs: 0 } as const;
  await writeRun(root, { run: safe.length, count: 1, stream });
  const after = [...(await wrongIn(root, [...safe, 1])), ...(await leftIn(root))];
  return [
    ...before.map((wrong) => `${when}: ${wrong}`),
    ...after.map((wrong) => `${when}, restart: ${wrong}`),
  ];
}

/** Two at a time, as long as there is more to do. */
async function inTwoLanes(work: () => Promise<"more" | "over">): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let next = "more"; next === "more"; ) next = await work();
  };
  await Promise.all([lane(), lane()]);
}

/** Kills at every `stride`-th call, until a run ends before it comes to the call. */
async function killAtEach(fault: FaultCase, work: Work, stride: number) {
  const wrong: string[] = [];
  let next = 1;
  let kills = 0;
  await inTwoLanes(async () => {
    const at = next;
    next += stride;
    const root = await addTree(fault, work, `killed-${at}`);
    const safe = [earlier];
    let last: NodeJS.Signals | null = null;
    for (let run = 1; run <= killsInRow; run += 1) {
      const errand: Errand = { work, run, effect: "kill", isChanging: !isLong, trees: [{ root, at }] };
      const { signal, ofTree } = await runErrand(errand);
      safe.push(ofTree(root).safe);
      kills += Number(signal === "SIGKILL");
      if (run === 1) last = signal;
    }
    wrong.push(...(await check(root, safe, `killed at ${at}`)));
    rmSync(root, { recursive: true });
    return last === "SIGKILL" ? "more" : "over";
  });
  fault.tell({ kills });
  return { wrong, kills };
}

type Failure = Pick<Errand, "effect" | "isStuck">;

/** Has every `stride`-th call fail. */
async function failAtEach(fault: FaultCase, { work, entries }: Steps, failure: Failure, stride: number) {
  // No disk is full for those that only look.
  const errand = { ...failure, work, run: 1, isChanging: failure.effect === "ENOSPC" };
  const name = `${failure.effect}${failure.isStuck === true ? " for ever" : ""}`;
  const whole = await addTree(fault, work, `${name}-none`);
  const { calls = 0 } = (await runErrand({ ...errand, trees: [{ root: whole, at: 0 }] })).ofTree(whole);
  const wrong: string[] = [];
  let next = 1;
  let failures = 0;
  const treesPerProcess = 20;
  await inTwoLanes(async () => {
    const trees = [];
    for (; next <= calls && trees.length < treesPerProcess; next += stride)
      trees.push({ root: join(fault.folder, `${name}-${next}`), at: next });
    if (trees.length === 0) return "over";
    for (const { at } of trees) await addTree(fault, work, `${name}-${at}`);
    const { ofTree } = await runErrand({ ...errand, trees });
    for (const { root, at } of trees) {
      const { safe, hits } = ofTree(root);
      failures += Number(hits > 0);
      // What fails once is done again: then nothing is lost, promised or not.
      const kept = failure.isStuck === true ? safe : entries;
      wrong.push(...(await check(root, [earlier, kept], `${name} at ${at}`)));
      rmSync(root, { recursive: true });
    }
    return "more";
  });
  fault.tell({ [name]: failures });
  return { wrong, failures };
}

interface Steps {
  readonly work: Work;
  /** Entries that it writes. */
  readonly entries: number;
  /** The quick set takes every so many of the calls; what is written and sealed is enumerated in `writers` itself. */
  readonly strides: { readonly kill: number; readonly fail: number };
  /** Fewer would mean that calls go past what counts them. */
  readonly callsMin: number;
}

/** The long set kills the next process on the same tree at the same call. */
const killsInRow = isLong ? 2 : 1;
const failuresOfSet: readonly Failure[] = isLong
  ? [{ effect: "EIO" }, { effect: "ENOSPC" }, { effect: "EIO", isStuck: true }]
  : [{ effect: "EIO" }];
const steps: readonly Steps[] = [
  { work: "compress", entries: 0, strides: { kill: 1, fail: 1 }, callsMin: 8 },
  { work: "recover", entries: 3, strides: { kill: 3, fail: 6 }, callsMin: 25 },
  { work: "rotate", entries: 6, strides: { kill: 5, fail: 8 }, callsMin: 15 },
];

describe("F15 every call to the operating system", () => {
  for (const step of steps) {
    const { work, strides, callsMin } = step;
    faultCase(`F15 ${work}: killed at each call, it loses and doubles nothing`, [], async (fault) => {
      const stride = isLong ? 1 : strides.kill;
      const { wrong, kills } = await killAtEach(fault, work, stride);
      expect(wrong).toEqual([]);
      expect(kills).toBeGreaterThan(callsMin / stride);
    });

    faultCase(`F15 ${work}: with each call failing, it loses and doubles nothing`, [], async (fault) => {
      const stride = isLong ? 1 : strides.fail;
      const sum = { wrong: [] as string[], failures: 0 };
      for (const failure of failuresOfSet) {
        const { wrong, failures } = await failAtEach(fault, step, failure, stride);
        sum.wrong.push(...wrong);
        sum.failures += failures;
      }
      expect(sum.wrong).toEqual([]);
      expect(sum.failures).toBeGreaterThan(callsMin / stride);
    });
  }
});
