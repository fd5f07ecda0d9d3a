import { refused } from "../archive-errors.ts";

/** How much a bundle may unpack to. */
export interface UnpackLimits {
  /** Bytes of all members together, integer ≥ 1. Default 10 GiB. */
  readonly bytesMax?: number;
  /**
   * Unpacked bytes per byte of the bundle, > 0. Default 200: deflate reaches 1,032 with bytes that are all alike, logs
   * reach 10 to 40. The first 16 MiB are free.
   */
  readonly ratioMax?: number;
  /** Members, integer ≥ 1. Default 100,000. */
  readonly membersMax?: number;
}

const freeBytes = 16_777_216;

/** Counts what comes out of a bundle. */
export interface UnpackBudget {
  /** @throws {WaybillError} `WAYBILL_ARCHIVE_REFUSED` when it is too much. */
  takeBytes(bytes: number): void;
  /** @throws {WaybillError} as {@link UnpackBudget.takeBytes}. */
  takeMember(): void;
}

/** @param packedBytes - of the bundle. @throws {RangeError} for a limit that is none. */
export function createUnpackBudget(bundle: string, packedBytes: number, limits: UnpackLimits): UnpackBudget {
  const { bytesMax = 10_737_418_240, ratioMax = 200, membersMax = 100_000 } = limits;
  for (const [name, value] of Object.entries({ bytesMax, ratioMax, membersMax }))
    if (!(value > 0)) throw new RangeError(`${name} is a number above 0, not ${value}`);
  let bytes = 0;
  let members = 0;
  return {
    takeBytes(count) {
      bytes += count;
      if (bytes > bytesMax)
        throw refused(bundle, "limit", `it unpacks to more than ${bytesMax} bytes (bytesMax)`);
      if (bytes > freeBytes && bytes > packedBytes * ratioMax)
        throw refused(
          bundle,
          "limit",
          `it unpacks to more than ${ratioMax} times its ${packedBytes} bytes (ratioMax)`,
        );
    },
    takeMember() {
      members += 1;
      if (members > membersMax)
        throw refused(bundle, "limit", `it has more than ${membersMax} members (membersMax)`);
    },
  };
}
