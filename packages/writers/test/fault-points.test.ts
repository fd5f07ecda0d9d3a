import type { FaultPoint, FaultyFileSystem } from "@waybill/testing";
import { createFakeClock, forEachFaultPoint } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import type { WriterMode } from "../src/writer-options.ts";
import {
  codeOfRejection,
  entryOf,
  gapsOf,
  namesIn,
  numbersOf,
  openSubject,
  readStream,
  segmentNames,
} from "./support/stream-subject.ts";

const segmentBytesMax = 1024;
/** Entries of a run before it: one sealed segment and the beginning of an active one. */
const earlier = 8;

/** What the run before a crash may rely on. */
interface Promised {
  /** Entries that must be there after the process ended. */
  written: Set<number>;
  /** Entries that must be there after a power cut. */
  durable: Set<number>;
}

async function run(files: FaultyFileSystem, mode: WriterMode, promised: Promised): Promise<void> {
  const clock = createFakeClock();
  const { writer, pool } = openSubject({ mode, segmentBytesMax }, { files, clock });
  const noteWritten = (to: number) => {
    const { state, written, dropped } = writer.status();
    if (state === "open" && written === to - earlier && dropped === 0) {
      for (let n = 1; n <= to; n++) promised.written.add(n);
    }
  };
  for (let n = earlier + 1; n <= earlier + 30; n++) {
    writer.write(entryOf(n));
    noteWritten(n);
    if (n % 7 === 0) {
      clock.advance(60);
      noteWritten(n);
    }
    if (n % 11 === 0 && (await codeOfRejection(writer.flush())) === "resolved") {
      noteWritten(n);
      if (mode === "durable") for (let m = 1; m <= n; m++) promised.durable.add(m);
    }
  }
  const outcome = await codeOfRejection(pool.close());
  if (outcome !== "resolved") return;
  for (let n = 1; n <= earlier + 30; n++) {
    promised.written.add(n);
    if (mode === "durable") promised.durable.add(n);
  }
}

/** A first run without faults, so that there is something to open. */
async function prepared(seed: number, mode: WriterMode, create: (seed: number) => FaultyFileSystem) {
  const files = create(seed);
  const { writer, pool } = openSubject({ mode: "durable", segmentBytesMax }, { files });
  for (let n = 1; n <= earlier; n++) writer.write(entryOf(n));
  await pool.close();
  return { files, mode };
}

async function continueAndCheck(files: FaultyFileSystem, promised: ReadonlySet<number>): Promise<void> {
  const { writer, pool } = openSubject({ segmentBytesMax }, { files });
  for (let n = 101; n <= 103; n++) writer.write(entryOf(n));
  await pool.close();
  const entries = readStream(files);
  const found = numbersOf(entries);
  const seqs = entries.map(({ seq }) => seq);
  expect([...promised].filter((n) => !found.includes(n))).toEqual([]);
  expect(found.slice(-3)).toEqual([101, 102, 103]);
  expect(new Set(seqs).size).toBe(seqs.length);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(new Set(found).size).toBe(found.length);
  const numbers = segmentNames(files)
    .slice(0, -1)
    .map((name) => name.replace(/^.*-(\d+)\.log$/, "$1"));
  expect(new Set(numbers).size).toBe(numbers.length);
  const torn = namesIn(files).filter((name) => name.endsWith(".torn")).length;
  expect(gapsOf(entries).filter((gap) => gap["reason"] === "torn").length).toBe(torn);
  expect(namesIn(files).filter((name) => name.endsWith(".quarantine"))).toEqual([]);
  expect(files.openDescriptors).toBe(0);
}

describe("every call to the file system, failed and killed once", () => {
  const modes: readonly WriterMode[] = ["sync", "batched", "durable"];

  it.each(modes)("loses nothing acknowledged, shows nothing twice or torn, and goes on: %s", async (mode) => {
    const { createFaultyFileSystem } = await import("@waybill/testing");
    const ready = new Map<FaultyFileSystem, Promised>();
    const template = await prepared(1, mode, (seed) => createFaultyFileSystem({ seed }));
    const report = await forEachFaultPoint(
      async (files) => {
        const promised: Promised = { written: new Set(), durable: new Set() };
        for (let n = 1; n <= earlier; n++) {
          promised.written.add(n);
          promised.durable.add(n);
        }
        ready.set(files, promised);
        await run(files, mode, promised);
      },
      {
        create: (seed) => {
          const files = createFaultyFileSystem({ seed });
          for (const name of namesIn(template.files)) {
            const path = `/logs/containers/c1/${name}`;
            files.outside.writeFile(path, template.files.outside.readFile(path));
          }
          syncAll(files);
          return files;
        },
        verify: async (files, point: FaultPoint) => {
          const promised = ready.get(files) ?? { written: new Set(), durable: new Set() };
          ready.delete(files);
          const states = mode === "durable" && point.mode !== "torn" ? files.powerLossStates() : [];
          await continueAndCheck(files, promised.written);
          for (const { kind, fileSystem } of states) await checkPowerLoss(fileSystem, kind, promised.durable);
        },
      },
    );
    expect(report.runs).toBeGreaterThan(100);
  });
});

function syncAll(files: FaultyFileSystem): void {
  for (const name of namesIn(files)) {
    const fd = files.open(`/logs/containers/c1/${name}`, 2, 0);
    files.sync(fd);
    files.close(fd);
  }
  files.syncDirectory("/logs/containers/c1");
}

/** After a power cut, whole pages in the middle may be zero: such lines are passed over, as readers do. */
async function checkPowerLoss(
  files: FaultyFileSystem,
  kind: string,
  promised: ReadonlySet<number>,
): Promise<void> {
  const { writer, pool } = openSubject({}, { files });
  writer.write(entryOf(101));
  await pool.close();
  const lines = segmentNames(files).flatMap((name) =>
    files.outside.readText(`/logs/containers/c1/${name}`).split("\n"),
  );
  const missing = [...promised, 101].filter((n) => !lines.some((line) => line.includes(`"n":${n}}`)));
  expect({ kind, missing }).toEqual({ kind, missing: [] });
}
