import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Flow } from "@waybill/flows";
import { readEntries } from "@waybill/log-tree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkTree, figureOf, readFlows } from "./support/read-tree.ts";
import { type AppRun, runApp } from "./support/run-app.ts";

/** Half a year with the closure of September 2001. */
const range = ["--from", "2001-06-01", "--to", "2001-11-30"];
const shell = promisify(execFile);

let directory: string;
let tree: string;
let run: AppRun;
let flows: readonly Flow[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-app-"));
  tree = join(directory, "logs");
  run = await runApp(range, directory);
  flows = await readFlows(tree);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const figure = (pattern: RegExp) => figureOf(run.stdout, pattern);

describe("a run of the reference coordinator", () => {
  it("ends by itself with exit code 0", () => {
    expect(run).toMatchObject({ code: 0, signal: null });
  });

  it("has a folder for each of the 54 containers", async () => {
    expect(await readdir(join(tree, "containers"))).toHaveLength(54);
    expect(figure(/ (\d+) containers/)).toBe(54);
  });

  it("leaves lines that all parse, and numbers without a hole in every stream", async () => {
    expect(await checkTree(tree)).toEqual({
      lines: figure(/total +([\d,]+)/),
      faults: [],
      foreignFiles: 0,
    });
  });

  it("counts entries and their copies as wc does", async () => {
    const linesOf = async (files: string) =>
      Number((await shell("sh", ["-c", `cat ${files} | wc -l`], { cwd: tree })).stdout);
    expect(figure(/entries\s+([\d,]+)/)).toBe(await linesOf("containers/*/*.log flows/*.log system/*.log"));
    expect(figure(/([\d,]+) copies/)).toBe(await linesOf("master.log correlations/*.log"));
    expect(figure(/internal +([\d,]+)/)).toBe(await linesOf("flows/*_internal_*.log"));
  });

  it("logs each retry with event, target and attempt, in its flow", async () => {
    const retries: unknown[] = [];
    const published = new Set(flows.flatMap(({ hops }) => hops.map(({ eventId }) => eventId)));
    for await (const { entry } of readEntries(tree, { kinds: ["container"] })) {
      if (!entry.message.startsWith("Delivery tried again")) continue;
      const { level, correlationId, eventId, context } = entry;
      const isKnown = eventId !== undefined && published.has(eventId);
      retries.push({ level, isKnown, isInFlow: correlationId?.startsWith("trade_"), ...context });
    }
    const expected = { level: "WARNING", isKnown: true, isInFlow: true, target: "execution_container" };
    expect(retries.length).toBeGreaterThan(0);
    expect(retries).toEqual(
      retries.map(() => expect.objectContaining({ ...expected, attempt: expect.any(Number) })),
    );
    expect(retries).toHaveLength(figure(/([\d,]+) retr/));
  });

  it("leaves flows that can be rebuilt from files alone, as many as the app counted", () => {
    expect(flows).toHaveLength(figure(/flows\s+([\d,]+)/));
    expect(flows.filter(({ status }) => status === "failed")).toHaveLength(figure(/([\d,]+) failed/));
    expect(flows.filter(({ status }) => status === "lost" || status === "open")).toEqual([]);
  });

  it("carries one id through all four containers of a trade", () => {
    const trade = flows.find(
      ({ shares }) => shares.at(-1)?.container === "execution_container" && shares.length >= 4,
    );
    expect([...new Set(trade?.shares.map(({ container }) => container))]).toEqual([
      "data_container",
      expect.stringMatching(/^strategy_\d{3}$/),
      "risk_container",
      "execution_container",
    ]);
  });

  it("logs each failed flow with an error line of the same id in the container that failed", async () => {
    const errors = new Set<string>();
    for await (const { entry } of readEntries(tree, { kinds: ["container"] })) {
      if (entry.level === "ERROR") errors.add(`${entry.correlationId} ${entry.containerId}`);
    }
    const failures = flows.flatMap(({ correlationId, hops }) =>
      hops.filter(({ status }) => status === "error").map(({ target }) => `${correlationId} ${target}`),
    );
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.filter((failure) => !errors.has(failure))).toEqual([]);
  });

  it("prints commands that find what they say", async () => {
    const commands = run.stdout.match(/grep .*$/gm) ?? [];
    const found = await Promise.all(
      commands.map(async (command) => {
        const { stdout } = await shell("sh", ["-c", `${command} | head -n 1`], { cwd: directory });
        const [, sought = ""] = /grep (?:"(.*?)"|'.*?') /.exec(command) ?? [];
        return [sought, /"event_scope":"(\w+)"/.exec(stdout)?.[1]];
      }),
    );
    expect(found).toEqual([
      ["internal_bus", "internal_bus"],
      ["external_fast_tier", "external_fast_tier"],
      // Failed hops, of whatever tier.
      ["", expect.stringMatching(/^external_\w+_tier$/)],
      ["external_reliable_tier", "external_reliable_tier"],
      ["lifecycle_management", "lifecycle_management"],
    ]);
  });

  it("prints a command that finds every failed hop", async () => {
    const command = /grep '.*$/m.exec(run.stdout)?.[0] ?? "false";
    const { stdout } = await shell("sh", ["-c", `${command} | wc -l`], { cwd: directory });
    const failed = flows.flatMap(({ hops }) => hops.filter(({ status }) => status === "error"));
    expect(Number(stdout)).toBe(failed.length);
  });

  it("prints a complete flow, a failed one, and its first failing line", () => {
    expect(run.stdout).toMatch(
      /complete {2}trade_\d+_strategy_\d+ {2}ok {2}data_container \S+ → strategy_\d+ \S+ → risk_container \S+ → execution_container \S+ {3}total \S+\n/,
    );
    expect(run.stdout).toMatch(/failed {4}trade_\d+_strategy_\d+ {2}failed {2}.*✗ {3}total/);
    expect(run.stdout).toMatch(/first failing line {2}[\d:.]+ ERROR \w+\.\w+ {2}\S/);
  });
});
