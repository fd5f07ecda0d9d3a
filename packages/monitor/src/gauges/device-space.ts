import { statfs } from "node:fs/promises";

/** Room on the device of the log tree. */
export interface DeviceSpace {
  /** Bytes that this user may still take. */
  readonly freeBytes: number;
  readonly capacityBytes: number;
}

/** Asks for the room on the device of a path. @throws the error of the operating system. */
export async function readDeviceSpace(path: string): Promise<DeviceSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, capacityBytes: blocks * bsize };
}
