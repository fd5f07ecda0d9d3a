import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { range } from "./support/stream-subject.ts";

// The worker is a file of the built package, so these tests run that.
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const child = path.join(root, "test/support/worker-child.mjs");
const dist = pathToFileURL(path.join(root, "dist/index.js")).href;
const timeout = 60_000;

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "waybill-worker-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const argumentsOf = (scenario: string, more: readonly string[]) => [
  child,
  dist,
  directory,
  scenario,
  ...more,
];

/** What a process did, told and left. */
function run(scenario: string, ...more: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argumentsOf(scenario, more), {
    timeout: 30_000,
    encoding: "utf8",
  });
  const told = stdout === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  return { status, stderr, told };
}

interface Line {
  readonly seq: number;
  readonly message: string;
  readonly context: { readonly n: number; readonly gap?: { readonly reason: string } };
}

function linesIn(file: string): Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

const active = () => path.join(directory, "c1", "app.log");
const numbersIn = (file = active()) => linesIn(file).flatMap(({ context }) => context.n ?? []);

describe("a stream that a worker writes", () => {
  it("has an ERROR in the file before write returns, even as the first entry of a process", () => {
    expect(run("firstError")).toMatchObject({ status: 0, stderr: "", told: { first: 1, later: 3 } });
  });

  it("resolves a flush with nothing else alive in the process", () => {
    expect(run("flushAlone")).toMatchObject({ status: 0, stderr: "", told: { lines: 100, queued: 0 } });
  });

  it("loses nothing when the process exits before close has settled, the worker not yet started", () => {
    expect(run("closeWithoutAwait")).toMatchObject({ status: 0, stderr: "" });
    expect(numbersIn()).toEqual(range(1, 1000));
  });

  it("loses and repeats nothing when its worker is killed under load", { timeout }, () => {
    const counts = { accepted: 60_000, written: 60_000, queued: 0, dropped: 0, workers: 2 };
    expect(run("killed")).toMatchObject({ status: 0, stderr: "", told: counts });
    expect(numbersIn()).toEqual(range(1, 60_000));
    expect(linesIn(active()).map(({ seq }) => seq)).toEqual(range(1, 60_000));
  });

  it("loses nothing when its worker is killed while it closes", () => {
    const counts = { accepted: 1000, written: 1000, queued: 0, dropped: 0, state: "closed" };
    expect(run("killedWhileClosing")).toMatchObject({ status: 0, stderr: "", told: counts });
    expect(numbersIn()).toEqual(range(1, 1000));
  });

  it("tells that it cannot be opened, and is written at the exit when it can by then", () => {
    const told = { refused: "WAYBILL_FLUSH_FAILED", state: "degraded", queued: 1 };
    expect(run("recovers")).toMatchObject({ status: 0, stderr: "", told });
    expect(numbersIn()).toEqual([1, 2]);
  });

  it("goes on behind what the one before has left when it is opened again at once", () => {
    const told = { accepted: 11, written: 11, queued: 0, dropped: 0, streams: 0 };
    expect(run("reopened")).toMatchObject({ status: 0, stderr: "", told });
    expect(linesIn(active()).map(({ seq, context }) => [seq, context.n])).toEqual(
      range(1, 11).map((n) => [n, n]),
    );
  });

  it("is one of 500 that lose nothing", { timeout }, () => {
    const told = { accepted: 10_000, written: 10_000, queued: 0, dropped: 0, streams: 500 };
    expect(run("many")).toMatchObject({ status: 0, stderr: "", told });
    const wrong = range(0, 499).filter(
      (index) => numbersIn(path.join(directory, "c1", `s${index}.log`)).join() !== range(1, 20).join(),
    );
    expect(wrong).toEqual([]);
  });

  it("takes a line that is longer than what goes between the threads", () => {
    expect(run("largest")).toMatchObject({ status: 0, stderr: "", told: { lines: 2, isLong: true } });
  });

  it("is synced when flushSync returns in durable mode", () => {
    expect(run("durableExit")).toMatchObject({ status: 0, stderr: "", told: { isFlushed: true } });
  });
});

describe("a worker that runs out of memory", () => {
  it("is followed by the thread that logs: nothing is lost or doubled, of 60 streams", { timeout }, () => {
    const { status, stderr, told } = run("outOfMemory", "greedy");
    expect({ status, stderr, ends: told["ends"] }).toEqual({
      ...{ status: 0, stderr: "", ends: ["ERR_WORKER_OUT_OF_MEMORY"] },
    });
    const all = 60 * Number(told["last"]);
    expect(told).toMatchObject({ accepted: all, written: all, queued: 0, dropped: 0, degraded: 0 });
    const found = range(0, 59).map((at) => linesIn(path.join(directory, `c${at}`, "app.log")));
    const wanted = range(1, Number(told["last"])).join();
    expect(found.filter((lines) => lines.map(({ context }) => context.n).join() !== wanted)).toEqual([]);
    expect(found.filter((lines) => lines.map(({ seq }) => seq).join() !== wanted)).toEqual([]);
  });
});

describe("a worker that never answers", () => {
  it("is waited for by an ERROR as one that starts, and by no further one", () => {
    const { status, stderr, told } = run("muteError", "mute");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told["tookMs"]).toBeLessThan(2 * 500);
    expect(told["allTookMs"]).toBeLessThan(2 * 500);
    expect(numbersIn()).toEqual(range(1, 100));
  });

  it("is given up at the exit after 2 s, and nothing is lost", () => {
    const { status, stderr, told } = run("muteExit", "mute");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told["tookMs"]).toBeLessThan(2 * 2000);
    expect(numbersIn()).toEqual(range(1, 1000));
  });

  it("is given up by the close of the pool within 5 s, and nothing is lost", () => {
    const { status, stderr, told } = run("muteClose", "mute");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(told).toMatchObject({ accepted: 1000, written: 1000, queued: 0, dropped: 0 });
    expect(told["tookMs"]).toBeLessThan(2 * 5000);
    expect(numbersIn()).toEqual(range(1, 1000));
  });
});

describe("a file that two pools of one process write", () => {
  it.each([
    ["worker", "worker"],
    ["worker", "inline"],
    ["inline", "inline"],
  ])("has every entry once over all part files: %s and %s", (...placements) => {
    const { status, stderr, told } = run("twoPools", ...placements);
    const half = { accepted: 5000, written: 5000, queued: 0, dropped: 0 };
    expect({ status, stderr, told }).toMatchObject({ status: 0, stderr: "", told: [half, half] });
    const files = readdirSync(path.join(directory, "c1")).filter((name) => name.endsWith(".log"));
    const names = new Set(files.map((name) => name.replace(/\..*/, "")));
    const parts = [...names].map((part) =>
      files
        .filter((name) => name.startsWith(`${part}.`))
        .flatMap((name) => numbersIn(path.join(directory, "c1", name))),
    );
    expect(parts.map(({ length }) => length)).toEqual([5000, 5000]);
    expect(parts.flat().sort((a, b) => a - b)).toEqual(range(1, 10_000));
  });
});

describe("a directory that two processes write", () => {
  it("has part files of the second, and is taken over when the first was killed", { timeout }, async () => {
    const first = spawn(process.execPath, argumentsOf("holdsDirectory", []));
    const closed = new Promise((resolve) => first.on("close", resolve));
    await new Promise((resolve) => first.stdout.once("data", resolve));
    expect(run("flushAlone")).toMatchObject({ status: 0, stderr: "" });
    const parts = readdirSync(path.join(directory, "c1")).filter((name) => /^app@.*\.log$/.test(name));
    expect(parts.map((part) => numbersIn(path.join(directory, "c1", part)))).toEqual([range(1, 100)]);
    expect(numbersIn()).toEqual(range(1, 200));
    first.kill("SIGKILL");
    await closed;
    expect(run("flushAlone")).toMatchObject({ status: 0, stderr: "" });
    expect(numbersIn()).toEqual([...range(1, 200), ...range(1, 100)]);
  });
});

describe("a file that others change while it is written by a worker", () => {
  const ways = ["rm -rf", "unlink", "mv", "mv and create", "truncate", "directory", "link"];
  const cases = ways.flatMap((way) => ["calm", "fast"].map((speed) => [way, speed] as const));

  it.each(cases)("has everything that was logged after: %s, %s", { timeout }, async (way, speed) => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      argumentsOf("changed", [way, speed]),
    );
    const { at, last, accepted, written, queued, dropped } = JSON.parse(stdout) as Record<string, number>;
    expect({ stderr, unwritten: (accepted ?? 0) - (written ?? 0), queued, dropped }).toEqual({
      stderr: "",
      unwritten: 0,
      queued: 0,
      dropped: 0,
    });
    const found = new Set([...numbersIn(path.join(directory, "moved.log")), ...numbersIn()]);
    // A cut takes what was there before, and that is told.
    expect(range((at ?? 0) + 1, last ?? 0).filter((n) => !found.has(n))).toEqual([]);
    const reasons = linesIn(active()).flatMap(({ context }) => context.gap?.reason ?? []);
    expect(reasons).toEqual(way === "truncate" ? ["truncated"] : []);
  });
});

const hasStrace = spawnSync("strace", ["-V"]).status === 0;

describe("a stream with a slow disk", () => {
  it.skipIf(!hasStrace)(
    "moves to the second lane, in order and whole (skipped where there is no strace)",
    { timeout },
    () => {
      const delay = ["-P", active(), "-e", "trace=write", "-e", "inject=write:delay_enter=120000"];
      const { status, stdout } = spawnSync(
        "strace",
        ["-f", "-qq", "-o", "/dev/null", ...delay, process.execPath, ...argumentsOf("slow", [])],
        { timeout: 50_000, encoding: "utf8" },
      );
      const { workers, ...counts } = JSON.parse(stdout) as { readonly workers: number };
      expect([status, counts]).toMatchObject([0, { accepted: 100, written: 100, queued: 0, dropped: 0 }]);
      // A third one where the machine is so busy that the first seems to hang.
      expect(workers).toBeGreaterThanOrEqual(2);
      expect(linesIn(active()).map(({ seq, context }) => [seq, context.n])).toEqual(
        range(1, 100).map((n) => [n, n]),
      );
    },
  );
});
