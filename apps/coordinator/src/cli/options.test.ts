import { describe, expect, it } from "vitest";
import { helpText } from "./help.ts";
import { parseCommand } from "./options.ts";

const defaults = {
  strategies: undefined,
  logDir: undefined,
  configPath: undefined,
  speed: undefined,
  isQuiet: false,
};

describe("parseCommand", () => {
  it("runs two years without arguments", () => {
    expect(parseCommand([])).toMatchObject({
      kind: "run",
      options: { ...defaults, from: { text: "2001-01-01" }, to: { text: "2002-12-31" } },
    });
  });

  it.each([
    [["--all"], undefined, undefined],
    [["--from", "2008-09-01"], "2008-09-01", undefined],
    [["--to=2008-09-01"], undefined, "2008-09-01"],
  ])("takes the range of %j", (args, from, to) => {
    const command = parseCommand(args);
    expect(command.kind === "run" ? [command.options.from?.text, command.options.to?.text] : command).toEqual(
      [from, to],
    );
  });

  it("takes every option", () => {
    const args = "--containers 500 --speed 2.5 --log-dir /tmp/l --config c.yaml -q".split(" ");
    expect(parseCommand(args)).toMatchObject({
      options: { strategies: 500, speed: 2.5, logDir: "/tmp/l", configPath: "c.yaml", isQuiet: true },
    });
  });

  it.each([
    [["--soak"], 90],
    [["--soak", "-q"], 90],
    [["--soak", "8"], 8],
    [["--soak=2.5"], 2.5],
    [["--soak", "forever"], undefined],
  ])("soaks for as long as %j says", (args, seconds) => {
    expect(parseCommand(args)).toMatchObject({
      kind: "soak",
      options: { ...defaults, isQuiet: args[1] === "-q", seconds },
    });
  });

  it.each([
    [["--al"], "unknown option --al", "did you mean --all?"],
    [["--contaners=3"], "unknown option --contaners", "did you mean --containers?"],
    [["--frobnicate"], "unknown option --frobnicate", "npm start -- --help lists the options"],
    [["-x"], "unknown option -x", "npm start -- --help lists the options"],
    [["now"], 'unexpected argument "now"', "npm start -- --help lists the options"],
    [
      ["--all", "--to", "2001-01-02"],
      "--all cannot be combined with --from or --to",
      "give one or the other",
    ],
    [
      ["--from", "2001-02-30"],
      '--from is "2001-02-30"',
      "give an existing day as YYYY-MM-DD, such as 2001-09-17",
    ],
    [
      ["--from", "2002-01-01", "--to", "2001-01-01"],
      "--from 2002-01-01 comes after --to 2001-01-01",
      "swap them",
    ],
    [["--containers", "0"], '--containers is "0"', "give an integer from 1 to 500"],
    [["--containers", "501"], '--containers is "501"', "give an integer from 1 to 500"],
    [["--containers", "2.5"], '--containers is "2.5"', "give an integer from 1 to 500"],
    [["--containers="], '--containers is ""', "give an integer from 1 to 500"],
    [["--speed", "fast"], '--speed is "fast"', "give a number from 0.1 to 10,000"],
    [["--soak", "long"], '--soak is "long"', "give seconds from 1 to 604,800, or forever"],
    [["--soak", "0.5"], '--soak is "0.5"', "give seconds from 1 to 604,800, or forever"],
    [["--log-dir="], "--log-dir is empty", "give a path"],
    [["--config"], "option '--config <value>' argument missing", "npm start -- --help lists the options"],
    [["--all=yes"], "option '--all' does not take an argument", "npm start -- --help lists the options"],
  ])("refuses %j with the cause and the fix", (args, message, fix) => {
    expect(() => parseCommand(args)).toThrow(expect.objectContaining({ exitCode: 2, message, fix }));
  });

  it.each([
    [["--help"], "help"],
    [["-h", "--all"], "help"],
    [["--version"], "version"],
  ])("answers %j", (args, kind) => {
    expect(parseCommand(args).kind).toBe(kind);
  });
});

describe("the help", () => {
  it("has at most 24 lines of at most 80 columns, examples first", () => {
    const lines = helpText.split("\n");
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.slice(2, 5).every((line) => line.startsWith("  npm start"))).toBe(true);
  });
});
