import { defaultTiers, type EventScope, type Tier } from "@waybill/protocols";
import { scopeOfTier } from "./event-scope.ts";
import { isScopeName } from "./scope-name.ts";

/** Where {@link TierScopes.unknownTiers} counts names that came after the list of remembered names was full. */
export const otherTiers = "(other)";

const unknownTiersMax = 128;

interface UnknownTier {
  readonly scope: EventScope;
  count: number;
}

/** The scopes of tiers, configured ones and those that callers made up. */
export interface TierScopes {
  /** The scopes of the configured tiers, by tier. */
  readonly configured: ReadonlyMap<unknown, EventScope>;
  /** The scope of whatever a caller gave as tier; never throws. */
  scopeOf(tier: unknown): EventScope;
  /** How often each unknown tier was seen. */
  unknownTiers(): ReadonlyMap<string, number>;
}

/**
 * Prepares the scope of every configured tier, and remembers up to 128 unknown ones.
 *
 * @throws {RangeError} when a configured tier is no valid name; see `isScopeName`.
 */
export function createTierScopes(
  tiers: readonly Tier[],
  onUnknownTier: ((name: string) => void) | undefined,
): TierScopes {
  const configured = new Map<unknown, EventScope>();
  for (const tier of [...defaultTiers, ...tiers]) {
    if (!isScopeName(tier)) {
      throw new RangeError(
        `tier ${JSON.stringify(tier)} is no valid name: use 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or a digit`,
      );
    }
    configured.set(tier, scopeOfTier(tier));
  }
  const unknown = new Map<string, UnknownTier>();
  let others = 0;

  function scopeOfUnknown(tier: unknown): EventScope {
    if (!isScopeName(tier)) return "external_standard_tier";
    const known = unknown.get(tier);
    if (known !== undefined) {
      known.count += 1;
      return known.scope;
    }
    const scope = scopeOfTier(tier);
    if (unknown.size >= unknownTiersMax) {
      others += 1;
      return scope;
    }
    // Remembered before the callback: a callback that logs with this very tier must not call itself again.
    unknown.set(tier, { scope, count: 1 });
    try {
      onUnknownTier?.(tier);
    } catch {
      // A failing observer must not change what is logged; the tier is counted all the same.
    }
    return scope;
  }

  return {
    configured,
    scopeOf: (tier) => configured.get(tier) ?? scopeOfUnknown(tier),
    unknownTiers() {
      const counts = new Map<string, number>();
      for (const [name, { count }] of unknown) counts.set(name, count);
      if (others > 0) counts.set(otherTiers, others);
      return counts;
    },
  };
}
