import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runApp, withDirectory } from "./support/run-app.ts";

const mainPath = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const configPath = fileURLToPath(new URL("../coordinator.yaml", import.meta.url));

/** A file that the app is given, and what the sentence must say. */
interface BadConfig {
  readonly name: string;
  readonly change: (yaml: string) => string;
  readonly code: number;
  readonly says: string;
}

const badConfigs: readonly BadConfig[] = [
  {
    name: "an unknown key",
    change: (yaml) => yaml.replace("log_dir:", "log_dri:"),
    code: 2,
    says: 'did you mean "log_dir"?',
  },
  {
    name: "text that is no YAML",
    change: () => ": : [",
    code: 2,
    says: "config.yaml:1:3  is not valid YAML",
  },
  {
    name: "an unknown setting of a container",
    change: (yaml) => yaml.replace("position_share:", "position_shares:"),
    code: 2,
    says: 'settings of risk_container have an unknown key "position_shares"; did you mean "position_share"?',
  },
  {
    name: "a setting outside of its limits",
    change: (yaml) => yaml.replace("history_bars: 20", "history_bars: 0"),
    code: 2,
    says: "settings of risk_container: history_bars is 0; give an integer from 1 to 1000",
  },
  {
    name: "an unknown type",
    change: (yaml) => yaml.replace('type: "risk"', 'type: "rsik"'),
    code: 2,
    says: 'container risk_container has the unknown type "rsik"; did you mean "risk"?',
  },
  {
    name: "a pipeline without an end",
    change: (yaml) => yaml.replace('type: "execution"', 'type: "risk"'),
    code: 2,
    says: 'the pipeline needs exactly one container of type "execution" and has none',
  },
  {
    name: "data that do not exist",
    change: (yaml) => yaml.replace('# path: "./my-bars.csv"', 'path: "./missing.csv"'),
    code: 3,
    says: "cannot read market data ./missing.csv: it does not exist",
  },
  {
    name: "data with a malformed line",
    change: (yaml) => yaml.replace('# path: "./my-bars.csv"', 'path: "./bars.csv"'),
    code: 2,
    says: "market data ./bars.csv, line 3: 2 columns, expected 7",
  },
];

const oneSentence = /^coordinator: [^\n]+\n$/;

describe("bad input", () => {
  it.each(badConfigs)(
    "$name in the configuration: exit $code, one sentence, nothing left behind",
    async (bad) => {
      await withDirectory(async (directory) => {
        await writeFile(join(directory, "config.yaml"), bad.change(await readFile(configPath, "utf8")));
        const rows = ["date,open,high,low,close,adjclose,volume", "2000-01-03,1,2,1,2,2,9", "2000-01-04,1"];
        await writeFile(join(directory, "bars.csv"), rows.join("\n"));
        const run = await runApp(["--config", "config.yaml"], directory);
        expect(run).toMatchObject({ code: bad.code, stdout: "", stderr: expect.stringMatching(oneSentence) });
        expect(run.stderr).toContain(bad.says);
        expect(await readdir(directory)).toEqual(["bars.csv", "config.yaml"]);
      });
    },
  );

  it.each([
    ["an unknown option", ["--al"], 2, "coordinator: unknown option --al; did you mean --all?\n"],
    [
      "a range without bars",
      ["--from", "2001-09-11", "--to", "2001-09-14"],
      2,
      "coordinator: there is no trading day from 2001-09-11 to 2001-09-14; the data run from 2000-01-03 to 2020-04-17\n",
    ],
  ])("%s: one sentence, nothing left behind", async (_, args, code, stderr) => {
    await withDirectory(async (directory) => {
      expect(await runApp(args, directory)).toEqual({ code, signal: null, stdout: "", stderr });
      expect(await readdir(directory)).toEqual([]);
    });
  });

  it("an output that cannot be written: exit 3, one sentence", () => {
    const full = openSync("/dev/full", "w");
    const run = spawnSync(process.execPath, [mainPath, "--help"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(run).toMatchObject({ status: 3, stderr: expect.stringMatching(oneSentence) });
  });

  it("a configuration that does not exist: exit 2", async () => {
    await withDirectory(async (directory) => {
      const run = await runApp(["--config", "missing.yaml"], directory);
      expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(oneSentence) });
    });
  });

  it("a log directory with somebody else's files: refused, files untouched", async () => {
    await withDirectory(async (directory) => {
      await mkdir(join(directory, "photos"));
      await writeFile(join(directory, "photos", "cat.jpg"), "meow");
      const run = await runApp(["--log-dir", "photos"], directory);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).toBe(
        "coordinator: the log directory photos holds cat.jpg and is no Waybill log tree; name a new or empty directory with --log-dir\n",
      );
      expect(await readdir(join(directory, "photos"))).toEqual(["cat.jpg"]);
    });
  });

  it("a log directory that is a file: exit 3", async () => {
    await withDirectory(async (directory) => {
      await writeFile(join(directory, "logs"), "");
      const run = await runApp([], directory);
      expect(run).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(oneSentence) });
    });
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "a log directory without permission: exit 3",
    async () => {
      await withDirectory(async (directory) => {
        await mkdir(join(directory, "locked"));
        await chmod(join(directory, "locked"), 0o500);
        const run = await runApp(["--log-dir", "locked/logs"], directory);
        expect(run).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(oneSentence) });
      });
    },
  );

  it("a log tree of an unknown format: exit 3, files untouched", async () => {
    await withDirectory(async (directory) => {
      await mkdir(join(directory, "logs", ".waybill"), { recursive: true });
      await writeFile(join(directory, "logs", ".waybill", "tree.json"), '{"format":99}');
      const run = await runApp([], directory);
      expect(run).toMatchObject({ code: 3, stdout: "" });
      expect(run.stderr).toMatch(/99/);
      expect(await readdir(join(directory, "logs"))).toEqual([".waybill"]);
    });
  });
});
