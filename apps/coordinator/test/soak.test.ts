import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listSegments, type Segment } from "@waybill/log-tree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditTree } from "../src/soak/audit-tree.ts";
import { figureOf } from "./support/read-tree.ts";
import { type AppRun, runApp, withDirectory } from "./support/run-app.ts";

let directory: string;
let tree: string;
let run: AppRun;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-app-"));
  tree = join(directory, "soak-logs");
  run = await runApp(["--soak", "8"], directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("a soak of 8 seconds", () => {
  const figure = (pattern: RegExp) => figureOf(run.stdout, pattern);

  it("keeps what is promised, and ends with exit code 0", () => {
    expect(run).toMatchObject({ code: 0, signal: null });
    expect(run.stdout).toMatch(/^kept {3}the tree took at most [\d.]+ MiB of 24 MiB /);
    expect(figure(/at most ([\d.]+) MiB/)).toBeLessThanOrEqual(24.2);
    expect(figure(/([\d,]+) looks/)).toBeGreaterThan(20);
  });

  it("archives, deletes and raises an alert", () => {
    expect(figure(/archived +([\d,]+) segment/)).toBeGreaterThan(0);
    expect(figure(/deleted +([\d,]+) by age/) + figure(/([\d,]+) for room/)).toBeGreaterThan(0);
    expect(figure(/alerts +([\d,]+) fired/)).toBeGreaterThan(0);
  });

  it("tells how it goes, a line each three seconds", () => {
    const lines = run.stderr.split("\n").filter((line) => line.startsWith("soak "));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.join()).toMatch(/^[\x20-\x7e–]*$/);
    expect(lines.join()).not.toMatch(/NaN|undefined|null/);
  });

  it("accounts for every line", async () => {
    const audit = await auditTree(tree);
    expect(audit.faults).toEqual([]);
    expect(audit.numbered).toBe(figure(/entries +([\d,]+)/));
    expect(audit.lines + audit.deleted).toBe(audit.numbered);
  });

  it("finds a file that is gone without a word, and a line that stands twice", async () => {
    const { segments } = await listSegments(tree);
    const closed = segments.filter(({ state }) => state === "sealed" || state === "archived");
    const hasNeighbour = ({ stream, name }: Segment, step: number): boolean =>
      closed.some(
        (other) => other.stream === stream && other.name.seal?.number === (name.seal?.number ?? 0) + step,
      );
    // Between two that are there: what is before the oldest may have been deleted.
    const gone = closed.find((segment) => hasNeighbour(segment, -1) && hasNeighbour(segment, 1));
    rmSync(gone?.path ?? "");
    expect((await auditTree(tree)).faults).toEqual([expect.stringMatching(/: \d+ missing before \d+$/)]);
    const flows = join(tree, "flows", "soak_internal_event_flows.log");
    const [first = ""] = readFileSync(flows, "utf8").split("\n");
    appendFileSync(flows, `${first}\n`);
    expect((await auditTree(tree)).faults).toContainEqual(
      expect.stringMatching(/soak_internal.*: \d+ follows \d+$/),
    );
  });
});

describe("the directory of a soak", () => {
  it("is no tree of somebody else", async () => {
    await withDirectory(async (cwd) => {
      const state = join(cwd, "logs", ".waybill");
      const marker = { format: 1, coordinator_id: "mine", created_at: "2026-01-01T00:00:00.000Z" };
      mkdirSync(state, { recursive: true });
      writeFileSync(join(state, "tree.json"), `${JSON.stringify(marker)}\n`);
      const refused = await runApp(["--soak", "1", "--log-dir", "logs"], cwd);
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toBe(
        "coordinator: the log tree logs is not that of a soak, which would delete what is in it; name a new or empty directory with --log-dir\n",
      );
      expect(readdirSync(state)).toEqual(["tree.json"]);
    });
  });
});
