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
}

/** The gauges of a log tree and its device, with the growth of one and the shrinking of the other. */
export interface TreeGauges {
  /**
   * @param atMs - monotonic milliseconds.
   * @param usage - undefined when the tree was not measured this time.
   * @param device - undefined when the device was not.
   */
  measure(atMs: number, usage: TreeUsage | undefined, device: DeviceSpace | undefined): DiskGauges;
}

/** @throws {RangeError} for a negative limit, or as `createForecast`. */
export function createTreeGauges(limits: DiskLimits = {}, options: ForecastOptions = {}): TreeGauges {
  const { maxTotalBytes, minFreeBytes = 0 } = limits;
  requireBytes("maxTotalBytes", maxTotalBytes);
  requireBytes("minFreeBytes", minFreeBytes);
  const size = createForecast(options);
  const free = createForecast(options);

  const forecastsOf = (usage: TreeUsage | undefined, device: DeviceSpace | undefined): Forecast[] => {
    const forecasts: Forecast[] = [];
    if (usage !== undefined && maxTotalBytes !== undefined)
      forecasts.push(size.forecast({ name: "max_total_size", bound: maxTotalBytes, direction: "rising" }));
    if (device !== undefined)
      forecasts.push(free.forecast({ name: "min_free_disk", bound: minFreeBytes, direction: "falling" }));
    return forecasts;
  };

  return {
    measure(atMs, usage, device) {
      if (usage !== undefined) size.add(atMs, usage.totalBytes);
      if (device !== undefined) free.add(atMs, device.freeBytes);
      const forecasts = forecastsOf(usage, device);
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
  };
}

function withoutContainers({ containers: _, ...usage }: TreeUsage): Omit<TreeUsage, "containers"> {
  return usage;
}

function requireBytes(name: string, bytes: number | undefined): void {
  if (bytes !== undefined && !(bytes >= 0 && bytes < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name} must be a number of bytes from 0, not ${bytes}`);
}
