import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createFakeClock } from "@waybill/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConfigWatch, loadConfig, type WatchConfigOptions, watchConfig } from "../src/index.ts";

let root = "";
let folder = "";
let file = "";
let told: string[] = [];
let watch: ConfigWatch | undefined;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-watch-")));
  folder = join(root, "config");
  mkdirSync(folder);
  file = join(folder, "coordinator.yaml");
  writeFileSync(file, "log_dir: first\n");
  told = [];
});

afterEach(async () => {
  await watch?.close();
  watch = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** Looks so seldom that what is told within the time limit of a test comes from events; `looking` turns that round. */
const byEvents = { checkIntervalMs: 60_000 };
const byLooks = { checkIntervalMs: 20 };

async function open(options: Partial<WatchConfigOptions>, path = file): Promise<ConfigWatch> {
  watch = await watchConfig(path, {
    onChange: ({ config }) => {
      told.push(config.coordinator.logDir);
    },
    onRefused: (error) => {
      told.push(error instanceof Error ? error.message : String(error));
    },
    settleMs: 20,
    ...options,
  });
  return watch;
}

async function untilTold(count: number): Promise<void> {
  await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(count), { timeout: 5000, interval: 5 });
}

/** What the same file would say at a start. */
function messageAtStart(path = file): string {
  try {
    loadConfig(path);
    return "no error";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function replaceByRename(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe("watchConfig", () => {
  it("loads the file, and throws at the start what loadConfig throws", async () => {
    expect((await open(byEvents)).current.config.coordinator.logDir).toBe("first");
    await watch?.close();
    writeFileSync(file, "log_dir: /\n");
    await expect(open(byEvents)).rejects.toThrow(messageAtStart());
    await expect(open({ settleMs: -1 })).rejects.toThrow(RangeError);
    await expect(open({ checkIntervalMs: Number.NaN })).rejects.toThrow(RangeError);
  });

  it("tells of a file that is written", async () => {
    const { stats } = await open(byEvents);
    expect(stats).toEqual({ reads: 0, changes: 0, refusals: 0, failedCallbacks: 0, watchErrors: 0 });
    writeFileSync(file, "log_dir: second\n");
    await untilTold(1);
    expect(told).toEqual(["second"]);
    expect(watch?.current.config.coordinator.logDir).toBe("second");
  });

  it("tells of a file that is replaced by rename, again and again", async () => {
    await open(byEvents);
    for (const [index, name] of ["second", "third", "fourth"].entries()) {
      replaceByRename(`log_dir: ${name}\n`);
      await untilTold(index + 1);
    }
    expect(told).toEqual(["second", "third", "fourth"]);
  });

  it.each([
    ["emptied", () => writeFileSync(file, "")],
    ["wrong", () => writeFileSync(file, "log_dirr: x\n")],
    ["cut in the middle", () => writeFileSync(file, "logging: { performance: {\n")],
    ["too large", () => writeFileSync(file, "#".repeat(4_200_000))],
    ["removed", () => rmSync(file)],
    [
      "replaced by a directory",
      () => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    [
      "replaced by a link that leads in a circle",
      () => {
        rmSync(file);
        symlinkSync(file, file);
      },
    ],
    ["removed with its directory", () => rmSync(folder, { recursive: true })],
  ])("keeps the old when the file is %s, says what a start would say, and goes on", async (_, damage) => {
    await open({ checkIntervalMs: 200 });
    damage();
    await untilTold(1);
    expect(told).toEqual([messageAtStart()]);
    expect(watch?.current.config.coordinator.logDir).toBe("first");
    expect(watch?.refused).toBeDefined();
    rmSync(file, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    replaceByRename("log_dir: mended\n");
    await vi.waitFor(() => expect(told.at(-1)).toBe("mended"), { timeout: 5000, interval: 5 });
    expect(watch?.refused).toBeUndefined();
  });

  it("learns by an event alone that a removed file is there again", async () => {
    await open(byEvents);
    rmSync(file);
    await untilTold(1);
    writeFileSync(file, "log_dir: again\n");
    await untilTold(2);
    expect(told[1]).toBe("again");
  });

  it("has events again after its directory was removed and made again", async () => {
    const clock = createFakeClock();
    await open({ ...byEvents, clock });
    const settled = (expected: string) =>
      vi.waitFor(
        async () => {
          // Less in all than the pause between two looks, so that only an event can tell.
          await clock.advanceAsync(20);
          expect(told.at(-1)).toBe(expected);
        },
        { timeout: 5000, interval: 10 },
      );
    rmSync(folder, { recursive: true });
    await settled(messageAtStart());
    mkdirSync(folder);
    writeFileSync(file, "log_dir: back\n");
    await clock.advanceAsync(60_000);
    await settled("back");
    // Lets the looks end that follow an event.
    for (let n = 0; n < 20; n++) {
      await clock.advanceAsync(50);
      await pause(5);
    }
    replaceByRename("log_dir: later\n");
    await settled("later");
    expect(watch?.refused).toBeUndefined();
  });

  it.skipIf(process.getuid?.() === 0)("keeps the old when the file may not be read any more", async () => {
    await open(byLooks);
    chmodSync(file, 0o000);
    await untilTold(1);
    expect(told).toEqual([messageAtStart()]);
    expect(told[0]).toContain("may not be read; give this user the right to read it");
    expect(watch?.current.config.coordinator.logDir).toBe("first");
    chmodSync(file, 0o600);
    await vi.waitFor(() => expect(watch?.refused).toBeUndefined(), { timeout: 5000, interval: 5 });
  });

  it("gets by with few readings when the file changes 50 times in a second, and ends with the last", async () => {
    await open({ settleMs: 100, checkIntervalMs: 60_000 });
    for (let n = 1; n <= 50; n++) {
      writeFileSync(file, `log_dir: change_${n}\n`);
      // The subject is a second of real time.
      await pause(20);
    }
    await vi.waitFor(() => expect(told.at(-1)).toBe("change_50"), { timeout: 5000, interval: 5 });
    expect(watch?.stats.reads).toBeLessThanOrEqual(10);
    expect(told.filter((line) => !line.startsWith("change_"))).toEqual([]);
  });

  it("tells nothing when the content stays the same", async () => {
    await open(byEvents);
    utimesSync(file, new Date(), new Date());
    replaceByRename("# a remark\nlog_dir: first\n");
    await vi.waitFor(() => expect(watch?.stats.reads).toBeGreaterThanOrEqual(1), { timeout: 5000 });
    expect(told).toEqual([]);
  });

  it("finds without events that a link above the file leads elsewhere", async () => {
    for (const version of ["v1", "v2"]) {
      mkdirSync(join(root, version));
      writeFileSync(join(root, version, "c.yaml"), `log_dir: ${version}\n`);
    }
    symlinkSync("v1", join(root, "data"));
    const mounted = join(folder, "c.yaml");
    symlinkSync(join("..", "data", "c.yaml"), mounted);
    await open(byLooks, mounted);
    symlinkSync("v2", join(root, "data.new"));
    renameSync(join(root, "data.new"), join(root, "data"));
    await untilTold(1);
    expect(told).toEqual(["v2"]);
  });

  it("puts the environment over each reading", async () => {
    const env = { WAYBILL_COORDINATOR__LOG_DIR: "fixed", WAYBILL_COORDINATOR__COORDINATOR_ID: "main" };
    await open({
      ...byEvents,
      env,
      onChange: ({ config }) => void told.push(JSON.stringify(config.coordinator)),
    });
    writeFileSync(file, "log_dir: second\ntiers: []\n");
    await untilTold(1);
    writeFileSync(file, "log_dir: second\nlogging: { tiers: [a] }\n");
    await untilTold(2);
    expect(told[1]).toBe('{"coordinatorId":"main","logDir":"fixed"}');
  });

  it("reads on request, and nothing after close", async () => {
    const opened = await open(byEvents);
    opened.reload();
    await vi.waitFor(() => expect(opened.stats.reads).toBe(1), { timeout: 5000, interval: 5 });
    const closing = opened.close();
    await Promise.all([closing, opened.close(), opened[Symbol.asyncDispose]()]);
    writeFileSync(file, "log_dir: second\n");
    opened.reload();
    await pause(150);
    expect(opened.stats.reads).toBe(1);
    expect(told).toEqual([]);
  });
});
