import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../load-config.ts";
import type { ConfigResult } from "../waybill-config.ts";
import { createReloader, type ReloaderOptions } from "./reloader.ts";

function subject(options: Partial<ReloaderOptions> = {}) {
  const clock = createFakeClock();
  const file = { text: "log_dir: first" };
  const told: string[] = [];
  const reloader = createReloader({
    clock,
    first: parseConfig(file.text),
    load: () => parseConfig(file.text),
    settleMs: 100,
    settleMaxMs: 1000,
    onChange: ({ config }: ConfigResult, previous) => {
      told.push(`${previous.config.coordinator.logDir} → ${config.coordinator.logDir}`);
    },
    onRefused: (error) => {
      told.push(String(error));
    },
    ...options,
  });
  return { clock, file, told, reloader };
}

describe("a reloader", () => {
  it("reads when signs have stopped for a while, once", async () => {
    const { clock, file, told, reloader } = subject();
    file.text = "log_dir: second";
    reloader.sign();
    await clock.advanceAsync(99);
    reloader.sign();
    await clock.advanceAsync(99);
    expect(reloader.stats.reads).toBe(0);
    await clock.advanceAsync(1);
    expect(told).toEqual(["first → second"]);
    expect(reloader.stats).toEqual({ reads: 1, changes: 1, refusals: 0, failedCallbacks: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("reads once a second when signs do not stop", async () => {
    const { clock, file, reloader } = subject();
    for (let n = 0; n < 60; n++) {
      file.text = `log_dir: d${n}`;
      reloader.sign();
      await clock.advanceAsync(50);
    }
    await clock.advanceAsync(1000);
    expect(reloader.stats.reads).toBe(3);
    expect(reloader.current.config.coordinator.logDir).toBe("d59");
  });

  it("tells nothing of comments and of signs without a change", async () => {
    const { clock, file, told, reloader } = subject();
    file.text = "# a remark\nlog_dir: first\n";
    reloader.sign();
    await clock.advanceAsync(100);
    expect(reloader.stats.reads).toBe(1);
    expect(told).toEqual([]);
  });

  it("keeps the old when the new is wrong, and tells of the same fault once", async () => {
    const { clock, file, told, reloader } = subject();
    file.text = "log_dir: /";
    for (let n = 0; n < 3; n++) {
      reloader.sign();
      await clock.advanceAsync(100);
    }
    expect(told).toEqual([expect.stringContaining('is "/"')]);
    expect(reloader.current.config.coordinator.logDir).toBe("first");
    expect(reloader.refused).toMatchObject({ code: "WAYBILL_CONFIG_INVALID" });
    expect(reloader.stats.refusals).toBe(3);
  });

  it("tells of a fault again after it was gone", async () => {
    const { clock, file, told, reloader } = subject();
    for (const text of ["log_dir: /", "log_dir: first", "log_dir: /"]) {
      file.text = text;
      reloader.sign();
      await clock.advanceAsync(100);
    }
    expect(told).toHaveLength(2);
    file.text = "log_dir: first";
    reloader.sign();
    await clock.advanceAsync(100);
    expect(reloader.refused).toBeUndefined();
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("log_dir cannot change");
      },
    ],
    ["rejects", () => Promise.reject(new Error("log_dir cannot change"))],
  ])("keeps the old when onChange %s", async (_, onChange) => {
    const { clock, file, told, reloader } = subject({ onChange });
    file.text = "log_dir: second";
    reloader.sign();
    await clock.advanceAsync(100);
    expect(told).toEqual(["Error: log_dir cannot change"]);
    expect(reloader.current.config.coordinator.logDir).toBe("first");
    expect(reloader.stats).toMatchObject({ changes: 0, refusals: 1 });
  });

  it("survives an onRefused that throws, and counts it", async () => {
    const { clock, file, reloader } = subject({
      onRefused: () => {
        throw new Error("no");
      },
    });
    file.text = "";
    reloader.sign();
    await clock.advanceAsync(100);
    expect(reloader.stats.failedCallbacks).toBe(1);
  });

  it("applies one change at a time, and then the one that came meanwhile", async () => {
    const applied: string[] = [];
    const ends: (() => void)[] = [];
    const { clock, file, reloader } = subject({
      onChange: ({ config }) => {
        applied.push(config.coordinator.logDir);
        return new Promise<void>((end) => ends.push(end));
      },
    });
    file.text = "log_dir: second";
    reloader.sign();
    await clock.advanceAsync(100);
    file.text = "log_dir: third";
    reloader.sign();
    await clock.advanceAsync(5000);
    expect(applied).toEqual(["second"]);
    expect(reloader.current.config.coordinator.logDir).toBe("first");
    ends[0]?.();
    await clock.advanceAsync(100);
    expect(applied).toEqual(["second", "third"]);
    ends[1]?.();
    await clock.advanceAsync(0);
    expect(reloader.current.config.coordinator.logDir).toBe("third");
  });

  it("is silent once closed, and waits for a change that is being applied", async () => {
    let end = (): void => undefined;
    const { clock, file, told, reloader } = subject({
      onChange: () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    });
    file.text = "log_dir: second";
    reloader.sign();
    await clock.advanceAsync(100);
    reloader.sign();
    let isClosed = false;
    const closed = reloader.close().then(() => {
      isClosed = true;
    });
    await clock.advanceAsync(1000);
    expect(isClosed).toBe(false);
    end();
    await closed;
    file.text = "";
    reloader.sign();
    await clock.advanceAsync(5000);
    expect(told).toEqual([]);
    expect(reloader.stats.reads).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});
