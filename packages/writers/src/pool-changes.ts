import { requireAllowance } from "./pool-allowance.ts";
import type { SharedStream } from "./shared-stream.ts";
import { type ResolvedStreamOptions, resolveStreamOptions } from "./writer-options.ts";
import type { WriterPoolChanges } from "./writer-pool.ts";

/**
 * What changes of a pool mean for its streams; changes nothing.
 *
 * @throws {TypeError | RangeError} for an option that cannot be, and what `streamOptionsOf` throws.
 */
export function planChanges(
  changes: WriterPoolChanges,
  streams: readonly SharedStream[],
): ReadonlyMap<SharedStream, ResolvedStreamOptions> {
  requireAllowance(changes);
  const { streamOptionsOf } = changes;
  const planned = new Map<SharedStream, ResolvedStreamOptions>();
  if (streamOptionsOf === undefined) return planned;
  for (const stream of streams) planned.set(stream, resolveStreamOptions(streamOptionsOf(stream.path)));
  return planned;
}
