import { createFakeClock } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { createActivityLog } from "./activity-log.ts";

describe("createActivityLog", () => {
  it("shows the newest first, with the time at which it was noted", () => {
    const clock = createFakeClock();
    const log = createActivityLog(10, clock);
    log.note({ event: "container_created", containerId: "strategy_001", status: "success" });
    clock.advance(1500);
    log.note({ event: "log_rotation", file: "momentum.log", status: "failure", detail: "EACCES" });
    expect(log.recent()).toEqual([
      {
        timestamp: "2026-01-01T00:00:01.500Z",
        event: "log_rotation",
        file: "momentum.log",
        status: "failure",
        detail: "EACCES",
      },
      {
        timestamp: "2026-01-01T00:00:00.000Z",
        event: "container_created",
        containerId: "strategy_001",
        status: "success",
      },
    ]);
  });

  it("keeps the latest only", () => {
    const log = createActivityLog(2, createFakeClock());
    for (const event of ["a", "b", "c"]) log.note({ event, status: "success" });
    expect(log.recent().map(({ event }) => event)).toEqual(["c", "b"]);
  });

  it.each([0, 2.5])("refuses to keep %s", (max) => {
    expect(() => createActivityLog(max)).toThrow(RangeError);
  });
});
