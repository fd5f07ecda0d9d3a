/** What bounds one encoded entry, whatever a caller passes. */
export interface EncodingLimits {
  /**
   * Levels of nesting, `context` itself being the first. Integer, 1 to 100. Default 8. Deeper values become `[Object]`
   * or `[Array(n)]`.
   */
  readonly depthMax: number;
  /** Members of one object or elements of one array, map or set. Integer ≥ 1. Default 1,000. The rest: `[+N]`. */
  readonly membersMax: number;
  /** Values in one entry. Integer ≥ 1. Default 20,000: a graph that shares nodes can unfold without end. */
  readonly nodesMax: number;
  /**
   * UTF-16 units of one string value or message. Integer ≥ 1. Default 65,536. The rest is told by `…[+N]`. Lowered so
   * far that message and one string, each unit escaped, fit into a line.
   */
  readonly stringUnitsMax: number;
  /** Bytes of one line. Integer ≥ 131,072 (128 KiB). Default 1 MiB. */
  readonly lineBytesMax: number;
  /**
   * Milliseconds that one entry may take to encode. Integer ≥ 1. Default 50. Looked at every 64 values and counted
   * from the 64th, so that a usual entry never asks the clock.
   */
  readonly encodeMsMax: number;
}

/** The limits that hold unless others are given. */
export const defaultEncodingLimits: EncodingLimits = {
  depthMax: 8,
  membersMax: 1000,
  nodesMax: 20_000,
  stringUnitsMax: 65_536,
  lineBytesMax: 1_048_576,
  encodeMsMax: 50,
};

/** Ids, source, keys and closing marks: what a line needs beside its message and the strings of its context. */
const beside = 65_536;
/** The longest form of one UTF-16 unit: `\uXXXX`. */
export const escapedUnitBytes = 6;

const ranges: Readonly<Record<keyof EncodingLimits, readonly [min: number, max: number]>> = {
  depthMax: [1, 100],
  membersMax: [1, Number.MAX_SAFE_INTEGER],
  nodesMax: [1, Number.MAX_SAFE_INTEGER],
  stringUnitsMax: [1, Number.MAX_SAFE_INTEGER],
  lineBytesMax: [2 * beside, Number.MAX_SAFE_INTEGER],
  encodeMsMax: [1, Number.MAX_SAFE_INTEGER],
};

/**
 * The limits given, the defaults for those left out, and a string limit with which the line limit holds.
 *
 * @throws {RangeError} when a limit is no integer of its range.
 */
export function resolveEncodingLimits(limits: Partial<EncodingLimits>): EncodingLimits {
  const resolved = { ...defaultEncodingLimits, ...limits };
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const limit = resolved[name as keyof EncodingLimits];
    if (!Number.isInteger(limit) || limit < min || limit > max) {
      throw new RangeError(`${name} is ${limit}, not an integer from ${min} to ${max}`);
    }
  }
  const fitting = Math.floor((resolved.lineBytesMax - beside) / (2 * escapedUnitBytes));
  return { ...resolved, stringUnitsMax: Math.min(resolved.stringUnitsMax, fitting) };
}
