import type { ProgressTarget } from "../cli/progress.ts";
import { formatStatusLine, renderStatus, type StatusStyle } from "./render-status.ts";
import type { SoakStatus } from "./soak-status.ts";

/** Shows the state of a soak: a block that is redrawn in place on a terminal, a line at times elsewhere. */
export interface StatusView {
  show(status: SoakStatus): void;
  /** A line that stays, above the block of a terminal. */
  print(line: string): void;
  /** Leaves the last state standing on a terminal. */
  end(): void;
}

/** Lines between which little changes are not worth a file. */
const lineEveryMs = 3000;

/** @param style - what of it does not come from the target. */
export function createStatusView(target: ProgressTarget, style: Omit<StatusStyle, "columns">): StatusView {
  return target.isTTY === true ? createBlock(target, style) : createLines(target);
}

function createLines(target: ProgressTarget): StatusView {
  let toldMs = 0;
  return {
    show(status) {
      if (status.elapsedMs - toldMs < lineEveryMs) return;
      toldMs = status.elapsedMs;
      target.write(`${formatStatusLine(status)}\n`);
    },
    print: (line) => void target.write(`${line}\n`),
    end: () => undefined,
  };
}

function createBlock(target: ProgressTarget, style: Omit<StatusStyle, "columns">): StatusView {
  let drawn: readonly string[] = [];
  /** Each line is cleared as it is written, so that nothing flickers. */
  const draw = (lines: readonly string[], above = ""): void => {
    const text = lines.map((line) => `${line}\x1b[K\n`).join("");
    target.write(`${drawn.length === 0 ? "" : `\x1b[${drawn.length}A`}\r${above}${text}\x1b[J`);
    drawn = lines;
  };
  return {
    show: (status) => draw(renderStatus(status, { ...style, columns: target.columns ?? 80 })),
    print: (line) => draw(drawn, `${line}\x1b[K\n`),
    end() {
      if (drawn.length > 0) target.write("\n");
      drawn = [];
    },
  };
}
