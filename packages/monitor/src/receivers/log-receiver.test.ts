import { createRecorder } from "@waybill/testing";
import { describe, expect, it } from "vitest";
import { alertEvent } from "../../test/support/alert-events.ts";
import { createLogReceiver } from "./log-receiver.ts";

describe("createLogReceiver", () => {
  it("writes the sentence, and what programs need under the keys of the disk", () => {
    const log = createRecorder();
    void createLogReceiver(log).receive(alertEvent({ key: "strategy_001", durationMs: 1500 }));
    expect(log.entries).toEqual([
      expect.objectContaining({
        level: "WARNING",
        message: "the log tree takes 9 B, threshold 8 B",
        context: {
          lifecycle_operation: "resource_alert",
          alert_id: "event-1",
          alert: "disk_usage",
          key: "strategy_001",
          severity: "warning",
          state: "firing",
          change: "fired",
          value: 9,
          threshold: 8,
          unit: "bytes",
          at: "2026-01-01T00:00:00.000Z",
          duration_seconds: 1.5,
        },
      }),
    ]);
  });

  it("tells by the level how much it matters", () => {
    const log = createRecorder();
    const receiver = createLogReceiver(log);
    void receiver.receive(alertEvent({ severity: "critical" }));
    void receiver.receive(alertEvent({ severity: "critical", state: "ok" }));
    expect(log.entries.map(({ level }) => level)).toEqual(["ERROR", "INFO"]);
  });
});
