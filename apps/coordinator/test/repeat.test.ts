import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { listSegments, readEntries } from "@waybill/log-tree";
import { describe, expect, it } from "vitest";
import { checkTree, figureOf, readFlows } from "./support/read-tree.ts";
import { collect, runApp, startApp, withDirectory } from "./support/run-app.ts";

const range = ["--from", "2001-08-01", "--to", "2001-10-31"];

/** Every fill of a tree, without its time, in order. */
async function fillsOf(tree: string): Promise<string[]> {
  const { segments } = await listSegments(tree, { kinds: ["container"] });
  const fills: string[] = [];
  const filled = segments.filter(({ component }) => component === "fill_processor");
  for await (const { entry } of readEntries(filled))
    fills.push(`${entry.level} ${entry.message} ${JSON.stringify(entry.context)}`);
  return fills;
}

describe("running twice", () => {
  it("gives the same trades", async () => {
    await withDirectory(async (directory) => {
      for (const name of ["one", "two"]) await runApp([...range, "--quiet", "--log-dir", name], directory);
      const [one, two] = [await fillsOf(join(directory, "one")), await fillsOf(join(directory, "two"))];
      expect(one.length).toBeGreaterThan(10);
      expect(two).toEqual(one);
    });
  });

  it("continues a tree, with flows of their own and numbers that go on", async () => {
    await withDirectory(async (directory) => {
      const tree = join(directory, "logs");
      await runApp([...range, "--quiet"], directory);
      const once = await readFlows(tree);
      const { lines: linesOnce } = await checkTree(tree);
      const again = await runApp(range, directory);
      expect(again.code).toBe(0);
      expect(again.stderr).toContain("coordinator: continuing the log tree ./logs\n");
      expect(again.stdout).toContain("all runs");
      // The entries are those of the second run alone, which has as many flow records as the first.
      const { lines } = await checkTree(tree);
      expect(figureOf(again.stdout, /total +([\d,]+)/)).toBe(lines);
      const ofRun = figureOf(again.stdout, /entries\s+([\d,]+)/) + figureOf(again.stdout, /([\d,]+) copies/);
      expect(ofRun).toBe(lines - linesOnce);
      const twice = await readFlows(tree);
      expect(twice).toHaveLength(2 * once.length);
      expect(twice.filter(({ duplicates }) => duplicates > 0)).toEqual([]);
      expect((await checkTree(tree)).faults).toEqual([]);
    });
  });
});

describe("options", () => {
  it("--containers sets the number of strategies", async () => {
    await withDirectory(async (directory) => {
      await runApp([...range, "--quiet", "--containers", "3", "--log-dir", "few"], directory);
      expect((await readdir(join(directory, "few", "containers"))).sort()).toEqual([
        "data_container",
        "execution_container",
        "market_regime_container",
        "risk_container",
        "strategy_001",
        "strategy_002",
        "strategy_003",
      ]);
    });
  });

  it("--quiet prints nothing", async () => {
    await withDirectory(async (directory) => {
      const run = await runApp([...range, "--quiet", "--containers", "1"], directory);
      expect(run).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
    });
  });

  it("--help and --version answer without writing", async () => {
    await withDirectory(async (directory) => {
      expect((await runApp(["--help"], directory)).stdout).toMatch(/^Runs 54 containers/);
      expect((await runApp(["--version"], directory)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect(await readdir(directory)).toEqual([]);
    });
  });
});

describe("a signal", () => {
  it.skipIf(process.platform === "win32")(
    "ends the run in order, with a report and the signal's own status",
    async () => {
      await withDirectory(async (directory) => {
        const child = startApp(["--speed", "100"], directory);
        // The first line of progress comes after two seconds, of about five.
        child.stderr?.once("data", () => child.kill("SIGINT"));
        const run = await collect(child);
        expect(run).toMatchObject({ code: null, signal: "SIGINT" });
        expect(run.stdout).toMatch(/^interrupted {2}54 containers/);
        expect(await readFlows(join(directory, "logs"))).toHaveLength(
          figureOf(run.stdout, /flows\s+([\d,]+)/),
        );
      });
    },
  );
});
