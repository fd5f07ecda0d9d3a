import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { isAsciiOnly } from "./ascii.ts";
import { formatStatusLine, renderStatus } from "./render-status.ts";
import type { SoakStatus } from "./soak-status.ts";
import { createStatusView } from "./status-view.ts";

const mib = 1_048_576;
const status: SoakStatus = {
  weather: "storm",
  elapsedMs: 34_200,
  totalMs: 90_000,
  simulatedMs: 49_248_000,
  round: 3,
  date: "2001-09-17",
  bytes: 12 * mib,
  mostBytes: 18 * mib,
  limitBytes: 24 * mib,
  files: { active: 112, sealed: 34, archived: 210 },
  done: { sealed: 312, archived: 240, expired: 18, evicted: 46, freedBytes: 101 * mib },
  forecast: "full in 1 d 3 h (max_total_size 24 MiB)",
  firing: ["disk_usage", "error_rate"],
  alerts: { fired: 3, ended: 1 },
  entries: 812_340,
  entriesPerSecond: 9120,
  writeP99Ms: 52.4,
  dropped: 0,
};
const plain = { hasColour: false, isAscii: false };

describe("the status of a soak", () => {
  it("says all of it on a line each at 120 columns", () => {
    expect(renderStatus(status, { ...plain, columns: 120 })).toEqual([
      "soak      storm   +13 h 40 min simulated   34 s of 90 s   round 3, 2001-09-17",
      "size      ▕████████████████████▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░▏ 12 MiB of 24 MiB   most 18 MiB",
      "files     112 active   34 sealed   210 archived",
      "so far    312 sealed   240 archived   18 expired   46 evicted   101 MiB freed",
      "forecast  full in 1 d 3 h (max_total_size 24 MiB)",
      "alerts    disk_usage, error_rate   3 fired   1 ended",
      "entries   812,340   9,120/s   p99 52 ms   0 dropped",
    ]);
  });

  it.each([80, 40, 20])("fits into %d columns, in colour too", (columns) => {
    const lines = renderStatus(status, { columns, hasColour: true, isAscii: false });
    expect(lines.join("")).toContain("\x1b[");
    const widths = lines.map((line) => stripVTControlCharacters(line).length);
    expect(Math.max(...widths)).toBeLessThan(columns);
  });

  it("names the size and the limit at 80 columns", () => {
    expect(renderStatus(status, { ...plain, columns: 80 })[1]).toBe(
      "size      ▕█████████████▒▒▒▒▒▒▒░░░░░░▏ 12 MiB of 24 MiB   most 18 MiB",
    );
  });

  it("draws with ASCII where there is no more", () => {
    const lines = renderStatus(status, { columns: 80, hasColour: false, isAscii: true });
    expect(lines[1]).toContain("[#############=======......]");
    expect(lines.join("")).toMatch(/^[\x20-\x7e]*$/);
  });

  it("stays within the bar when the tree is larger than its limit", () => {
    const [, size] = renderStatus({ ...status, bytes: 30 * mib }, { ...plain, columns: 80 });
    expect(size).toContain(`▕${"█".repeat(26)}▏ 30 MiB of 24 MiB`);
  });

  it("is one line without a terminal", () => {
    expect(formatStatusLine({ ...status, firing: [], writeP99Ms: 1.25 })).toBe(
      "soak  34 s  +13 h 40 min  storm  12 MiB of 24 MiB (most 18 MiB)  812,340 entries, 9,120/s  312 sealed, 240 archived, 18 expired, 46 evicted  full in 1 d 3 h (max_total_size 24 MiB)  no alert  p99 1.3 ms  0 dropped",
    );
  });
});

describe("the view of a soak", () => {
  function subject(isTTY: boolean) {
    const written: string[] = [];
    const target = { isTTY, columns: 100, write: (text: string) => written.push(text) };
    return { written, view: createStatusView(target, plain) };
  }

  it("redraws its block in place, and leaves the last one standing", () => {
    const { written, view } = subject(true);
    view.show(status);
    view.show(status);
    view.end();
    expect(written.map((text) => text.startsWith("\x1b[7A"))).toEqual([false, true, false]);
    expect(written[2]).toBe("\n");
  });

  it("puts a line that stays above its block", () => {
    const { written, view } = subject(true);
    view.show(status);
    view.print("a disk is full");
    expect(written[1]?.startsWith("\x1b[7A\ra disk is full\x1b[K\nsoak      storm")).toBe(true);
  });

  it("writes a line each three seconds without a terminal", () => {
    const { written, view } = subject(false);
    for (const elapsedMs of [1000, 2900, 3000, 4000, 5900, 6100]) view.show({ ...status, elapsedMs });
    view.end();
    expect(written.map((line) => line.slice(0, 11))).toEqual(["soak   3 s ", "soak   6 s "]);
  });
});

describe("a terminal", () => {
  it.each([
    [{}, false],
    [{ LANG: "en_GB.UTF-8", TERM: "xterm" }, false],
    [{ LANG: "C" }, true],
    [{ LC_ALL: "POSIX", LANG: "de_DE.utf8" }, true],
    [{ TERM: "linux", LANG: "en_GB.UTF-8" }, true],
  ])("of %j knows ASCII alone: %s", (environment, isAscii) => {
    expect(isAsciiOnly(environment)).toBe(isAscii);
  });
});
