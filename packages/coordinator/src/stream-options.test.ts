import { resolveConfig } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { streamOptionsOf } from "./stream-options.ts";

const optionsOf = (performance: object) =>
  streamOptionsOf(resolveConfig({ logging: { performance } }).config.logging.performance);

describe("the options of streams", () => {
  it("are all decided by the configuration", () => {
    expect(optionsOf({})).toEqual({
      mode: "batched",
      batchEntriesMax: 1000,
      flushIntervalMs: 50,
      segmentBytesMax: 100 * 1_048_576,
      compress: true,
      queueBytesMax: 4 * 1_048_576,
    });
  });

  it.each([
    ["mode", { mode: "durable" }, { mode: "durable" }],
    ["async_writing", { async_writing: false }, { mode: "sync" }],
    ["batch_size", { batch_size: 17 }, { batchEntriesMax: 17 }],
    ["flush_interval_seconds", { flush_interval_seconds: 2.5 }, { flushIntervalMs: 2500 }],
    ["the shortest flush interval", { flush_interval_seconds: 0.001 }, { flushIntervalMs: 1 }],
    ["a flush interval between two milliseconds", { flush_interval_seconds: 0.0014 }, { flushIntervalMs: 1 }],
    ["max_file_size_mb", { max_file_size_mb: 1.5 }, { segmentBytesMax: 1_572_864 }],
    ["the smallest file", { max_file_size_mb: 0.001 }, { segmentBytesMax: 1048 }],
    ["enable_compression", { enable_compression: false }, { compress: false }],
    ["queue_limit_mb", { queue_limit_mb: 0.5 }, { queueBytesMax: 524_288 }],
    ["the smallest queue", { queue_limit_mb: 0.01 }, { queueBytesMax: 10_485 }],
  ])("follow %s", (_key, performance, expected) => {
    expect(optionsOf(performance)).toEqual({ ...optionsOf({}), ...expected });
  });
});
