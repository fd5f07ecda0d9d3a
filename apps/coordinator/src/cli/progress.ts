import { styleText } from "node:util";

/** How far a run is. */
export interface ProgressState {
  readonly done: number;
  readonly total: number;
  /** Day of the last bar. */
  readonly date: string;
  /** Milliseconds since the first bar. */
  readonly elapsedMs: number;
}

/** Where progress is shown. */
export interface ProgressTarget {
  readonly isTTY?: boolean;
  /** Characters per line; only of a terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows how far a run is, when it is not over before anybody would wonder: a bar that moves on a terminal, a plain line
 * each ten per cent elsewhere.
 */
export interface Progress {
  update(done: number, date: string): void;
  /** Leaves the line of a terminal clean. */
  end(): void;
}

const redrawMs = 100;
const appearAfterMs = 300;
/** A log file or a pipe keeps every line: only runs that take long are worth any. */
const linesAfterMs = 2000;
/** Before, speed and end are guesswork. */
const estimateAfterMs = 1000;
const barWidthMax = 24;

/** @param now - milliseconds, rising. */
export function createProgress(
  target: ProgressTarget,
  total: number,
  { now, hasColour }: { readonly now: () => number; readonly hasColour: boolean },
): Progress {
  // The first bar starts the clock: what comes before it says nothing about how long the others take.
  let startedMs: number | undefined;
  const stateOf = (done: number, date: string): ProgressState => {
    startedMs ??= now();
    return { done, total, date, elapsedMs: now() - startedMs };
  };
  return target.isTTY === true ? createBar(target, stateOf, hasColour) : createLines(target, stateOf);
}

type StateOf = (done: number, date: string) => ProgressState;

function createLines(target: ProgressTarget, stateOf: StateOf): Progress {
  let tenths = 0;
  return {
    update(done, date) {
      const state = stateOf(done, date);
      const reached = Math.floor((done * 10) / state.total);
      if (reached > tenths && state.elapsedMs > linesAfterMs) target.write(`${formatProgressLine(state)}\n`);
      tenths = Math.max(tenths, reached);
    },
    end: () => undefined,
  };
}

function createBar(target: ProgressTarget, stateOf: StateOf, hasColour: boolean): Progress {
  let drawnMs = appearAfterMs - redrawMs;
  let isDrawn = false;
  return {
    update(done, date) {
      const state = stateOf(done, date);
      if (state.elapsedMs - drawnMs < redrawMs) return;
      drawnMs = state.elapsedMs;
      isDrawn = true;
      const line = formatProgressBar(state, target.columns ?? 80);
      const paint = (bar: string) => styleText("cyan", bar, { validateStream: false });
      target.write(`\r\x1b[K${hasColour ? line.replace(/[█░]+/, paint) : line}`);
    },
    end() {
      if (isDrawn) target.write("\r\x1b[K");
      isDrawn = false;
    },
  };
}

/** One line without a terminal: `run  40 %  201/502 bars  2001-10-24  0.9 s`. */
export function formatProgressLine({ done, total, date, elapsedMs }: ProgressState): string {
  const percent = Math.floor((done * 100) / total);
  return `run ${String(percent).padStart(3)} %  ${count(done)}/${count(total)} bars  ${date}  ${(elapsedMs / 1000).toFixed(1)} s`;
}

/** One line of a terminal, never longer than `columns` − 1; parts are left out from the right. */
export function formatProgressBar({ done, total, date, elapsedMs }: ProgressState, columns: number): string {
  const share = total === 0 ? 1 : done / total;
  const isSettled = done > 0 && elapsedMs >= estimateAfterMs;
  const leftMs = isSettled ? (elapsedMs / done) * (total - done) : undefined;
  const perSecond = isSettled ? (done * 1000) / elapsedMs : undefined;
  const parts = [
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    `  ${count(done).padStart(count(total).length)}/${count(total)} bars`,
    `  ${date}`,
    perSecond === undefined ? "" : `  ${count(Math.round(perSecond))} bars/s`,
    leftMs === undefined ? "" : `  ETA ${Math.ceil(leftMs / 1000)} s`,
  ];
  const barWidth = Math.min(barWidthMax, Math.max(4, columns - 44));
  const filled = Math.round(share * barWidth);
  let line = `run ▕${"█".repeat(filled)}${"░".repeat(barWidth - filled)}▏`;
  for (const part of parts) {
    if (line.length + part.length > columns - 1) break;
    line += part;
  }
  return line.slice(0, Math.max(0, columns - 1));
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
