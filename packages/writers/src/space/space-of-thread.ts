import type { Clock, FileSystem } from "@waybill/protocols";
import { meterFileSystem } from "./metered-file-system.ts";
import { RoomWatch } from "./room-watch.ts";
import { SpaceAccount } from "./space-account.ts";

/** How the streams of one thread keep to a space budget. */
export interface SpaceOfThread {
  /** Through which they write. */
  readonly fileSystem: FileSystem;
  /** Where they wait for room; undefined without a budget. */
  readonly room: RoomWatch | undefined;
}

/**
 * @param memory - of the budget; without one everything stays as it is, and costs nothing.
 * @param onPressure - see {@link SpaceAccount}.
 */
export function spaceOfThread(
  memory: SharedArrayBuffer | undefined,
  fileSystem: FileSystem,
  clock: Clock,
  onPressure: (grants: number) => void,
): SpaceOfThread {
  if (memory === undefined) return { fileSystem, room: undefined };
  const account = new SpaceAccount(memory, onPressure);
  return { fileSystem: meterFileSystem(fileSystem, account), room: new RoomWatch(account, clock) };
}
