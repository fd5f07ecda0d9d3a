import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullThreshold } from "../../src/alerts/alert-rule.ts";
import { type AlertChange, type AlertState, restingAlert, stepAlert } from "../../src/alerts/alert-state.ts";

const seed = 20261122;

interface Told {
  readonly change: AlertChange;
  readonly atMs: number;
  readonly value: number;
}

const threshold = fc
  .record({
    firesAt: fc.integer({ min: -50, max: 50 }),
    gap: fc.integer({ min: 0, max: 30 }),
    direction: fc.constantFrom("above" as const, "below" as const),
    forMs: fc.constantFrom(0, 1500, 5000),
    coolDownMs: fc.constantFrom(0, 3000, 20_000),
    repeatMs: fc.constantFrom(undefined, 4000),
  })
  .map(({ firesAt, gap, direction, forMs, coolDownMs, repeatMs }) =>
    fullThreshold("any", {
      direction,
      firesAt,
      clearsAt: direction === "above" ? firesAt - gap : firesAt + gap,
      forMs,
      coolDownMs,
      ...(repeatMs === undefined ? {} : { repeatMs }),
    }),
  );
const series = fc.array(
  fc.record({
    stepMs: fc.integer({ min: 0, max: 4000 }),
    value: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -90, max: 90 }) }, fc.constant(undefined)),
  }),
  { maxLength: 80 },
);

/** Follows an alert through a series. */
function follow(
  full: ReturnType<typeof fullThreshold>,
  steps: readonly { readonly stepMs: number; readonly value: number | undefined }[],
) {
  const told: Told[] = [];
  const states: AlertState[] = [];
  let state = restingAlert;
  let atMs = 0;
  for (const { stepMs, value } of steps) {
    atMs += stepMs;
    const step = stepAlert(full, state, value, atMs);
    state = step.state;
    states.push(state);
    if (step.change !== undefined) told.push({ change: step.change, atMs, value: value ?? Number.NaN });
  }
  return { told, states, endMs: atMs };
}

describe("an alert, whatever its threshold and values", () => {
  const past = (full: ReturnType<typeof fullThreshold>, value: number): boolean =>
    full.direction === "above" ? value > full.firesAt : value < full.firesAt;
  const between = (full: ReturnType<typeof fullThreshold>, value: number): boolean =>
    !past(full, value) && (full.direction === "above" ? value > full.clearsAt : value < full.clearsAt);

  it("begins and ends by turns, and is told again only in between", () => {
    fc.assert(
      fc.property(threshold, series, (full, steps) => {
        let firing = false;
        for (const { change } of follow(full, steps).told) {
          expect(change === "fired").toBe(!firing);
          firing = change !== "resolved";
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it("begins at values past the threshold only, and ends at values past the one for the end only", () => {
    fc.assert(
      fc.property(threshold, series, (full, steps) => {
        for (const { change, value } of follow(full, steps).told) {
          expect(past(full, value) || change !== "fired").toBe(true);
          expect((!past(full, value) && !between(full, value)) || change !== "resolved").toBe(true);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it("begins at most once per cool-down, and never before the value stayed long enough", () => {
    fc.assert(
      fc.property(threshold, series, (full, steps) => {
        const times = follow(full, steps)
          .told.filter(({ change }) => change === "fired")
          .map(({ atMs }) => atMs);
        for (const [index, atMs] of times.entries()) {
          expect(index === 0 || atMs - (times[index - 1] ?? 0) >= full.coolDownMs).toBe(true);
          expect(atMs >= full.forMs).toBe(true);
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  it("says nothing while the value stays between the two thresholds", () => {
    fc.assert(
      fc.property(threshold, series, (full, steps) => {
        const inside = steps.filter(({ value }) => value === undefined || between(full, value));
        expect(follow(full, inside).told).toEqual([]);
      }),
      { seed, numRuns: 500 },
    );
  });

  it("is firing in the end when the value stayed past the threshold for longer than everything", () => {
    fc.assert(
      fc.property(threshold, series, (full, steps) => {
        const worst = full.direction === "above" ? 1000 : -1000;
        const stay = Array.from({ length: 4 }, () => ({ stepMs: 20_000, value: worst }));
        expect(follow(full, [...steps, ...stay]).states.at(-1)?.phase).toBe("firing");
      }),
      { seed, numRuns: 500 },
    );
  });

  it("is at rest in the end when the value went back", () => {
    fc.assert(
      fc.property(threshold, series, (full, steps) => {
        const best = full.direction === "above" ? -1000 : 1000;
        expect(follow(full, [...steps, { stepMs: 1, value: best }]).states.at(-1)?.phase ?? "ok").toBe("ok");
      }),
      { seed, numRuns: 500 },
    );
  });
});
