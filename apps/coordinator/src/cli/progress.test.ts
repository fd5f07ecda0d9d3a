import { describe, expect, it } from "vitest";
import { createProgress, formatProgressBar, formatProgressLine, type ProgressTarget } from "./progress.ts";

const state = { done: 201, total: 502, date: "2001-10-24", elapsedMs: 4000 };

function targetOf(
  written: string[],
  terminal: Pick<ProgressTarget, "isTTY" | "columns"> = {},
): ProgressTarget {
  return { ...terminal, write: (text) => written.push(text) };
}

/** A clock that moves a fixed number of milliseconds with each bar. */
function run(target: ProgressTarget, bars: number, msPerBar: number): void {
  let nowMs = 0;
  const progress = createProgress(target, bars, { now: () => nowMs, hasColour: false });
  for (let done = 1; done <= bars; done += 1) {
    nowMs += msPerBar;
    progress.update(done, "2001-10-24");
  }
  progress.end();
}

describe("progress without a terminal", () => {
  it("writes a line each ten per cent, from two seconds on", () => {
    const written: string[] = [];
    run(targetOf(written), 502, 20);
    expect(written).toHaveLength(8);
    expect(written[0]).toBe("run  30 %  151/502 bars  2001-10-24  3.0 s\n");
  });

  it("writes nothing when the run is over before that", () => {
    const written: string[] = [];
    run(targetOf(written), 502, 3);
    expect(written).toEqual([]);
  });

  it("writes one line per bar when there are fewer than ten", () => {
    const written: string[] = [];
    run(targetOf(written), 4, 2001);
    // The clock starts with the first bar.
    expect(written).toHaveLength(3);
  });

  it("shows share, bars, day and seconds", () => {
    expect(formatProgressLine(state)).toBe("run  40 %  201/502 bars  2001-10-24  4.0 s");
  });
});

describe("progress on a terminal", () => {
  it("draws ten times a second on one line, and wipes it at the end", () => {
    const written: string[] = [];
    run(targetOf(written, { isTTY: true, columns: 80 }), 100, 20);
    expect(written.slice(0, -1).every((text) => text.startsWith("\r\x1b[K") && !text.includes("\n"))).toBe(
      true,
    );
    expect(written.length - 1).toBe(17);
    expect(written.at(-1)).toBe("\r\x1b[K");
  });

  it("draws nothing when the run is over before anybody would wonder", () => {
    const written: string[] = [];
    run(targetOf(written, { isTTY: true, columns: 80 }), 10, 20);
    expect(written).toEqual([]);
  });

  it.each([
    [120, "run ▕██████████░░░░░░░░░░░░░░▏ 40 %  201/502 bars  2001-10-24  50 bars/s  ETA 6 s"],
    [80, "run ▕██████████░░░░░░░░░░░░░░▏ 40 %  201/502 bars  2001-10-24  50 bars/s"],
    [40, "run ▕██░░▏ 40 %  201/502 bars"],
    [8, "run ▕██"],
    [1, ""],
  ])("fits a terminal of %i columns", (columns, line) => {
    expect(formatProgressBar(state, columns)).toBe(line);
  });
});
