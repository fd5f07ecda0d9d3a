import type { AlertEvent } from "@waybill/monitor";
import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createDiskPressure } from "./disk-pressure.ts";

function event(alert: string, change: AlertEvent["change"] = "fired"): AlertEvent {
  return {
    id: "1",
    alert,
    key: undefined,
    severity: "warning",
    state: change === "resolved" ? "ok" : "firing",
    change,
    value: 9,
    threshold: 8,
    unit: "bytes",
    message: "m",
    atMs: 0,
    durationMs: 0,
  };
}

function subject() {
  const clock = createFakeClock();
  let calls = 0;
  const pressure = createDiskPressure(() => {
    calls += 1;
  }, clock);
  return { clock, pressure, calls: () => calls };
}

describe("createDiskPressure", () => {
  it("calls when an alert of the disk begins, and every 900 seconds while it lasts", () => {
    const { clock, pressure, calls } = subject();
    const disk = event("disk_usage");
    pressure.receive(disk);
    const seen = [0, 899_999, 1, 899_999, 1].map((ms) => {
      clock.advance(ms);
      pressure.look([disk]);
      return calls();
    });
    clock.advance(1_000_000);
    pressure.look([]);
    expect([seen, calls()]).toEqual([[1, 1, 2, 2, 3], 3]);
  });

  it("calls once for two alerts of one run, and at once for one that begins later", () => {
    const { clock, pressure, calls } = subject();
    const both = [event("disk_usage"), event("free_disk")];
    for (const each of both) pressure.receive(each);
    pressure.look(both);
    const first = calls();
    clock.advance(1000);
    pressure.receive(event("disk_usage", "resolved"));
    pressure.look([event("free_disk")]);
    const second = calls();
    pressure.receive(event("disk_usage"));
    pressure.look(both);
    expect([first, second, calls()]).toEqual([1, 1, 2]);
  });

  it("leaves alone what a clean-up cannot end", () => {
    const { clock, pressure, calls } = subject();
    const disk = event("disk_usage");
    pressure.receive(disk);
    pressure.look([disk]);
    clock.advance(1000);
    pressure.receive(event("error_rate"));
    pressure.look([disk, event("error_rate")]);
    clock.advance(900_000);
    pressure.look([event("error_rate")]);
    expect(calls()).toBe(1);
  });
});
