import { describe, expect, it } from "vitest";
import { parseOptions } from "./options.ts";

describe("parseOptions", () => {
  it("reads lists and numbers", () => {
    const options = parseOptions(["--containers", "50,500", "--rounds", "3", "--mode", "sync", "--fan-out"]);
    expect(options).toMatchObject({ containers: [50, 500], rounds: 3, mode: "sync", hasFanOut: true });
  });

  it("always compares with ours, named once", () => {
    expect(parseOptions(["--only", "winston,waybill"]).names).toEqual(["waybill", "winston"]);
  });

  it("names the contestant that it does not know", () => {
    expect(() => parseOptions(["--only", "winston,nobody"])).toThrow("nobody");
  });

  it("refuses a number that is none", () => {
    expect(() => parseOptions(["--rounds", "many"])).toThrow("--rounds takes whole numbers from 1, not many");
  });
});
