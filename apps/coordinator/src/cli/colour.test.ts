import { describe, expect, it } from "vitest";
import { hasColour } from "./colour.ts";

describe("hasColour", () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: true }, { NO_COLOR: "" }, true],
    [{ isTTY: true }, { TERM: "dumb" }, false],
    [{ isTTY: false }, { FORCE_COLOR: "1" }, true],
    [{ isTTY: true }, { FORCE_COLOR: "0" }, false],
    [{ isTTY: true }, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
  ])("of %j in %j is %s", (target, environment, expected) => {
    expect(hasColour(target, environment)).toBe(expected);
  });
});
