import type { DiskGauges } from "../snapshot.ts";
import type { DeviceSpace } from "./device-space.ts";
import { createForecast, type Forecast, type ForecastOptions, firstForecast } from "./forecast.ts";
import type { TreeUsage } from "./tree-usage.ts";

/** What the disk is measured against. */
export interface DiskLimits {
  /** Bytes that the whole tree may take, `max_total_size`. Default: no limit. */
  readonly maxTotalBytes?: number;
  /** Bytes that must stay free on the device, `min_free_disk`. Default 0: the device itself is the limit. */
  readonly minFreeBytes?: number;
  /** The same as a share of the capacity of the device, 0 to 1; the greater one counts. Default 0. */
  readonly minFreeShare?: number;
}

/** The gauges of a log tree and its device, with the growth of one and the shrinking of the other. */
export interface TreeGauges {
  /**
   * @param atMs - monotonic milliseconds.
   * @param usage - undefined when the tree was not measured this time.
   * @param device - undefined when the device was not.
   */
  measure(atMs: number, usage: TreeUsage | undefined, device: DeviceSpace | undefined): DiskGauges;
  /** Measures against other limits from now on; what was measured goes on. @throws as {@link requireDiskLimits}. */
  setLimits(limits: DiskLimits): void;
}

/** @throws {RangeError} for a limit that cannot be. */
export function requireDiskLimits({ maxTotalBytes, minFreeBytes, minFreeShare }: DiskLimits): void {
  requireBytes("maxTotalBytes", maxTotalBytes);
  requireBytes("minFreeBytes", minFreeBytes);
  if (minFreeShare !== undefined && !(minFreeShare >= 0 && minFreeShare <= 1))
    throw new RangeError(`minFreeShare must be from 0 to 1, not ${minFreeShare}`);
}

/** @throws as {@link requireDiskLimits} and `createForecast`. */
export function createTreeGauges(limits: DiskLimits = {}, options: ForecastOptions = {}): TreeGauges {
  requireDiskLimits(limits);
  let current = limits;
  const size = createForecast(options);
  const free = createForecast(options);

  const forecastsOf = (usage: TreeUsage | undefined, device: DeviceSpace | undefined): Forecast[] => {
    const { maxTotalBytes, minFreeBytes = 0, minFreeShare = 0 } = current;
    const forecasts: Forecast[] = [];
    if (usage !== undefined && maxTotalBytes !== undefined)
      forecasts.push(size.forecast({ name: "max_total_size", bound: maxTotalBytes, direction: "rising" }));
    if (device !== undefined) {
      const bound = Math.max(minFreeBytes, minFreeShare * device.capacityBytes);
      forecasts.push(free.forecast({ name: "min_free_disk", bound, direction: "falling" }));
    }
    return forecasts;
  };

  return {
    measure(atMs, usage, device) {
      if (usage !== undefined) size.add(atMs, usage.totalBytes);
      if (device !== undefined) free.add(atMs, device.freeBytes);
      const forecasts = forecastsOf(usage, device);
      const { maxTotalBytes } = current;
      return {
        usage: usage === undefined ? undefined : withoutContainers(usage),
        limitBytes: maxTotalBytes,
        usedShare:
          usage === undefined || maxTotalBytes === undefined ? undefined : usage.totalBytes / maxTotalBytes,
        freeBytes: device?.freeBytes,
        capacityBytes: device?.capacityBytes,
        growthBytesPerSecond: usage === undefined ? undefined : size.growthPerSecond(),
        forecast: forecasts.length === 0 ? undefined : firstForecast(forecasts),
      };
    },
    setLimits(changed) {
      requireDiskLimits(changed);
      current = changed;
    },
  };
}

function withoutContainers({ containers: _, ...usage }: TreeUsage): Omit<TreeUsage, "containers"> {
  return usage;
}

function requireBytes(name: string, bytes: number | undefined): void {
  if (bytes !== undefined && !(bytes >= 0 && bytes < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name} must be a number of bytes from 0, not ${bytes}`);
}
