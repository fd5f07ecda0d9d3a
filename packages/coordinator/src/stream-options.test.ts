import { resolveConfig } from "@waybill/config";
import { describe, expect, it } from "vitest";
import { poolOptionsOf, streamOptionsOf } from "./stream-options.ts";

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
      compressDelayMs: 60_000,
      queueBytesMax: 4 * 1_048_576,
      overflow: "drop_lowest_level",
      blockMsMax: 100,
      rotate: "never",
      timeZone: "UTC",
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
    ["overflow", { overflow: "drop_oldest" }, { overflow: "drop_oldest" }],
    ["overflow_wait_ms", { overflow: "block", overflow_wait_ms: 7 }, { overflow: "block", blockMsMax: 7 }],
    ["rotate", { rotate: "daily", time_zone: "Asia/Tokyo" }, { rotate: "daily", timeZone: "Asia/Tokyo" }],
    ["compression_delay", { compression_delay: "5m" }, { compressDelayMs: 300_000 }],
    ["the smallest queue", { queue_limit_mb: 0.01 }, { queueBytesMax: 10_485 }],
  ])("follow %s", (_key, performance, expected) => {
    expect(optionsOf(performance)).toEqual({ ...optionsOf({}), ...expected });
  });
});

describe("the options of all streams together", () => {
  it.each([
    ["their defaults", {}, { queuesBytesMax: 64 * 1_048_576 }],
    ["total_queue_limit", { total_queue_limit: "8MB" }, { queuesBytesMax: 8 * 1_048_576 }],
    ["max_open_files", { max_open_files: 40 }, { queuesBytesMax: 64 * 1_048_576, descriptorsMax: 40 }],
  ])("follow %s", (_key, performance, expected) => {
    expect(poolOptionsOf(resolveConfig({ logging: { performance } }).config.logging.performance)).toEqual(
      expected,
    );
  });
});
