import { describe, expect, it } from "vitest";
import { fullSnapshot } from "../../test/support/full-snapshot.ts";
import { snapshot } from "../../test/support/snapshots.ts";
import { formatPrometheus } from "./format-prometheus.ts";

function samplesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("formatPrometheus", () => {
  it("writes what was measured, in base units", () => {
    const samples = samplesOf(formatPrometheus(fullSnapshot()));
    expect(samples).toEqual(
      expect.arrayContaining([
        'waybill_records_total{level="error"} 8',
        "waybill_containers 8",
        "waybill_accepted_records_total 36",
        "waybill_written_records_total 30",
        "waybill_written_bytes_total 3000",
        'waybill_dropped_records_total{reason="queue_full"} 4',
        'waybill_dropped_records_total{reason="disk_full"} 1',
        "waybill_queued_records 1",
        "waybill_degraded_streams 1",
        "waybill_open_files 8",
        'waybill_write_latency_seconds_bucket{le="0.000064"} 2',
        'waybill_write_latency_seconds_bucket{le="0.000128"} 3',
        'waybill_write_latency_seconds_bucket{le="16.777216"} 4',
        'waybill_write_latency_seconds_bucket{le="+Inf"} 5',
        "waybill_write_latency_seconds_count 5",
        'waybill_disk_usage_bytes{kind="flow"} 100',
        'waybill_disk_usage_bytes{kind="other"} 1',
        'waybill_segments{state="sealed"} 2',
        "waybill_disk_limit_bytes 10000",
        "waybill_disk_free_bytes 5000000000",
        "waybill_disk_growth_bytes_per_second 12.5",
        'waybill_disk_full_in_seconds{limit="max_total_size"} 711.12',
        'waybill_event_loop_delay_seconds{stat="max"} 0.012',
        "waybill_process_open_files_limit 1024",
        "waybill_rotations_total 3",
        "waybill_retention_freed_bytes_total 4096",
        'waybill_monitor_unmeasured{source="device"} 1',
        "waybill_monitor_run_seconds 0.00025",
      ]),
    );
    expect(new Set(samples.map((line) => line.slice(0, line.lastIndexOf(" ")))).size).toBe(samples.length);
  });

  it("adds the kinds up to the whole tree", () => {
    const kinds = samplesOf(formatPrometheus(fullSnapshot())).filter((line) =>
      line.includes("disk_usage_bytes{"),
    );
    expect(kinds.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0)).toBe(1111);
  });

  it("leaves out what was not measured", () => {
    expect(samplesOf(formatPrometheus(snapshot()))).toEqual([
      "waybill_containers 0",
      "waybill_monitor_runs_total 1",
      "waybill_monitor_source_failures_total 0",
      "waybill_monitor_callback_failures_total 0",
      "waybill_monitor_run_seconds 0.00025",
    ]);
  });

  it("says 0 seconds when a limit is reached, and nothing when none will be", () => {
    const { disk } = snapshot();
    const limit = { name: "min_free_disk", bound: 0, direction: "falling" } as const;
    const full = formatPrometheus(snapshot({ disk: { ...disk, forecast: { state: "full", limit } } }));
    const steady = formatPrometheus(snapshot({ disk: { ...disk, forecast: { state: "steady" } } }));
    expect(full).toContain('waybill_disk_full_in_seconds{limit="min_free_disk"} 0\n');
    expect(steady).not.toContain("disk_full_in_seconds");
  });

  it("has no series per container unless asked, and then as many as it may", () => {
    const containers = (options: Parameters<typeof formatPrometheus>[1]) =>
      samplesOf(formatPrometheus(fullSnapshot(), options)).filter((line) => line.includes("container="));
    const left = (labelledContainersMax: number) =>
      formatPrometheus(fullSnapshot(), { containerLabels: true, labelledContainersMax });
    expect(containers({})).toEqual([]);
    expect(containers({ containerLabels: true })).toHaveLength(8 * 7);
    expect(containers({ containerLabels: true, labelledContainersMax: 2 })).toHaveLength(2 * 7);
    expect(left(2)).toContain("waybill_unlabelled_containers 6\n");
  });

  it("takes another prefix and a label for the coordinator", () => {
    const text = formatPrometheus(snapshot(), { prefix: "trading_logs", coordinatorId: "main" });
    expect(text).toContain('\ntrading_logs_containers{coordinator="main"} 0\n');
    expect(text).not.toContain("waybill");
  });

  it.each([{ prefix: "" }, { prefix: "1x" }, { prefix: "a-b" }, { labelledContainersMax: -1 }])(
    "refuses %j",
    (options) => {
      expect(() => formatPrometheus(snapshot(), options)).toThrow(/prefix|labelledContainersMax/);
    },
  );
});
