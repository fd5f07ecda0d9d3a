import { describe, expect, it } from "vitest";
import { createExposition, escapeLabel } from "./exposition.ts";

describe("createExposition", () => {
  it("writes a metric with its help, type and samples", () => {
    const text = createExposition();
    text.metric("x_bytes", "gauge", "Bytes\nof \\ x.", [
      { value: 1 },
      { labels: { kind: "a", state: "b" }, value: 2.5 },
    ]);
    expect(text.toString()).toBe(
      '# HELP x_bytes Bytes\\nof \\\\ x.\n# TYPE x_bytes gauge\nx_bytes 1\nx_bytes{kind="a",state="b"} 2.5\n',
    );
  });

  it("gives every sample the common labels", () => {
    const text = createExposition({ coordinator: "main" });
    text.metric("x", "gauge", "X.", [{ value: 1 }, { labels: { kind: "a" }, value: 2 }]);
    expect(text.toString()).toMatch(/^x\{coordinator="main"\} 1\nx\{coordinator="main",kind="a"\} 2\n/m);
  });

  it("leaves out what has no value, and a metric that has none left", () => {
    const text = createExposition();
    text.metric("x", "gauge", "X.", [{ value: undefined }]);
    text.metric("y", "gauge", "Y.", [{ value: undefined }, { labels: { kind: "a" }, value: 0 }]);
    expect(text.toString()).toBe('# HELP y Y.\n# TYPE y gauge\ny{kind="a"} 0\n');
  });

  it("writes no line for no metric", () => {
    expect(createExposition().toString()).toBe("");
  });

  it.each([
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [Number.NaN, "NaN"],
    [1e21, "1e+21"],
    [-0.000001, "-0.000001"],
  ])("writes %d as %s", (value, shown) => {
    const text = createExposition();
    text.metric("x", "gauge", "X.", [{ value }]);
    expect(text.toString().split("\n")[2]).toBe(`x ${shown}`);
  });

  it("ends the buckets of a histogram with all values, and adds sum and count", () => {
    const text = createExposition();
    text.histogram("x_seconds", "X.", {
      upTo: [
        [0.5, 1],
        [1, 3],
      ],
      count: 4,
      sum: 9.5,
    });
    expect(text.toString().split("\n").slice(1)).toEqual([
      "# TYPE x_seconds histogram",
      'x_seconds_bucket{le="0.5"} 1',
      'x_seconds_bucket{le="1"} 3',
      'x_seconds_bucket{le="+Inf"} 4',
      "x_seconds_sum 9.5",
      "x_seconds_count 4",
      "",
    ]);
  });
});

describe("escapeLabel", () => {
  it.each([
    ['say "hi"', 'say \\"hi\\"'],
    ["a\\b", "a\\\\b"],
    ["a\nb", "a\\nb"],
    ["a\rb\tc", "a\rb\tc"],
    ["strategy é 😀", "strategy é 😀"],
    ["half \ud83d", "half \\\\ud83d"],
    ["half \ude00", "half \\\\ude00"],
    ["\ude00\ud83d", "\\\\ude00\\\\ud83d"],
  ])("writes %j as %j", (text, escaped) => {
    expect(escapeLabel(text)).toBe(escaped);
  });

  it("keeps two ids apart that differ in halves of a surrogate pair only", () => {
    expect(escapeLabel("a\ud83d")).not.toBe(escapeLabel("a\ud83e"));
  });
});
