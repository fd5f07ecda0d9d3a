import { describe, expect, it } from "vitest";
import { type AlertThreshold, fullThreshold } from "./alert-rule.ts";
import { type AlertChange, type AlertState, restingAlert, stepAlert } from "./alert-state.ts";

/** The changes of an alert that is measured once a second. */
function changesOf(threshold: AlertThreshold, values: readonly (number | undefined)[]) {
  const full = fullThreshold("test", threshold);
  let state: AlertState = restingAlert;
  return values.map((value, second): AlertChange | undefined => {
    const step = stepAlert(full, state, value, second * 1000);
    state = step.state;
    return step.change;
  });
}

const fired = "fired";
const resolved = "resolved";
const repeated = "repeated";
const no = undefined;

describe("stepAlert", () => {
  it("begins past its threshold and ends at the one for the end", () => {
    const threshold = { firesAt: 10, clearsAt: 8, coolDownMs: 0 };
    expect(changesOf(threshold, [10, 10.1, 10, 8.5, 8, 10, 11])).toEqual([
      no,
      fired,
      no,
      no,
      resolved,
      no,
      fired,
    ]);
  });

  it("does the same downwards for values that are too low", () => {
    const threshold = { direction: "below", firesAt: 10, clearsAt: 12, coolDownMs: 0 } as const;
    expect(changesOf(threshold, [10, 9.9, 11, 12, 10, 9])).toEqual([no, fired, no, resolved, no, fired]);
  });

  it("ends at its threshold when there is none for the end", () => {
    expect(changesOf({ firesAt: 10, coolDownMs: 0 }, [11, 11, 10])).toEqual([fired, no, resolved]);
  });

  it("begins once the value has stayed there for long enough", () => {
    const threshold = { firesAt: 10, forMs: 2000, coolDownMs: 0 };
    expect(changesOf(threshold, [11, 11, 9, 11, 11, 11, 11])).toEqual([no, no, no, no, no, fired, no]);
  });

  it("does not begin again within its cool-down, and does when it is over", () => {
    const threshold = { firesAt: 10, coolDownMs: 4000 };
    expect(changesOf(threshold, [11, 9, 11, 11, 11, 11])).toEqual([fired, resolved, no, no, fired, no]);
  });

  it("tells an alert that lasts again and again only when asked to", () => {
    const values = [11, 11, 11, 11, 11, 9];
    expect(changesOf({ firesAt: 10, repeatMs: 2000 }, values)).toEqual([
      fired,
      no,
      repeated,
      no,
      repeated,
      resolved,
    ]);
    expect(changesOf({ firesAt: 10 }, values)).toEqual([fired, no, no, no, no, resolved]);
  });

  it("stays as it is while nothing is measured", () => {
    const values = [undefined, 11, undefined, Number.NaN, 9];
    expect(changesOf({ firesAt: 10 }, values)).toEqual([no, fired, no, no, resolved]);
  });

  it("counts the time without measurements to the time past the threshold", () => {
    expect(changesOf({ firesAt: 10, forMs: 2000 }, [11, undefined, Number.NaN, 11])).toEqual([
      no,
      no,
      no,
      fired,
    ]);
  });

  it("takes infinity for a value", () => {
    const far = Number.POSITIVE_INFINITY;
    expect(changesOf({ direction: "below", firesAt: 10, coolDownMs: 0 }, [far, 5, far])).toEqual([
      no,
      fired,
      resolved,
    ]);
  });
});

describe("fullThreshold", () => {
  it("fills in the defaults", () => {
    expect(fullThreshold("x", { firesAt: 10 })).toEqual({
      direction: "above",
      firesAt: 10,
      clearsAt: 10,
      forMs: 0,
      coolDownMs: 900_000,
      repeatMs: undefined,
    });
  });

  it.each<readonly [AlertThreshold]>([
    [{ firesAt: Number.NaN }],
    [{ firesAt: Number.POSITIVE_INFINITY }],
    [{ firesAt: 10, clearsAt: 11 }],
    [{ firesAt: 10, clearsAt: 9, direction: "below" }],
    [{ firesAt: 10, forMs: -1 }],
    [{ firesAt: 10, coolDownMs: Number.POSITIVE_INFINITY }],
    [{ firesAt: 10, repeatMs: 0 }],
    [{ firesAt: 10, repeatMs: Number.NaN }],
  ])("refuses %j with the name of the rule", (threshold) => {
    expect(() => fullThreshold("disk_usage", threshold)).toThrow(/^alert rule disk_usage: /);
  });
});
