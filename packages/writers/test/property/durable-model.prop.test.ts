import { parseEntry } from "@waybill/log-tree";
import type { LogEntry } from "@waybill/protocols";
import { createFakeClock, createFaultyFileSystem, type Fault, type FaultyFileSystem } from "@waybill/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interleave } from "../support/interleaved-file-system.ts";
import {
  activePath,
  codeOfRejection,
  directory,
  entryOf,
  openSubject,
  segmentNames,
  unaccounted,
} from "../support/stream-subject.ts";

type PowerLossKind = Parameters<FaultyFileSystem["restartAfterPowerLoss"]>[0];
type FaultVerb = "write" | "sync" | "syncDirectory" | "link" | "unlink" | "open" | "lstat" | "truncate";

interface Death {
  readonly do: "die";
  readonly of: "SIGKILL" | PowerLossKind;
  /** Before which call from now on, or in the next write. */
  readonly at: number | "write";
  readonly afterBytes: number;
}

type Step =
  | { readonly do: "log"; readonly count: number; readonly size: number; readonly isError: boolean }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "flush" | "recover" | "close" | "reopen" | "move" }
  | { readonly do: "fail"; readonly verb: FaultVerb; readonly times: number }
  | { readonly do: "short"; readonly bytes: number }
  | Death;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("log" as const),
      // Several at once fill a segment.
      count: fc.integer({ min: 1, max: 6 }),
      size: fc.integer({ min: 0, max: 400 }),
      isError: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ do: "flush" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 1200 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("recover", "close", "reopen", "move") }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("fail" as const),
      verb: fc.constantFrom<FaultVerb>(
        "write",
        "syncDirectory",
        "link",
        "unlink",
        "open",
        "lstat",
        "truncate",
      ),
      times: fc.integer({ min: 1, max: 10 }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: "fail" as const, verb: "sync" as const, times: 1 }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("short" as const), bytes: fc.integer({ min: 1, max: 300 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("die" as const),
      of: fc.constantFrom<"SIGKILL" | PowerLossKind>("SIGKILL", "SIGKILL", "drop", "meta", "nul", "rand"),
      at: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.constant("write" as const)),
      // As far as the write comes, if it is one that is hit.
      afterBytes: fc.integer({ min: 0, max: 1500 }),
    }),
  },
);

/** What one process was told. */
interface Promises {
  /** Entries accepted before the last `flush()` that resolved. */
  flushed: readonly number[];
  /** Of those, counted as dropped by then. */
  dropped: number;
}

const movedPaths = (files: FaultyFileSystem): string[] =>
  files
    .readdir("/logs")
    .filter(({ name }) => name.startsWith("moved"))
    .map(({ name }) => `/logs/${name}`);

/** Every whole entry and gap record, also of files that were moved away. What else a power cut has left is passed over, as readers do. */
function wholeEntries(files: FaultyFileSystem): LogEntry[] {
  if (files.lstat("/logs") === undefined) return [];
  const segments = segmentNames(files).map((name) => `${directory}/${name}`);
  return [...movedPaths(files), ...segments].flatMap((path) =>
    files.outside
      .readText(path)
      .split("\n")
      .flatMap((line) => parseEntry(line) ?? []),
  );
}

/** One stream through any number of processes and power cuts on one disk. */
class Play {
  readonly files: FaultyFileSystem;
  /** What a power cut before some call would have lost. */
  readonly losses: { readonly kind: string; readonly missing: number[]; readonly calls: number }[] = [];
  #clock = createFakeClock();
  #subject;
  #accepted: number[] = [];
  #promises: Promises = { flushed: [], dropped: 0 };
  readonly #allPromises = [this.#promises];
  #last = 0;
  #moved = 0;
  #isNumberedAnew = false;

  constructor() {
    this.files = createFaultyFileSystem({ clock: this.#clock });
    this.#subject = this.#start();
  }

  #start() {
    // The timers of a dead process must not run on.
    this.#clock = createFakeClock({ nowMs: this.#clock.now() });
    return openSubject(
      { mode: "durable", segmentBytesMax: 2048, queueBytesMax: 8192 },
      {
        files: { ...this.files, ...interleave(this.files, () => this.#notePowerLoss()) },
        clock: this.#clock,
      },
    );
  }

  #startAnew(): void {
    this.#subject = this.#start();
    this.#accepted = [];
    this.#promises = { flushed: [], dropped: 0 };
    this.#allPromises.push(this.#promises);
  }

  log(count: number, size: number, isError: boolean): void {
    for (let written = 0; written < count; written++) {
      const n = ++this.#last;
      this.#accepted.push(n);
      this.#subject.writer.write(entryOf(n, isError ? "ERROR" : "INFO", { text: "x".repeat(size) }));
    }
  }

  async flush(end?: "close"): Promise<void> {
    const { writer, pool } = this.#subject;
    const flushed = [...this.#accepted];
    const outcome = await codeOfRejection(end === "close" ? pool.close() : writer.flush());
    if (outcome !== "resolved") return;
    this.#promises.flushed = flushed;
    this.#promises.dropped = writer.status().dropped;
  }

  async take(now: Step): Promise<void> {
    if (now.do === "log") this.log(now.count, now.size, now.isError);
    else if (now.do === "flush") await this.flush();
    else if (now.do === "advance") this.#clock.advance(now.ms);
    else if (now.do === "recover") this.files.clearFaults();
    else if (now.do === "fail") this.#inject({ verb: now.verb, error: "EIO", times: now.times });
    else if (now.do === "short") this.#inject({ verb: "write", shortWriteBytes: now.bytes });
    else if (now.do === "reopen") this.#subject.pool.reopen();
    else if (now.do === "move") this.#moveAway();
    else if (now.do === "die") this.#dieWriting(now);
    else await this.#close();
    expect(unaccounted(this.#subject.writer)).toBe(0);
  }

  async #close(): Promise<void> {
    await this.flush("close");
    this.files.restart();
    this.#startAnew();
  }

  #inject(fault: Fault): void {
    this.files.inject(fault);
  }

  /** Another process takes the file. */
  #moveAway(): void {
    // Bears the active name in the newest state that a power cut could leave: the one that processes see.
    const names = this.files.powerLossStates().find(({ kind }) => kind === "nul")?.fileSystem;
    if (names?.lstat(activePath) === undefined) return;
    this.files.outside.rename(activePath, `/logs/moved-${++this.#moved}`);
    this.#isNumberedAnew = true;
  }

  /** The process, or the machine, ends while the writer works. */
  #dieWriting({ of, at, afterBytes }: Death): void {
    this.files.clearFaults();
    const when = at === "write" ? { verb: at } : { operation: this.files.operations.length + at };
    this.files.inject({ ...when, crash: true, afterBytes });
    this.log(1, 900, true);
    this.#subject.writer.flushSync();
    if (of === "SIGKILL") this.files.restart();
    else this.files.restartAfterPowerLoss(of);
    this.files.clearFaults();
    this.#startAnew();
  }

  /** What was promised and is in none of the entries, beyond what was told. */
  #missing(entries: readonly LogEntry[]): number[] {
    const found = new Set(entries.map((entry) => entry.context["n"]));
    return this.#allPromises.flatMap(({ flushed, dropped }) => {
      const missing = flushed.filter((n) => !found.has(n));
      return missing.length > dropped ? missing : [];
    });
  }

  /** Notes what would be missing if the power failed now. Called by the writer, which would swallow an exception. */
  #notePowerLoss(): void {
    for (const { kind, fileSystem } of this.files.powerLossStates()) {
      const missing = this.#missing(wholeEntries(fileSystem));
      if (missing.length > 0) this.losses.push({ kind, missing, calls: this.files.operations.length });
    }
  }

  async finish(): Promise<void> {
    this.files.clearFaults();
    this.#clock.advance(5000);
    this.log(1, 0, false);
    await this.flush("close");
    expect(this.#promises.flushed).toContain(this.#last);
    this.#notePowerLoss();
    expect(this.losses).toEqual([]);
    const entries = wholeEntries(this.files);
    expect(this.#missing(entries)).toEqual([]);
    if (this.#isNumberedAnew) return;
    const contentsOfSeq = new Map<number, Set<unknown>>();
    for (const { seq, context } of entries) {
      const contents = contentsOfSeq.get(seq) ?? new Set();
      contentsOfSeq.set(seq, contents.add(context["n"] ?? JSON.stringify(context)));
    }
    expect([...contentsOfSeq].filter(([, contents]) => contents.size > 1)).toEqual([]);
  }
}

describe("a durable stream through any order of entries, flushes, rotation, faults, ends and power cuts", () => {
  it("never loses what was accepted before a flush that resolved, nor gives one number to two entries", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const play = new Play();
        for (const now of steps) {
          await play.take(now);
          expect(play.losses).toEqual([]);
        }
        await play.finish();
      }),
      { seed: 20_260_104, numRuns: 250 },
    );
  }, 60_000);
});
