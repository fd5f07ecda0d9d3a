import { isDeepStrictEqual } from "node:util";
import type { ConfigResult } from "./waybill-config.ts";

/** One value that differs between two configurations; undefined where one of them has none. */
export interface ChangedSetting {
  /** Dotted path of the key. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

function valuesOf({ settings }: ConfigResult): ReadonlyMap<string, unknown> {
  return new Map(settings().map(({ path, value }) => [path, value]));
}

/** What changed from one configuration to the next, for whoever reports or refuses it: keys of `next` first, in order. */
export function changedSettings(previous: ConfigResult, next: ConfigResult): readonly ChangedSetting[] {
  const before = valuesOf(previous);
  const after = valuesOf(next);
  return [...new Set([...after.keys(), ...before.keys()])]
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }))
    .filter((change) => !isDeepStrictEqual(change.before, change.after));
}
